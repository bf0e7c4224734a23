/*
 * replication.test.mjs — each node has its own copy of its configuration, and the manager knows which; what differs is
 * fetched anew (PLT-4, PLT-5).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startInstance, until } from './lib/instance.mjs';
import { makePrograms } from './lib/programs.mjs';

describe('replication', () => {
	let programs, pelago;

	const copy = (node) => join(pelago.data, `nodes/${node}/desired.json`);
	const read = (node) => JSON.parse(readFileSync(copy(node), 'utf8'));
	const status = async () => {
		const { status: code, stdout, stderr } = await pelago.pelago(['replication', 'status', '--json']);
		assert.equal(code, 0, stderr);
		return JSON.parse(stdout);
	};
	const of = async (node) => (await status()).find((row) => row.node === node);
	const allSynchronized = () => until('all are synchronized', async () => {
		const rows = await status().catch(() => []);
		return rows.length === 6 && rows.every((row) => row.state === 'Synchronized') && rows;
	});

	before(async () => {
		programs = await makePrograms([{ name: 'FakeOne', cluster: 1 }]);
		pelago = await startInstance({ programs });
	});
	after(async () => {
		await pelago?.stop();
		rmSync(programs, { recursive: true, force: true });
	});

	/* PLT-5 */
	test('each node has confirmed the version and checksum that it should have', async () => {
		for (const row of await allSynchronized()) {
			assert.equal(row.checksum, row.wantedChecksum);
			assert.equal(row.version, row.wantedVersion);
			assert.equal(read(row.node).version, row.version);
			await until(`${row.node} was heard`, async () => Math.abs(Date.now() - (await of(row.node)).confirmedMs) < 10000);
		}
	});

	/* PLT-5 */
	test('a change is confirmed by all', async () => {
		const before = (await of('node-common')).version;
		assert.equal((await pelago.pelago(['cluster', 'deny', 'Cluster1_CC', '--yes'])).status, 0);
		await until('a newer version is there', async () => (await of('node-common')).version > before);
		await allSynchronized();
		assert.equal(read('node-common').services[0].accepting, false);
	});

	/* PLT-5 */
	test('a copy that was altered is found, and fetched whole', { timeout: 60000 }, async () => {
		const altered = read('node-common');
		altered.services[0].accepting = true;
		writeFileSync(copy('node-common'), JSON.stringify(altered));
		await until('it is as it should be', () => read('node-common').services[0].accepting === false, 30000);
		await allSynchronized();
		writeFileSync(copy('node-common'), '{"version":');
		await until('it is whole', () => { try { return read('node-common').services; } catch { return false; } }, 30000);
		await allSynchronized();
	});

	/* PLT-5 */
	test('resync of one node, and of all; of none that there is', async () => {
		const number = () => read('node-ocp').resync;
		const had = number();
		const one = await pelago.pelago(['replication', 'resync', 'node-ocp', '--json']);
		assert.equal(JSON.parse(one.stdout).state, 'Audit');
		await until('it has it anew', () => number() === had + 1);
		assert.match((await pelago.pelago(['replication', 'resync'])).stdout, /^6 nodes/);
		await until('it has it anew', () => number() === had + 2);
		await allSynchronized();
		const none = await pelago.pelago(['replication', 'resync', 'node-none']);
		assert.deepEqual([none.status, none.stderr.includes("there is no node 'node-none'")], [1, true]);
	});

	/* PLT-4, PLT-5 */
	test('with the manager killed all go on; it comes back and knows', async () => {
		const { FakeOne } = await pelago.processes();
		process.kill((await pelago.processes()).Manager, 'SIGKILL');
		await allSynchronized();
		assert.equal((await pelago.processes()).FakeOne, FakeOne);
	});

	/* PLT-5 */
	test('a copy that can not be written is Failed with the reason, and an alarm, until it can', { timeout: 60000 }, async () => {
		const folder = join(pelago.data, 'nodes/node-agent/desired.json');
		rmSync(folder);
		mkdirSync(join(folder, 'in-the-way'), { recursive: true });
		const row = await until('it has failed', async () => {
			const found = await of('node-agent');
			return found.state === 'Failed' && found;
		}, 30000);
		assert.match(row.error, /desired\.json/);
		const alarms = async () => JSON.parse((await pelago.pelago(['alarm', 'list', '--json'])).stdout).filter((one) => one.key === 'replication.failed' && one.source === 'node-agent');
		await until('it is an alarm', async () => (await alarms()).length === 1);
		rmSync(folder, { recursive: true });
		await allSynchronized();
		await until('the alarm is cleared', async () => (await alarms()).length === 0);
	});
});
