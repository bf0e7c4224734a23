/*
 * plan.test.mjs — the manager is killed in each step of the plans that install a service and take it out, which
 * the plans name themselves: each ends as if it hadn't been.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeBundle } from '../scenario/lib/bundle.mjs';
import { startInstance, until } from '../scenario/lib/instance.mjs';
import { disturb, kill } from '../scenario/lib/plans.mjs';
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
const stepsOf = async (words) => (await json(...words, '--dry-run')).steps.map(({ id }) => id);
/* The last plan is done, and the service as it says. */
const is = async (state) => {
	try {
		const [plan] = await json('plan', 'list');
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
