/*
 * alarm.test.mjs — a service that ends again and again is an alarm, and one that stays up ends it; a node that is gone,
 * too (PLT-6, PLT-32).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isAlive, startInstance, until } from '../scenario/lib/instance.mjs';
import { makePrograms } from '../scenario/lib/programs.mjs';

let programs, pelago;

const find = async (key) => {
	const { status, stdout, stderr } = await pelago.pelago(['alarm', 'list', '--json']);
	assert.equal(status, 0, stderr);
	return JSON.parse(stdout).find((alarm) => alarm.key === key && alarm.source === 'node-common');
};

before(async () => {
	programs = await makePrograms([{ name: 'FakeOne', cluster: 1 }]);
	pelago = await startInstance({ programs });
});
after(async () => {
	await pelago?.stop();
	rmSync(programs, { recursive: true, force: true });
});

/* PLT-6, PLT-32 */
test('a service that does not stay up is an alarm, until it does', { timeout: 120000 }, async () => {
	const [folder] = readdirSync(join(pelago.data, 'bundles/FakeOne'));
	const program = join(pelago.data, 'bundles/FakeOne', folder, 'FakeOne');
	chmodSync(program, 0o644);
	process.kill((await pelago.processes()).FakeOne, 'SIGKILL');
	const alarm = await until('it is raised', () => find('service.failed'), 60000);
	assert.deepEqual([alarm.subject, alarm.severity], ['FakeOne', 'critical']);
	chmodSync(program, 0o755);
	await until('it is cleared', async () => !(await find('service.failed')), 60000);
	assert.ok(isAlive((await pelago.processes()).FakeOne));
});

/* PLT-32 */
test('a node that is not heard is an alarm, until it is', { timeout: 60000 }, async () => {
	const node = (await pelago.processes())['node-common'];
	const root = JSON.parse((await pelago.pelago(['status', '--json'])).stdout).pid;
	process.kill(root, 'SIGSTOP'); /* so that nobody brings it back */
	process.kill(node, 'SIGKILL');
	const alarm = await until('it is raised', () => find('node.unreachable'), 30000);
	assert.match(alarm.reason, /wasn't heard for 10 s/);
	process.kill(root, 'SIGCONT');
	await until('it is cleared', async () => !(await find('node.unreachable')), 30000);
});
