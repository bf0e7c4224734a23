/*
 * cut.test.mjs — the bus is cut off from everybody while it lives, under 100 live chats: nothing lost, doubled or
 * out of order, and all is back within a second of the end of the cut. And WorkAssignment dies between decision
 * and offer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { token } from './lib/chat.mjs';
import { startInstance } from './lib/instance.mjs';
import { chatsUnderFaults } from './lib/exact.mjs';
import { cutConnections, Faults } from './lib/faults.mjs';
import { numbers, seed } from './lib/random.mjs';

const load = { chats: 96, agents: 20, pauseMs: 3000, visitors: 8 };

let pelago;

before(async () => {
	pelago = await startInstance({ demo: true });
});
after(() => pelago?.stop({ keep: process.env.PELAGO_KEEP }));

test('PLT-60 PLT-31: the bus is cut off under 100 chats, and everything is exact', { timeout: 180000 }, async (t) => {
	const bus = async () => (await pelago.processes())['nats-server'];
	let faults, usual;
	const pauses = [];
	const pid = await bus();
	const { longest, messages, contacts } = await chatsUnderFaults(pelago, {
		...load,
		fault: async (peers) => {
			faults = new Faults(pelago, peers);
			usual = await faults.pauses('nothing cut', () => {}, 2500);
			for (const ms of [0, 1500]) {
				pauses.push({ ms, ...await faults.pauses(`cut for ${ms} ms`, () => cutConnections(pid, ms)) });
			}
			const hold = async () => {
				process.kill(pid, 'SIGSTOP');
				await sleep(2000); /* it would be ended after three seconds */
				process.kill(pid, 'SIGCONT');
			};
			pauses.push({ ms: 2000, ...await faults.pauses('silent for 2000 ms', hold) });
			await faults.ready();
		},
	}).catch((error) => {
		throw new Error(`${error.message}\n${faults?.lines().join('\n')}`, { cause: error });
	});
	for (const line of faults.lines()) t.diagnostic(line);
	t.diagnostic(`${messages} messages in ${contacts} contacts; longest loss of a connection ${longest.toFixed(0)} ms`);
	assert.equal(await bus(), pid, 'the bus lived');
	for (const { ms, what, answers } of pauses) assert.ok(answers < ms + 1000 + 3 * usual.answers, `${what}: nobody was answered for ${answers} ms`);
});

/* Waits, for as long as a service may stand still, until a contact is decided on; whether no agent was offered it. */
async function decided({ contactId }, staff, bearer) {
	for (const end = Date.now() + 800; Date.now() < end; await sleep(10)) {
		const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/WorkAssignment/contacts/${contactId}/decisions`, { headers: { authorization: `Bearer ${bearer}` } });
		if (answer.ok && (await answer.json()).items.length > 0) return !staff.some((a) => a.offers.has(contactId) || a.contacts.has(contactId));
	}
	return false;
}

test('PLT-60 RTG-8: WorkAssignment dies between decision and offer, and each contact is offered once', { timeout: 180000 }, async (t) => {
	const random = numbers(seed);
	const bearer = await token(pelago, 'supervisor');
	let faults, between = 0;
	const { contacts } = await chatsUnderFaults(pelago, {
		...load,
		chats: 80, /* nobody has to wait, so each opening is a decision */
		visitors: 8,
		fault: async (peers) => {
			faults = new Faults(pelago, peers);
			/* UCMService makes the offers: held, it hears of no decision. Its node ends it after a second. */
			for (let i = 0; i < 2; i++) {
				const held = (await pelago.processes()).UCMService;
				process.kill(held, 'SIGSTOP');
				if (await decided(await peers.visits.come(), peers.staff, bearer)) between++;
				await faults.kill(['WorkAssignment']);
				await faults.another('UCMService', held);
				await sleep(1000);
			}
			/* Within the milliseconds in which a contact that was just opened is decided on. */
			for (let i = 0; i < 2; i++) { /* more in a minute would make it Failed */
				await peers.visits.come();
				await sleep(random() * 10);
				await faults.kill(['WorkAssignment']);
				await sleep(700);
			}
			await faults.ready();
		},
	});
	t.diagnostic(`${contacts} contacts; ${between} of 2 deaths while a decision had no offer yet`);
	assert.ok(between > 0);
});
