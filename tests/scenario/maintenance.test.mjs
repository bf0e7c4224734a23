/*
 * maintenance.test.mjs — maintenance tests of real nodes: after an install, on demand, with what they saw; a machine
 * where something is wrong fails just that (PLT-30).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort, startInstance, until } from './lib/instance.mjs';
import { makePrograms } from './lib/programs.mjs';

const KEYS = ['bus', 'database', 'disk', 'clock', 'certificates', 'services', 'dns', 'address', 'reverse-dns', 'ports', 'tls', 'replication'];
const OF_THE_MACHINE = ['dns', 'reverse-dns', 'disk']; /* these may fail where the test runs */

describe('maintenance tests', () => {
	let programs, pelago;

	const cli = async (...words) => {
		const { status, stdout, stderr } = await pelago.pelago([...words, '--json']);
		assert.ok([0, 1].includes(status) && stdout, stderr);
		return JSON.parse(stdout);
	};
	const runs = () => cli('test', 'runs');
	const failures = (results) => results.filter((one) => one.result !== 'Success' && !OF_THE_MACHINE.includes(one.test));
	const alarms = async (key) => (await cli('alarm', 'list')).filter((one) => one.key === key && one.source === 'node-common');

	before(async () => {
		programs = await makePrograms([{ name: 'FakeOne', cluster: 1 }]);
		pelago = await startInstance({ programs });
	});
	after(async () => {
		await pelago?.stop();
		rmSync(programs, { recursive: true, force: true });
	});

	/* PLT-30 */
	test('they run by themselves after the install, on each node, and say what they saw', { timeout: 60000 }, async () => {
		const all = await until('all nodes have run them', async () => {
			const rows = await runs();
			return rows.length >= 6 && rows.every((run) => run.state !== 'Running') && rows;
		}, 40000);
		assert.ok(all.every((run) => run.why === 'install'));
		const results = await cli('test', 'list', '--node', 'node-common');
		assert.deepEqual(results.map((one) => one.test), KEYS);
		assert.deepEqual(failures(results), []);
		const evidence = Object.fromEntries(results.map((one) => [one.test, one.evidence]));
		assert.match(evidence.bus, /published and received in [\d.]+ ms; the event log is there/);
		assert.match(evidence.database, /1 databases written/);
		assert.match(evidence.clock, /^-?\d{1,3} ms from the manager's/);
		assert.match(evidence.certificates, /are good, the first ends in 8\d\d days/);
		assert.match(evidence.services, /1 serve/);
		assert.match(evidence.ports, new RegExp(`HTTPS 127.0.0.1:${pelago.httpsPort} answers; HTTP 127.0.0.1:${pelago.httpPort} answers`));
		assert.match(evidence.tls, /bus 127.0.0.1:\d+ takes 1.2 or newer only; HTTPS .* takes 1.2 or newer only/);
		assert.match(evidence.replication, /^checksum [0-9a-f]{32}, wanted is/);
		for (const cluster of await cli('cluster', 'list')) {
			const failed = (await cli('test', 'list')).filter((one) => one.cluster === cluster.name && one.result !== 'Success');
			assert.equal(cluster.testsPass, failed.length === 0, cluster.name);
		}
	});

	/* PLT-30 */
	test('what is wrong on a node fails there, with the reason, and is an alarm; put right, it passes', { timeout: 60000 }, async () => {
		const good = join(pelago.data, 'tls/edge.pem');
		const kept = readFileSync(good);
		const settings = join(pelago.data, 'pelago.json');
		const before = readFileSync(settings, 'utf8');
		const port = await freePort();
		writeFileSync(good, 'no certificate');
		writeFileSync(settings, JSON.stringify({ ...JSON.parse(before), httpsPort: port })); /* nobody listens there */
		const results = await cli('test', 'run', '--node', 'node-common');
		writeFileSync(settings, before);
		assert.deepEqual(failures(results).map((one) => one.test).sort(), ['certificates', 'ports', 'tls']);
		assert.match(results.find((one) => one.test === 'certificates').evidence, /edge\.pem: can't be read/);
		assert.match(results.find((one) => one.test === 'ports').evidence, new RegExp(`HTTPS 127.0.0.1:${port} doesn't answer`));
		assert.match(results.find((one) => one.test === 'tls').evidence, /doesn't take TLS 1.2/);
		assert.equal((await alarms('certificate.expiring')).length, 1);
		assert.equal((await cli('cluster', 'list'))[0].testsPass, false);
		writeFileSync(good, kept);
		assert.deepEqual(failures(await cli('test', 'run', '--node', 'node-common')), []);
		assert.equal((await alarms('certificate.expiring')).length, 0);
	});

	/* PLT-30 */
	test('a run outlives the manager and the node that are killed meanwhile', { timeout: 60000 }, async () => {
		const running = pelago.pelago(['test', 'run', '--node', 'node-common', '--json']);
		await until('it is wanted', async () => (await runs()).some((run) => run.state === 'Running' || run.why === 'demand'));
		const { Manager, 'node-common': node } = await pelago.processes();
		process.kill(Manager, 'SIGKILL');
		process.kill(node, 'SIGKILL');
		await running;
		await until('it is over', async () => {
			const rows = await runs().catch(() => []);
			return rows.length > 0 && rows.every((run) => run.state !== 'Running');
		}, 40000);
	});

	/* PLT-30 */
	test('a node that is not there, and a schedule that can not be, are refused', async () => {
		const none = await pelago.pelago(['test', 'run', '--node', 'node-none']);
		assert.deepEqual([none.status, /there is no node 'node-none'/.test(none.stderr)], [1, true]);
		for (const hours of ['-1', '1000', 'often']) assert.equal((await pelago.pelago(['test', 'schedule', hours])).status, 2, hours);
		assert.equal((await cli('test', 'schedule')).hours, 24);
		assert.equal((await cli('test', 'schedule', '6')).hours, 6);
		assert.equal((await cli('test', 'schedule')).hours, 6);
	});
});
