/*
 * service.test.mjs — bundles are loaded or refused, services are installed and taken out, by plans that end
 * whatever dies meanwhile.
 *
 * Services are stand-ins (lib/bundle.mjs).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeBundle, makeKey } from './lib/bundle.mjs';
import { run, startInstance, until } from './lib/instance.mjs';
import { joinHost, untilStable } from './lib/join.mjs';
import { disturb, kill, newestOf } from './lib/plans.mjs';
import { makePrograms } from './lib/programs.mjs';

let programs, folder, pelago, maker, stranger;

before(async () => {
	folder = mkdtempSync(join(tmpdir(), 'pelago-service-'));
	programs = await makePrograms([{ name: 'FakeOne', cluster: 1 }]);
	pelago = await startInstance({ programs });
	maker = { key: join(programs, 'bundles/maker.key') };
	stranger = await makeKey(join(folder, 'stranger'), 'stranger');
});
after(async () => {
	await pelago?.stop({ keep: process.env.PELAGO_KEEP });
	rmSync(folder, { recursive: true, force: true });
	if (programs) rmSync(programs, { recursive: true, force: true });
});

const cli = (...words) => pelago.pelago(words);
async function done(...words) {
	const { status, stdout, stderr } = await cli(...words);
	assert.equal(status, 0, `${words.join(' ')}: ${stderr}`);
	return stdout;
}
async function refused(status, reason, ...words) {
	const answer = await cli(...words);
	assert.deepEqual([answer.status, reason.test(answer.stderr)], [status, true], `${words.join(' ')}: ${answer.status} ${answer.stderr}`);
}
const json = async (...words) => JSON.parse(await done(...words, '--json'));
const bundle = (manifest) => makeBundle(folder, { cluster: 5, ...manifest }, maker);
const load = async (manifest) => done('service', 'load', await bundle(manifest));
/* "NAME VERSION STATE" of all that isn't FakeOne. */
const states = async () => (await json('service', 'list')).filter(({ name }) => name !== 'FakeOne').map(({ name, version, state }) => `${name} ${version} ${state}`);
const newest = async () => json('plan', 'show', newestOf(await json('plan', 'list')).id);
const database = (name) => join(pelago.data, `services/${name}/store.db`);

/* PLT-3 PLT-11 */
test('a service that came after a host has joined runs there, too, also as another version, and the bus keeps its rights when the host goes', { timeout: 120000 }, async () => {
	const host = await joinHost(pelago, 'Cluster5_Connectors', { exec: (_, words) => run(join(programs, 'pelago'), words) }); /* it trusts the same makers */
	const instances = async () => (await json('service', 'list')).find(({ name, cluster }) => name === 'Later' && cluster)?.instances.map(({ node, state }) => `${node} ${state}`);
	const divided = ['node-connectors Running', `${host.node} Standby`];
	try {
		await untilStable(pelago, host.node);
		await load({ name: 'Later' });
		assert.equal((await json('service', 'install', 'Later')).state, 'done');
		await until('one works, one stands by', async () => (await instances()).filter((one) => /Running|Standby/.test(one)).length === 2);
		assert.match(readFileSync(join(pelago.data, 'bus/members.json'), 'utf8'), /"Later"/);
		await load({ name: 'Later', version: '0.2.0' });
		const plan = await json('service', 'install', 'Later@0.2.0');
		assert.deepEqual([plan.state, plan.steps.filter(({ id }) => id.startsWith('switch:')).length], ['done', 2]);
		await refused(4, /is running: stop it first/, 'node', 'remove', host.node, '--yes');
	} finally {
		await host.stop();
	}
	await until('it can be forgotten', async () => (await cli('node', 'remove', host.node, '--yes')).status === 0);
	await until('the other one works', async () => (await instances()).join() === divided[0]);
	await until('its keys are worth nothing', () => !readFileSync(join(pelago.data, 'bus/nats.conf'), 'utf8').includes(`on the host of ${host.node}`));
	const { 'Later.2': second, Later: first } = await pelago.processes();
	process.kill(second ?? first, 'SIGKILL'); /* it connects anew, by the rights that there are now */
	await until('it is back', async () => {
		const now = await pelago.processes();
		return (now['Later.2'] ?? now.Later) !== (second ?? first) && (await instances()).join() === divided[0];
	});
	await done('service', 'uninstall', 'Later', '--yes');
	for (const version of ['0.1.0', '0.2.0']) await done('service', 'delete', `Later@${version}`, '--yes');
});

