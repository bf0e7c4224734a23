/*
 * fault.test.mjs — kill -9 of every process in turn under 20 chats: nothing lost, doubled or out of order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startInstance, until } from './lib/instance.mjs';
import { chatsUnderFaults } from './lib/exact.mjs';

let pelago;

before(async () => {
	pelago = await startInstance({ demo: true });
});
after(() => pelago?.stop({ keep: process.env.PELAGO_KEEP }));

test('PLT-60 PLT-6 PLT-31: each process is killed in turn under 20 chats, and everything is exact', { timeout: 240000 }, async (t) => {
	const { longest, messages } = await chatsUnderFaults(pelago, {
		chats: 20,
		agents: 4,
		fault: async () => {
			for (const name of Object.keys(await pelago.processes()).filter((n) => n !== 'pelago')) {
				const pid = (await pelago.processes())[name];
				process.kill(pid, 'SIGKILL');
				await until(`${name} is back`, async () => {
					const now = await pelago.processes().catch(() => ({}));
					return now[name] && now[name] !== pid;
				});
				await sleep(100); /* the time in which the next fault is independent of this one */
			}
		},
	});
	t.diagnostic(`${messages} messages; longest loss of a connection ${longest} ms`);
	assert.ok(messages > 0);
	await until('ready again', async () => (await pelago.pelago(['status'])).status === 0);
});
