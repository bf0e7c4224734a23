/*
 * plan.test.mjs — the manager is killed in each step of each kind of plan, which the plans name themselves: each ends
 * as if it hadn't been.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeBundle } from '../scenario/lib/bundle.mjs';
import { run, startInstance, until } from '../scenario/lib/instance.mjs';
import { joinHost, list, nodeOf } from '../scenario/lib/join.mjs';
import { disturb, kill, newestOf } from '../scenario/lib/plans.mjs';
import { makePrograms } from '../scenario/lib/programs.mjs';

const install = ['service', 'install', 'Killed'], uninstall = ['service', 'uninstall', 'Killed', '--drop-data', '--yes'];

let programs, folder, pelago;

before(async () => {
	folder = mkdtempSync(join(tmpdir(), 'pelago-plan-'));
	programs = await makePrograms([{ name: 'FakeOne', cluster: 1 }]);
	pelago = await startInstance({ programs });
});
after(async () => {
	await pelago?.stop({ keep: process.env.PELAGO_KEEP });
	rmSync(folder, { recursive: true, force: true });
	if (programs) rmSync(programs, { recursive: true, force: true });
});

const json = async (...words) => {
	const { status, stdout, stderr } = await pelago.pelago([...words, '--json']);
	assert.equal(status, 0, stderr);
	return JSON.parse(stdout);
};
/* A host of this machine that trusts the same makers. */
const here = (_, words) => run(join(programs, 'pelago'), words);
const pids = async (host) => [(await pelago.processes())['node-common'], (await host.processes())[host.node]];
/* A host that has ended is forgotten. */
async function gone(node) {
	await until('it is silent', async () => (await nodeOf(pelago, node)).state === 'Unreachable');
	assert.equal((await pelago.pelago(['node', 'remove', node, '--yes'])).status, 0);
}
const stepsOf = async (words) => (await json(...words, '--dry-run')).steps.map(({ id }) => id);
const isDone = async (kind) => {
	try {
		return (await json('plan', 'list', '--kind', kind))[0].state === 'done';
	} catch {
		return false; /* the manager isn't back yet */
	}
};
/* The last plan is done, and the service as it says. */
const is = async (state) => {
	try {
		const plan = newestOf(await json('plan', 'list'));
		const [service] = (await json('service', 'list')).filter(({ name }) => name === 'Killed');
		return plan.state === 'done' && service.state === state;
	} catch {
		return false; /* the manager isn't back yet */
	}
};

test('PLT-11: the manager is killed in each step of a plan', { timeout: 300000 }, async (t) => {
	const file = await makeBundle(folder, { name: 'Killed', cluster: 5 }, { key: join(programs, 'bundles/maker.key') });
	assert.equal((await pelago.pelago(['service', 'load', file])).status, 0);
	const starts = await stepsOf(install);
	for (const step of starts) {
		await disturb(pelago, install, step, () => kill(pelago, 'Manager'));
		await until(`installed after ${step}`, () => is('Installed'), 60000);
		if (step !== starts.at(-1)) assert.equal((await pelago.pelago(uninstall)).status, 0);
	}
	const ends = await stepsOf(uninstall);
	for (const step of ends) {
		await disturb(pelago, uninstall, step, () => kill(pelago, 'Manager'));
		await until(`taken out after ${step}`, () => is('Loaded'), 60000);
		if (step !== ends.at(-1)) assert.equal((await pelago.pelago(install)).status, 0);
	}
	t.diagnostic(`killed in ${starts.join(', ')}, ${ends.join(', ')}`);
});

test('PLT-7: the manager is killed in each step of the restart of a cluster', { timeout: 120000 }, async (t) => {
	const host = await joinHost(pelago, 'Cluster1_CC', { exec: here });
	try {
		const words = ['cluster', 'restart', 'Cluster1_CC', '--yes'];
		const steps = await stepsOf(words);
		assert.equal(steps.length, 2);
		for (const step of steps) {
			const before = await pids(host);
			const { status, stderr } = await disturb(pelago, words, step, () => kill(pelago, 'Manager'));
			assert.equal(status, 0, stderr);
			const after = await pids(host);
			assert.ok(after.every((pid, i) => pid && pid !== before[i]), `${step}: each restarted: ${before} ${after}`);
		}
		assert.equal((await list(pelago, 'plan')).filter(({ kind }) => kind === 'restart').length, steps.length);
		t.diagnostic(`killed in ${steps.join(', ')}`);
	} finally {
		await host.stop();
		await gone(host.node);
	}
});

test('PLT-3: the manager is killed in each step in which certificates are renewed', { timeout: 120000 }, async () => {
	const words = ['certificate', 'renew', '--cluster', 'Cluster1_CC', '--yes'];
	const serials = async () => (await json('certificate', 'list')).filter(({ name }) => name !== 'ca').map(({ serial }) => serial);
	for (const step of await stepsOf(words)) {
		const before = await serials();
		const { status, stderr } = await disturb(pelago, words, step, () => kill(pelago, 'Manager'));
		assert.equal(status, 0, stderr);
		assert.deepEqual((await serials()).filter((serial) => before.includes(serial)), []);
	}
});

test('PLT-30: the manager is killed in each step of a run of tests', { timeout: 120000 }, async () => {
	for (const words of [['test', 'run', '--node', 'node-common'], ['test', 'run']]) {
		const [step] = await stepsOf(words);
		await disturb(pelago, words, step, () => kill(pelago, 'Manager'));
		await until(`${words.join(' ')} is over`, () => isDone('test'), 60000);
		const runs = await json('test', 'runs');
		assert.ok(runs.every(({ state }) => state !== 'Running'));
	}
});

test('PLT-3: the manager is killed in each step in which a host joins', { timeout: 180000 }, async () => {
	const steps = ['admit', 'arrive', 'settle'];
	for (const step of steps) {
		const data = mkdtempSync(join(tmpdir(), 'pelago-host-'));
		const token = (await pelago.pelago(['node', 'join-token', '--cluster', 'Cluster1_CC'])).stdout.trim();
		const call = (...words) => here(undefined, [...words, '--data', data]);
		const before = (await json('plan', 'list', '--kind', 'join')).length;
		const joined = call('up', '--detach', '--join', token);
		const [plan] = await until('its plan', async () => {
			const plans = await json('plan', 'list', '--kind', 'join').catch(() => []); /* the bus has other things to do */
			return plans.length > before && plans;
		});
		const shown = await until('it is shown', () => json('plan', 'show', plan.id).catch(() => undefined));
		assert.deepEqual(shown.steps.map(({ action }) => action), steps);
		await until(`${step} has begun`, async () => (await json('plan', 'show', plan.id).catch(() => undefined))?.steps.some(({ action, state }) => action === step && state !== 'waiting'));
		await kill(pelago, 'Manager');
		assert.equal((await joined).status, 0, (await joined).stderr);
		await until('it has joined', () => isDone('join'), 60000);
		const name = plan.title.replace('Join ', '');
		assert.equal((await nodeOf(pelago, name)).state, 'Stable');
		assert.equal((await call('down')).status, 0);
		await gone(name);
		rmSync(data, { recursive: true, force: true });
	}
});
