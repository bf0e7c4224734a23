/*
 * disk.test.mjs — a disk that is full to its last byte under chats: new work is refused with `unavailable`, what was
 * taken is kept, nothing is corrupted, and all goes on by itself once there is room.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { alone, integrity, mayMount, refusesNewWork, serves, smallDisk } from './lib/disk.mjs';
import { chatsUnderFaults } from './lib/exact.mjs';
import { startInstance, until } from './lib/instance.mjs';
import { token } from './lib/chat.mjs';

/* On PostgreSQL the stores lie on the server's disk: disk-postgresql.test.mjs. */
const storesAreHere = process.env.PELAGO_STORE !== 'postgresql';

if (mayMount && storesAreHere) describe('a full disk', () => {
	let disk, pelago;

	before(async () => {
		disk = await smallDisk(300);
		if (disk) pelago = await startInstance({ demo: true, data: join(disk.folder, 'data') });
	});
	after(async () => {
		await pelago?.stop();
		await disk?.remove();
	});

	const sorted = (object) => Object.fromEntries(Object.entries(object).sort());
	const but = ({ ['nats-server']: bus, ...others }) => sorted(others);
	const ready = async () => (await pelago.pelago(['status'])).status === 0;
	const sound = async () => {
		for (const [name, said] of Object.entries(await integrity(pelago.data))) assert.equal(said, 'ok', name);
	};

	/* The first hashes of passwords are on their way, and can't be kept. */
	test('PLT-60: log-ins work at once when there is room again', { timeout: 60000 }, async () => {
		assert.ok(disk, 'this test mounts a file system: run it as root, or where user namespaces are allowed');
		await disk.fill();
		await sleep(3000);
		await disk.clear();
		await until('ready', ready);
		const began = Date.now();
		await token(pelago, 'agent1');
		assert.ok(Date.now() - began < 5000, `${Date.now() - began} ms`);
		const lines = (await readFile(join(pelago.data, 'log', 'AuthorizationService.log'), 'utf8')).split('\n');
		const tries = lines.filter((line) => line.includes('"turn.rolled_back"')).length;
		assert.ok(tries < 100, `${tries} tries without room`);
	});

	test('PLT-21: while the disk is full an attribute is refused, with the reason, and nothing is half set', { timeout: 60000 }, async () => {
		assert.ok(disk, 'this test mounts a file system: run it as root, or where user namespaces are allowed');
		/* The bus may be started anew once there is room, also after all was ready. */
		const done = (words) => until(`${words.join(' ')} is answered`, async () => {
			const answer = await pelago.pelago(words);
			return answer.status === 0 && answer;
		});
		const get = async (name) => JSON.parse((await done(['attribute', 'get', name, '--json'])).stdout);
		const headers = { authorization: `Bearer ${await token(pelago, 'admin')}`, 'content-type': 'application/json' };
		const address = `http://127.0.0.1:${pelago.httpPort}/api/v1/attributes`;
		const set = async (seconds) => fetch(address, {
			method: 'POST',
			headers,
			body: JSON.stringify({ expected: (await (await fetch(`${address}?limit=1`, { headers })).json()).version, note: 'x'.repeat(400), changes: ['Offer Time', 'Consultation Time'].map((attribute) => ({ level: 'global', service: 'UCMService', attribute, value: seconds })) }),
		});
		let kept = 0, refused;
		await disk.fill();
		/* What the store's file has room for is taken, and durable. */
		for (let seconds = 30; !refused && seconds < 2000; seconds++) {
			const answer = await set(seconds);
			if (answer.ok) kept = seconds;
			else refused = await answer.json();
		}
		assert.match(`${refused?.status} ${refused?.detail}`, /^503 .*(space|full)/);
		await disk.clear();
		await until('ready', ready);
		for (const name of ['Offer Time', 'Consultation Time'])
			assert.deepEqual((await get(name)).overrides, kept ? { global: kept } : {}, name);
		await until('there is room for the manager', async () => (await set(33)).ok);
		await until('it has arrived', async () => (await get('Offer Time')).arrived === 1);
		assert.equal((await get('Offer Time')).effective, 33);
		await done(['attribute', 'reset', 'Offer Time', 'Consultation Time']);
	});

	test('PLT-60: chats go on where they were, exactly; nothing new is taken meanwhile', { timeout: 120000 }, async (t) => {
		assert.ok(disk, 'this test mounts a file system: run it as root, or where user namespaces are allowed');
		const bearer = await token(pelago, 'supervisor');
		const former = await pelago.processes();
		let clearedAt;
		const { messages } = await chatsUnderFaults(pelago, {
			chats: 6,
			agents: 2,
			fault: async ({ customers }) => {
				await Promise.all(customers.map((c) => c.until(() => c.texts('agent').length > 5, 'some answers')));
				await disk.fill();
				await refusesNewWork(pelago, bearer);
				await sleep(1500); /* chats meet it at all their steps */
				assert.deepEqual(but(await pelago.processes()), but(former), 'nobody ended');
				const said = customers.map((c) => c.texts('customer').length);
				await disk.clear();
				clearedAt = Date.now();
				await Promise.all(customers.map((c, i) => c.until(() => c.texts('customer').length > said[i], 'the chat goes on', 10000)));
			},
		});
		t.diagnostic(`${messages} messages`);
		assert.ok(Date.now() - clearedAt < 30000);
		await sound();
		assert.deepEqual(but(await pelago.processes()), but(former), 'nobody ended');
		await serves(pelago);
	});

	/* A bus that met the full disk may have been ended already. */
	const end = (pid) => {
		try {
			process.kill(pid, 'SIGKILL');
		} catch (error) {
			if (error.code !== 'ESRCH') throw error;
		}
	};

	test('PLT-60: what is killed while the disk is full comes back when there is room', { timeout: 120000 }, async (t) => {
		assert.ok(disk, 'this test mounts a file system: run it as root, or where user namespaces are allowed');
		const victims = ['nats-server', 'Manager', 'node-common', 'edge', 'UCMService', 'CustomerControllerService', 'WorkAssignment'];
		const former = await pelago.processes();
		await chatsUnderFaults(pelago, {
			chats: 4,
			agents: 2,
			fault: async ({ customers }) => {
				await Promise.all(customers.map((c) => c.until(() => c.texts('agent').length > 5, 'some answers')));
				await disk.fill();
				for (const name of victims) end(former[name]);
				await sleep(1500); /* time enough to fail more than once */
				const services = victims.filter((n) => /^[A-Z]/.test(n));
				const waiting = await until('the services wait for room', async () => {
					const now = await pelago.processes();
					return services.every((n) => now[n] && now[n] !== former[n]) && now;
				});
				await disk.clear();
				const now = await until('all are back', async () => {
					const all = await pelago.processes();
					return Object.keys(former).every((n) => all[n] && (!victims.includes(n) || all[n] !== former[n])) && await ready() && all;
				}, 5000); /* a bus that hangs in its end would take as long by itself */
				for (const name of services) assert.equal(now[name], waiting[name], `${name} waited for room`);
			},
		});
		await sound();
		await serves(pelago);
	});
});

if (!mayMount && storesAreHere) test('a full disk, in a namespace of its own', async () => {
	const { refused, status, stdout } = await alone(import.meta.url);
	assert.ok(!refused, 'this test mounts a file system: run it as root, or where user namespaces are allowed');
	assert.equal(status, 0, stdout);
});
