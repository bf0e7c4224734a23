/*
 * clock.test.mjs — the wall clock of all programs jumps a day, forward and back, under 100 live chats: nothing lost,
 * doubled or out of order, nothing that is alive is purged, no person's time runs out early or never.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, Customer, token } from './lib/chat.mjs';
import { DAY_MS, WallClock } from './lib/clock.mjs';
import { chatsUnderFaults } from './lib/exact.mjs';
import { Faults } from './lib/faults.mjs';
import { startInstance, until } from './lib/instance.mjs';

let clock, pelago;

before(async () => {
	clock = await WallClock.make();
	pelago = await startInstance({ demo: true, env: clock.env });
});
after(async () => {
	await pelago?.stop({ keep: process.env.PELAGO_KEEP });
	await clock?.remove();
});

/* 20 s for an offer, 30 s for a wrap-up. The page is told what is left; what counts is when it ends. */
test('PLT-60 RTG-4: nobody\'s time runs out early or never as the clock jumps', { timeout: 120000 }, async (t) => {
	const chat = async (name) => {
		const customer = new Customer(pelago, { name, topic: 'support' });
		await customer.opened();
		return customer;
	};
	const since = (began) => (performance.now() - began) / 1000;
	const agent = await Agent.signIn(pelago, 'agent1');
	await agent.ready();
	const wrapped = await chat('Wrapped');
	await agent.until((a) => a.offers.has(wrapped.contactId), 'an offer');
	agent.accept(wrapped.contactId);
	await agent.until((a) => a.contacts.has(wrapped.contactId), 'the contact');
	await agent.insist({ type: 'close', contactId: wrapped.contactId, disposition: 'Resolved' }, (a) => a.contacts.get(wrapped.contactId).state === 'wrapup', 'wrap-up');
	const closedAt = performance.now();
	const history = async () => {
		const bearer = await token(pelago, 'supervisor'); /* another after each jump: the one before has expired, or isn't valid yet */
		const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/OCPDataServices/contacts/${wrapped.contactId}`, { headers: { authorization: `Bearer ${bearer}` } });
		return answer.ok ? answer.json() : undefined;
	};

	const ignored = await chat('Ignored');
	await agent.until((a) => a.offers.has(ignored.contactId), 'another offer');
	const offeredAt = performance.now();
	for (const aheadMs of [DAY_MS, -DAY_MS, 0, -DAY_MS]) {
		await clock.put(aheadMs);
		await sleep(1000);
	}
	assert.ok(agent.offers.has(ignored.contactId), 'the offer is still there');
	assert.equal(agent.state, 'Ready');
	await agent.until((a) => !a.offers.has(ignored.contactId), 'the offer is taken back', 30000);
	const offered = since(offeredAt);
	await until('the wrap-up ends', async () => (await history())?.offers.at(-1)?.endedMs > 0, 30000);
	const wrapUp = since(closedAt);
	t.diagnostic(`the offer lasted ${offered.toFixed(1)} s, the wrap-up ${wrapUp.toFixed(1)} s`);
	assert.ok(offered > 19 && offered < 24, `an offer of 20 s lasted ${offered} s`);
	assert.ok(wrapUp > 29 && wrapUp < 36, `a wrap-up of 30 s lasted ${wrapUp} s`);
	await clock.put(0);
	ignored.send({ type: 'close' });
	await ignored.until((c) => c.has('closed'), 'closed');
	for (const peer of [agent, wrapped, ignored]) peer.end();
});

test('PLT-60 PLT-31: the clock jumps a day and back under 100 chats, and everything is exact', { timeout: 240000 }, async (t) => {
	let faults, usual;
	const { messages, contacts } = await chatsUnderFaults(pelago, {
		chats: 96,
		agents: 20,
		pauseMs: 3000,
		visitors: 8,
		fault: async (load) => {
			faults = new Faults(pelago, load);
			usual = await faults.pauses('no jump', () => {}, 2500);
			for (const aheadMs of [DAY_MS, 0, -DAY_MS, 0]) {
				await faults.pauses(`the clock is put ${aheadMs / DAY_MS} days ahead`, () => clock.put(aheadMs), 2000);
				/* What a service remembers of the time must not hang on its being there all the time. */
				await faults.pauses('services are killed', () => faults.kill(['WorkAssignment', 'UCMService', 'CustomerControllerService', 'EngagementDesigner']), 500);
			}
			await faults.ready();
		},
	}).catch((error) => {
		throw new Error(`${error.message}\n${faults?.lines().join('\n')}`, { cause: error });
	});
	for (const line of faults.lines()) t.diagnostic(line);
	t.diagnostic(`${messages} messages in ${contacts} contacts`);
	assert.equal(usual.what, 'no jump');
});

test('PLT-60: an `open` that is repeated over a jump of the clock is no second chat', { timeout: 60000 }, async () => {
	const faults = new Faults(pelago, {});
	const contacts = new Set();
	for (const aheadMs of [0, 3600000, -DAY_MS, 0]) {
		await clock.put(aheadMs);
		const customer = new Customer(pelago, { name: 'Ann', topic: 'sales' });
		customer.request.clientId = 'once';
		await customer.opened();
		contacts.add(customer.contactId);
		customer.end();
		if (aheadMs) await faults.kill(['CustomerControllerService']); /* time away counts as little */
	}
	assert.equal(contacts.size, 1, [...contacts].join());
});
