/*
 * disk.mjs — a small disk of one's own, to be filled to its last byte.
 *
 *   const disk = await smallDisk(200);          MiB; null where mounting is not allowed
 *   disk.folder; await disk.fill(); await disk.clear(); await disk.remove()
 *
 *   await refusesNewWork(pelago, token); … await serves(pelago)
 *
 * Who isn't root may mount in a namespace of its own: alone(import.meta.url) runs a test file there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Agent, Customer } from './chat.mjs';
import { run, until } from './instance.mjs';

export const mayMount = process.getuid() === 0;

/* Runs a test file where its user is root; `status` -1 with `refused` where the system doesn't let us. */
export async function alone(url) {
	if ((await run('unshare', ['-rm', 'true'])).status !== 0) return { refused: true };
	const env = { ...process.env };
	delete env.NODE_TEST_CONTEXT;
	return run('unshare', ['-rm', process.execPath, '--test', fileURLToPath(url)], { env, timeout: 240000 });
}

export async function smallDisk(megabytes) {
	const folder = await mkdtemp(join(tmpdir(), 'pelago-disk-'));
	const fill = join(folder, 'fill');

	if ((await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder])).status !== 0) {
		await rm(folder, { recursive: true });
		return null;
	}
	return {
		folder,
		fill: async () => {
			assert.notEqual((await run('dd', ['if=/dev/zero', `of=${fill}`, 'bs=64k'])).status, 0, 'the disk takes everything');
			await run('dd', ['if=/dev/zero', `of=${fill}2`, 'bs=1']); /* what a big block left over */
			assert.ok((await statfs(folder)).bavail < 64); /* blocks: who wrote may have given some back */
		},
		clear: async () => {
			await rm(fill);
			await rm(`${fill}2`, { force: true });
		},
		remove: async () => {
			await run('umount', ['-l', folder]);
			await rm(folder, { recursive: true, force: true });
		},
	};
}

/* What SQLite says of each store in an instance's folder: { UCMService: 'ok', … }. */
export async function integrity(data) {
	const program = 'import sqlite3, sys\nprint(sqlite3.connect(sys.argv[1]).execute("pragma integrity_check").fetchone()[0])';
	const said = {};

	for (const name of readdirSync(join(data, 'services'))) {
		const { stdout, stderr } = await run('python3', ['-c', program, join(data, 'services', name, 'store.db')]);
		said[name] = stdout.trim() || stderr;
	}
	return said;
}

/*
 * A new chat and an HTTP call are refused in the words of docs/api, once the services know: what their stores still
 * have room for until then is taken, and durable.
 */
export async function refusesNewWork(pelago, bearer) {
	const { error, clientId } = await until('a chat is refused', async () => {
		const stranger = new Customer(pelago, { name: 'Eve' });
		await stranger.until((c) => c.errors.length > 0 || c.contactId, 'an answer');
		stranger.send({ type: 'close' });
		await sleep(50);
		stranger.end();
		return stranger.errors.length > 0 && !stranger.contactId && { error: stranger.errors[0], clientId: stranger.request.clientId };
	}, 5000);
	assert.equal(error.code, 'unavailable', JSON.stringify(error));
	assert.equal(error.clientId, clientId);
	const answer = await until('a call is refused', async () => {
		const got = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/ContextStoreRest/cs/contexts/`, {
			method: 'POST',
			headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
			body: JSON.stringify({ contextId: randomUUID(), data: { a: 'b' } }),
		});
		return !got.ok && got;
	}, 5000);
	const problem = await answer.json();
	assert.equal(answer.status, 503);
	assert.match(answer.headers.get('content-type'), /^application\/problem\+json/);
	assert.deepEqual([problem.status, problem.code], [503, 'unavailable']);
}

/* Afterwards a new chat reaches an agent: one of those before, as their sessions live on for a while. */
export async function serves(pelago) {
	await until('ready', async () => (await pelago.pelago(['status'])).status === 0);
	const staff = await Promise.all(['agent1', 'agent2'].map((user) => Agent.signIn(pelago, user, { autoAccept: true, echo: true })));
	await Promise.all(staff.map((a) => a.ready()));
	const customer = new Customer(pelago, { name: 'Ann', topic: 'support' });
	await customer.opened();
	await customer.say('still there?');
	await customer.until((c) => c.texts('agent').includes('re: still there?'), 'an answer');
	const agent = await until('an agent has it', () => staff.find((a) => a.contacts.has(customer.contactId)));
	await agent.finish(customer.contactId);
	await customer.until((c) => c.has('closed'), 'closed');
	for (const peer of [...staff, customer]) peer.end();
}
