/*
 * overload.test.mjs — a host whose disk is nearly full for a minute gives its work to the others of its cluster,
 * says so, and gets work again when there is room; on the last node of a cluster it is an alarm alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { smallDisk } from '../scenario/lib/disk.mjs';
import { run, startInstance, until } from '../scenario/lib/instance.mjs';
import { joinHost, list, nodeOf, untilStable, working } from '../scenario/lib/join.mjs';

const CLUSTER = 'Cluster2_UAC';
const MINUTE_MS = 100000; /* and what it takes to measure */

let pelago, disk, host;

before(async () => {
	disk = await smallDisk(400);
	assert.ok(disk, 'this test mounts a file system: run it as root');
	pelago = await startInstance({ demo: true });
	host = await joinHost(pelago, CLUSTER, { data: join(disk.folder, 'host') });
});
after(async () => {
	await host?.stop();
	await pelago?.stop();
	await disk?.remove();
});

const alarm = async () => (await list(pelago, 'alarm')).find((one) => one.key === 'node.overloaded' && one.source === host.node && !one.clearedMs);

test('PLT-8: a node with a full disk is relieved, and works again when there is room', { timeout: 280000 }, async () => {
	await untilStable(pelago, host.node);
	const nodes = async () => Object.values(await working(pelago, CLUSTER));
	await until('the work is spread', async () => (await nodes()).includes(host.node) && (await nodes()).includes('node-agent'));
	const fill = join(disk.folder, 'fill');
	assert.equal((await run('dd', ['if=/dev/zero', `of=${fill}`, 'bs=1M', 'count=370'])).status, 0);
	await until('it is overloaded', async () => (await nodeOf(pelago, host.node)).overload?.includes('disk'), MINUTE_MS);
	await until('the other one does its work', async () => (await nodes()).every((node) => node === 'node-agent'));
	const told = await until('somebody is told', alarm);
	assert.equal(told.subject, 'disk');
	assert.equal((await pelago.pelago(['status'])).status, 0);
	/* The other one can't be drained now: nobody would be left. */
	assert.match((await pelago.pelago(['node', 'drain', 'node-agent', '--yes'])).stderr, /no other node/);

	assert.equal((await run('rm', [fill])).status, 0);
	await until('it is relieved', async () => (await nodeOf(pelago, host.node)).overload?.length === 0, MINUTE_MS);
	await until('it works again', async () => (await nodes()).includes(host.node));
	await until('the alarm is over', async () => !await alarm());
});
