/*
 * disk-postgresql.test.mjs — the disk of PostgreSQL's server is full under chats. Of the tables: the server refuses
 * what needs room, and so do we, until there is room. Of its write-ahead log: the server ends, and somebody has to
 * start it where there is room. Either way what was taken is kept, exactly, nothing is corrupted, and our processes
 * stay and go on by themselves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { token } from './lib/chat.mjs';
import { alone, mayMount, refusesNewWork, serves, smallDisk } from './lib/disk.mjs';
import { chatsUnderFaults } from './lib/exact.mjs';
import { startInstance, until } from './lib/instance.mjs';
import { startServer } from './lib/postgres.mjs';

const isWanted = process.env.PELAGO_STORE === 'postgresql';
const mayNot = 'this test mounts a file system: run it as root, or where user namespaces are allowed';

if (mayMount && isWanted) describe('a full disk of the database', () => {
	let tables, wal, server, pelago;

	before(async () => {
		[tables, wal] = [await smallDisk(200), await smallDisk(64)];
		if (!tables || !wal) return;
		server = await startServer({ data: join(tables.folder, 'data'), wal: join(wal.folder, 'wal') });
		pelago = await startInstance({ demo: true, store: server.url });
	});
	after(async () => {
		await pelago?.stop();
		await server?.stop();
		await tables?.remove();
		await wal?.remove();
	});

	const log = (name) => readFile(join(pelago.data, 'log', `${name}.log`), 'utf8');
	const sorted = (object) => Object.fromEntries(Object.entries(object).sort());
	const answered = (customers, n) => Promise.all(customers.map((c) => c.until(() => c.texts('agent').length > n, 'some answers')));
	/* Within 10 s each chat says more than it had. */
	const goOn = (customers, said) => Promise.all(customers.map((c, i) => c.until(() => c.texts('customer').length > said[i], 'the chat goes on', 10000)));
	const saidBy = (customers) => customers.map((c) => c.texts('customer').length);

	test('PLT-60: no room for the tables: new work is refused, chats go on where they were, exactly', { timeout: 60000 }, async (t) => {
		assert.ok(server, mayNot);
		const bearer = await token(pelago, 'supervisor');
		const former = await pelago.processes();
		const { messages } = await chatsUnderFaults(pelago, {
			chats: 6,
			agents: 2,
			fault: async ({ customers }) => {
				await answered(customers, 5);
				await tables.fill();
				await refusesNewWork(pelago, bearer);
				await sleep(1500); /* chats meet it at all their steps */
				const said = saidBy(customers);
				await tables.clear();
				await goOn(customers, said);
			},
		});
		t.diagnostic(`${messages} messages`);
		assert.ok(server.isAlive());
		assert.deepEqual(sorted(await pelago.processes()), sorted(former), 'nobody ended');
		assert.match(await server.log(), /could not extend file .*No space left/);
		assert.match(await log('CustomerControllerService'), /"store\.refused".*could not extend file/);
		assert.equal(await server.check(), '');
		await serves(pelago);
	});

	test('PLT-60: no room for its log: the server ends; started again, all go on where they were, exactly', { timeout: 60000 }, async (t) => {
		assert.ok(server, mayNot);
		const victims = ['UCMService', 'CustomerControllerService', 'Manager'];
		const but = (all) => sorted(Object.fromEntries(Object.entries(all).filter(([name]) => !victims.includes(name))));
		const bearer = await token(pelago, 'supervisor');
		const former = await pelago.processes();
		const { messages } = await chatsUnderFaults(pelago, {
			chats: 6,
			agents: 2,
			fault: async ({ customers }) => {
				await answered(customers, 5);
				await wal.fill();
				await until('the server gives up', () => !server.isAlive());
				await refusesNewWork(pelago, bearer);
				assert.notEqual((await pelago.pelago(['status'])).status, 0, 'it is not ready');
				for (const name of victims) process.kill(former[name], 'SIGKILL');
				await sleep(1500);
				const said = saidBy(customers);
				await wal.clear();
				await server.start();
				const started = Date.now();
				await goOn(customers, said);
				t.diagnostic(`on their way ${Date.now() - started} ms after the server`);
			},
		});
		t.diagnostic(`${messages} messages`);
		assert.match(await server.log(), /PANIC: .*No space left/);
		assert.match(await log('ContextStore'), /"store\.lost".*waiting until it answers[^]*"store\.back"/);
		await until('all are back', async () => Object.keys(await pelago.processes()).length === Object.keys(former).length);
		assert.deepEqual(but(await pelago.processes()), but(former), 'nobody else ended');
		assert.equal(await server.check(), '');
		await serves(pelago);
	});
});

if (!mayMount && isWanted) test('a full disk of the database, in a namespace of its own', async () => {
	const { refused, status, stdout } = await alone(import.meta.url);
	assert.ok(!refused, mayNot);
	assert.equal(status, 0, stdout);
});