/* PLT-10 */
describe('a bundle', () => {
	test('is refused when it is unsigned, cut, altered, of a stranger, or too new, with the reason', async () => {
		await refused(4, /isn't signed/, 'service', 'load', await makeBundle(join(folder, 'unsigned'), { name: 'Odd' }));
		const cut = await makeBundle(join(folder, 'cut'), { name: 'Odd' }, maker);
		truncateSync(cut, 5000);
		await refused(4, /damaged or cut/, 'service', 'load', cut);
		const altered = await makeBundle(join(folder, 'altered'), { name: 'Odd' }, maker);
		const bytes = readFileSync(altered);
		bytes[3000] ^= 1;
		writeFileSync(altered, bytes);
		await refused(4, /damaged|altered/, 'service', 'load', altered);
		writeFileSync(altered, '');
		await refused(4, /empty/, 'service', 'load', altered);
		await refused(1, /doesn't exist/, 'service', 'load', join(folder, 'nothing.svar'));
		const foreign = await makeBundle(join(folder, 'foreign'), { name: 'Odd' }, stranger);
		await refused(4, /key that isn't trusted/, 'service', 'load', foreign);
		const fresh = await makeBundle(join(folder, 'fresh'), { name: 'Odd' }, maker);
		const packed = await run(join(programs, 'pelago'), ['bundle', 'pack', fresh.replace(/\.svar$/, ''), '--key', maker.key, '--out', fresh, '--requires', '99.0.0']);
		assert.equal(packed.status, 0, packed.stderr);
		await refused(4, /requires Pelago 99\.0\.0, this is .*upgrade Pelago first/, 'service', 'load', fresh);
		assert.deepEqual(await states(), []);

		/* and taken once its maker is trusted, by an administrator's word */
		await done('bundle', 'trust', stranger.pub);
		assert.equal((await json('bundle', 'verify', foreign)).signer, 'stranger');
		await done('service', 'load', foreign);
		await done('service', 'delete', 'Odd@0.1.0', '--yes');
	});

	test('of the same name and version with other contents is refused', async () => {
		await load({ name: 'Twice' });
		await load({ name: 'Twice' }); /* the same again */
		await refused(4, /Twice 0\.1\.0 is loaded already, with other contents/, 'service', 'load', await bundle({ name: 'Twice', title: 'another' }));
		await done('service', 'delete', 'Twice@0.1.0', '--yes');
	});
});

/* PLT-11 PLT-14 */
describe('a service', () => {
	test('is loaded, installed, replaced, taken out and deleted', async () => {
		await load({ name: 'Sample', version: '1.0.0' });
		await load({ name: 'Sample', version: '1.10.0' });
		await load({ name: 'Sample', version: '1.9.0' });
		assert.deepEqual(await states(), ['Sample 1.0.0 Loaded', 'Sample 1.9.0 Loaded', 'Sample 1.10.0 Loaded']);
		await refused(1, /there is no cluster 'Nowhere'/, 'service', 'install', 'Sample', '--cluster', 'Nowhere');
		await refused(1, /Sample 3\.0\.0 isn't loaded/, 'service', 'install', 'Sample@3.0.0');

		const shown = await json('service', 'install', 'sample', '--dry-run');
		assert.equal(shown.state, 'planned');
		assert.equal((await states())[2], 'Sample 1.10.0 Loaded', 'a dry run changes nothing');
		await done('service', 'install', 'sample');
		assert.deepEqual((await states())[2], 'Sample 1.10.0 Installed');
		const [{ nodes, cluster, instances }] = (await json('service', 'list')).filter(({ version }) => version === '1.10.0');
		assert.deepEqual([nodes, cluster], [['node-connectors'], 'Cluster5_Connectors']);
		assert.equal(instances[0].pid, (await pelago.processes()).Sample);
		await done('service', 'install', 'Sample@1.10.0'); /* again */

		await done('service', 'prefer', 'Sample@1.9.0');
		await done('service', 'install', 'Sample');
		assert.deepEqual(await states(), ['Sample 1.0.0 Loaded', 'Sample 1.9.0 Installed', 'Sample 1.10.0 Loaded'], 'one version a cluster');
		await refused(4, /in use in Cluster5_Connectors/, 'service', 'delete', 'Sample@1.9.0', '--yes');
		assert.equal((await cli('service', 'uninstall', 'Sample')).status, 2, 'without a terminal it wants --yes');

		const { id } = await newest();
		await done('plan', 'undo', id, '--yes');
		assert.equal((await states())[2], 'Sample 1.10.0 Installed', 'the plan was taken back');

		await done('service', 'uninstall', 'Sample', '--yes');
		assert.ok(existsSync(database('Sample')) || process.env.PELAGO_STORE === 'postgresql', 'its database stays');
		assert.equal((await states())[2], 'Sample 1.10.0 Loaded');
		assert.equal((await pelago.processes()).Sample, undefined);
		await done('service', 'install', 'Sample');
		await done('service', 'uninstall', 'Sample', '--drop-data', '--force', '--yes');
		assert.ok(!existsSync(database('Sample')), 'its database is gone');
		await refused(4, /can't be undone/, 'plan', 'undo', (await newest()).id, '--yes');
		for (const version of ['1.0.0', '1.9.0', '1.10.0']) await done('service', 'delete', `Sample@${version}`, '--yes');
		await refused(1, /isn't loaded/, 'service', 'delete', 'Sample@1.0.0', '--yes');
		assert.deepEqual(await states(), []);
	});

	/* PLT-12 */
	test('goes in after what it requires, many at once; SolutionConfiguration first in, last out', async () => {
		await load({ name: 'Upper', requires: ['Lower'] });
		await load({ name: 'Lower' });
		await load({ name: 'SolutionConfiguration', cluster: 'provisioning' });
		await refused(4, /Upper requires Lower, which isn't installed/, 'service', 'install', 'Upper');
		const waits = (plan, id) => plan.steps.find((step) => step.id.startsWith(id)).after.map((one) => one.split(':').slice(0, 2).join(':'));
		const plan = await json('service', 'install', 'Upper', 'OceanaConfiguration', 'Lower');
		assert.equal(plan.state, 'done');
		assert.deepEqual(waits(plan, 'install:Upper').filter((id) => id.startsWith('install')).sort(), ['install:Lower', 'install:SolutionConfiguration']);
		assert.deepEqual(waits(plan, 'install:Lower').filter((id) => id.startsWith('install')), ['install:SolutionConfiguration']);
		assert.deepEqual(waits(plan, 'install:SolutionConfiguration').filter((id) => id.startsWith('install')), []);
		await refused(4, /Upper requires Lower/, 'service', 'uninstall', 'Lower', '--yes');
		const back = await json('service', 'uninstall', 'Lower', 'Upper', 'SolutionConfiguration', '--yes');
		assert.equal(back.state, 'done');
		assert.deepEqual(waits(back, 'drain:SolutionConfiguration').sort(), ['forget:Lower', 'forget:Upper']);
		assert.deepEqual(waits(back, 'drain:Lower').sort(), ['forget:Upper']);
		for (const name of ['Upper', 'Lower', 'SolutionConfiguration']) await done('service', 'delete', `${name}@0.1.0`, '--yes');
	});
});

describe('a plan', () => {
	test('ends although the manager is killed meanwhile', { timeout: 60000 }, async () => {
		await load({ name: 'Killed' });
		await disturb(pelago, ['service', 'install', 'Killed'], 'stage:Killed:Cluster5_Connectors', () => kill(pelago, 'Manager'));
		await until('installed', async () => (await states().catch(() => []))[0] === 'Killed 0.1.0 Installed' && (await newest()).state === 'done');
		await disturb(pelago, ['service', 'uninstall', 'Killed', '--yes'], 'remove:Killed:Cluster5_Connectors', () => kill(pelago, 'Manager'));
		await until('taken out', async () => (await states().catch(() => []))[0] === 'Killed 0.1.0 Loaded' && (await newest()).state === 'done');
		await done('service', 'delete', 'Killed@0.1.0', '--yes');
	});

	test('waits for a node that has vanished, says so, and goes on when it is back', { timeout: 60000 }, async () => {
		const { pid: root } = await json('status');
		const { 'node-connectors': node } = await pelago.processes();
		await load({ name: 'Vanished' });
		process.kill(root, 'SIGSTOP'); /* so that nobody starts another one */
		process.kill(node, 'SIGSTOP');
		const ended = cli('service', 'install', 'Vanished');
		try {
			await until('it says so', async () => (await newest()).steps.some(({ detail }) => /node-connectors isn't heard/.test(detail)));
			await until('it is seen', async () => String(await states()) === 'Vanished 0.1.0 Installing 0/1');
			await refused(4, /plan .* runs; wait for it/, 'service', 'uninstall', 'FakeOne', '--yes');
		} finally {
			process.kill(node, 'SIGCONT');
			process.kill(root, 'SIGCONT');
		}
		assert.equal((await ended).status, 0);
		await until('it is seen', async () => String(await states()) === 'Vanished 0.1.0 Installed');
		await done('service', 'uninstall', 'Vanished', '--force', '--yes');
		await done('service', 'delete', 'Vanished@0.1.0', '--yes');
	});

	test('waits for room on a full disk of a node, and says what to do', { timeout: 60000 }, async () => {
		const place = join(pelago.data, 'bundles');
		await load({ name: 'Full' });
		const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', place]);
		assert.equal(mounted.status, 0, 'this test mounts a file system: run it as root');
		try {
			const ended = cli('service', 'install', 'Full');
			await until('it says so', async () => (await newest()).steps.some(({ detail }) => /disk of .* is full: make room there/.test(detail)));
			assert.equal((await run('mount', ['-o', 'remount,size=64m', place])).status, 0);
			assert.equal((await ended).status, 0);
			assert.deepEqual(await states(), ['Full 0.1.0 Installed']);
			await done('service', 'uninstall', 'Full', '--yes');
			await done('service', 'delete', 'Full@0.1.0', '--yes');
		} finally {
			await run('umount', ['-l', place]);
		}
	});
});
