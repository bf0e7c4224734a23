/*
 * random.test.mjs — processes are killed and held at random under chats, also the root supervisor: nothing lost,
 * doubled or out of order.
 *
 * PELAGO_ROUNDS is how many times 20 s it lasts (1); PELAGO_SEED makes a run's choices those of another one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chatsUnderFaults } from '../scenario/lib/exact.mjs';
import { isAlive, startInstance, until } from '../scenario/lib/instance.mjs';
import { numbers, pick, seed } from '../scenario/lib/random.mjs';

const rounds = Number(process.env.PELAGO_ROUNDS ?? 1);
const CALM_MS = 12000; /* a process isn't met again before it counts as healthy: more would meet its back-off */

let pelago;

before(async () => {
	pelago = await startInstance({ demo: true });
});
after(() => pelago?.stop({ keep: process.env.PELAGO_KEEP }));

const root = async () => JSON.parse((await pelago.pelago(['status', '--json'])).stdout).pid;

async function killRoot() {
	const pid = await root();
	process.kill(pid, 'SIGKILL');
	await until('the root is gone', () => !isAlive(pid));
	const up = await pelago.up();
	assert.equal(up.status, 0, up.stderr);
}

/* Held for a while: a service is ended by its node meanwhile, others go on as if nothing had been. */
async function hold(pid, ms) {
	process.kill(pid, 'SIGSTOP');
	await sleep(ms);
	if (isAlive(pid)) process.kill(pid, 'SIGCONT');
}

for (let round = 0; round < rounds; round++)
	test(`PLT-60 PLT-6 PLT-31: faults at random, seed ${seed + round}`, { timeout: 120000 }, async (t) => {
		const random = numbers(seed + round);
		const metAt = {};
		const told = [];
		const began = Date.now();
		const { longest, messages } = await chatsUnderFaults(pelago, {
			chats: 12,
			agents: 3,
			fault: async () => {
				while (Date.now() - began < 20000) {
					const now = await pelago.processes();
					const free = [...Object.keys(now), 'root'].filter((n) => n !== 'pelago' && now[n] !== 0 && !(Date.now() - metAt[n] < CALM_MS));
					const name = pick(random, free);
					const held = name !== 'root' && random() < 0.15;
					if (name) {
						metAt[name] = Date.now();
						told.push(`${Date.now() - began} ${held ? 'held' : 'killed'} ${name}`);
						if (name === 'root') await killRoot();
						else if (held) await hold(now[name], 2000);
						else process.kill(now[name], 'SIGKILL');
					}
					await sleep(random() * 600); /* so that some faults meet one that is not over */
				}
				await until('ready', async () => (await pelago.pelago(['status'])).status === 0, 15000);
			},
		}).catch((error) => {
			throw new Error(`seed ${seed + round}: ${error.message}\n${told.join('\n')}`, { cause: error });
		});
		t.diagnostic(`${told.length} faults, ${messages} messages; longest loss of a connection ${longest} ms`);
		assert.ok(told.length > 10);
	});
