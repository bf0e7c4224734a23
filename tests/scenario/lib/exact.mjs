/*
 * exact.mjs — chats under faults, with an exact account at the end: each message of each side arrived once, in
 * order, on both sides and in the transcript.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, Customer, token } from './chat.mjs';
import { until } from './instance.mjs';
import { Pulse } from './pulse.mjs';
import { numbers, seed } from './random.mjs';
import { Visits } from './visits.mjs';
import { DeskWatch } from './watch.mjs';

/* What is known of a chat that went wrong. */
function account(i, customer, staff) {
	const lines = [`chat ${i} ${customer.contactId}: head ${customer.head}, ${customer.texts('customer').length} said, ${customer.texts('agent').length} answered, pending ${customer.pending.size}`];
	for (const agent of staff) {
		const contact = agent.contacts.get(customer.contactId);
		if (contact) lines.push(`${agent.user}: ${contact.state}, head ${contact.head}, pending ${contact.pending.size}`);
		lines.push(`${agent.user}: ${agent.state}; errors ${JSON.stringify(agent.errors.slice(-3))}`);
	}
	return lines.join('\n');
}

const byPeople = (messages) => messages.filter(({ from }) => from === 'customer' || from === 'agent').map(({ seq, from, text }) => ({ seq, from, text }));

/* All pages of a contact's transcript. */
async function wholeTranscript(pelago, headers, contactId) {
	const items = [];
	for (let cursor = ''; cursor !== null;) {
		const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/OCPDataServices/contacts/${contactId}/transcript?limit=200&cursor=${encodeURIComponent(cursor)}`, { headers });
		assert.ok(answer.ok, `transcript: ${answer.status}`);
		const page = await answer.json();
		items.push(...page.items);
		({ cursor } = page);
	}
	return items;
}

/* The history has each message of each chat once, in order; what was said comes by a reader of its own. */
async function checkHistory(pelago, customers) {
	const bearer = await token(pelago, 'supervisor');
	for (const customer of customers) {
		const said = byPeople(customer.frames.filter((f) => f.type === 'message'));
		const kept = await until(`the history has ${customer.request.name}`, async () => {
			const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/OCPDataServices/contacts/${customer.contactId}`, { headers: { authorization: `Bearer ${bearer}` } });
			const contact = answer.ok && await answer.json();
			return contact && contact.state === 'closed' && contact.disposition && contact;
		}, 30000);
		const headers = { authorization: `Bearer ${bearer}` };
		const transcript = await until(`the history has all of ${customer.request.name}`, async () => {
			const all = byPeople(await wholeTranscript(pelago, headers, customer.contactId));
			return all.length >= said.length && all;
		}, 10000);
		assert.deepEqual(transcript, said, `the transcript of ${customer.request.name}`);
		assert.equal(kept.offers.length, 1, `offers of ${customer.request.name}: ${JSON.stringify(kept.offers)}`);
	}
}

/* All that an agent of a chat and its customer have of it. */
function checkChat(i, customer, staff) {
	const wanted = Array.from({ length: customer.said }, (_, n) => `${i}:${n}`);
	assert.deepEqual(customer.texts('customer'), wanted, `what customer ${i} said`);
	assert.deepEqual(customer.texts('agent'), wanted.map((t) => `re: ${t}`), `what customer ${i} was answered`);
	const agents = staff.filter((a) => a.contacts.has(customer.contactId));
	assert.equal(agents.length, 1, `one agent has contact ${i}`);
	const seen = agents[0].contacts.get(customer.contactId).frames.filter((f) => f.type === 'message' && f.from === 'customer').map((f) => f.text);
	assert.deepEqual(seen, wanted, `what the agent of contact ${i} read`);
}

/*
 * Runs chats with agents until fault() has ended, and checks all. With `visitors`, so many customers at once come
 * and go beside them, `aSecond` new ones (visits.mjs). fault() is given customers, staff, `answers` (a pulse of all answers that
 * customers get), and visits. Returns the longest loss of a connection in ms, and how many messages and contacts.
 */
export async function chatsUnderFaults(pelago, { chats, agents, pauseMs = 30, visitors = 0, aSecond, fault }) {
	const signIn = async (i) => {
		const agent = await Agent.signIn(pelago, `agent${i + 1}`, { autoAccept: !visitors, echo: true });
		await agent.ready();
		return agent;
	};
	/* A few at a time: on a machine that is busy with other things all passwords at once take longer than is waited for. */
	const staff = [];
	while (staff.length < agents) {
		const some = Array.from({ length: Math.min(4, agents - staff.length) }, (_, i) => signIn(staff.length + i));
		staff.push(...await Promise.all(some));
	}
	const watch = new DeskWatch(staff);
	const random = numbers(seed);
	const visits = visitors ? new Visits(pelago, staff, { at: visitors, aSecond, random }) : undefined;
	const answers = new Pulse();
	const customers = Array.from({ length: chats }, (_, i) => new Customer(pelago, { name: `Customer ${i}`, topic: 'support' }));
	const failures = [];
	let faulting = true;
	const talk = customers.map(async (customer, i) => {
		customer.on('received', (frame) => frame.type === 'message' && frame.from === 'agent' && answers.beat());
		await customer.opened();
		let n = 0;
		do {
			await customer.say(`${i}:${n++}`);
			await sleep(pauseMs * (n === 1 ? random() : 0.5 + random())); /* not all at once, from the first on */
		} while (faulting);
		customer.said = n;
		await customer.until((c) => c.texts('agent').length >= n, `all ${n} answers of chat ${i}`, 30000).catch((error) => {
			throw new Error(`${error.message}\n${account(i, customer, staff)}`);
		});
	});
	for (const one of talk) one.catch((error) => failures.push(error));
	await Promise.all(customers.map((c) => c.until(() => c.has('joined') || failures.length, 'an agent joins', 60000)));
	const visiting = visits?.run();
	visiting?.catch((error) => failures.push(error));
	try {
		await fault({ customers, staff, answers, visits });
	} finally {
		faulting = false;
		visits?.end();
	}
	await Promise.all(talk);
	await visiting;
	for (const [i, customer] of customers.entries()) checkChat(i, customer, staff);
	watch.check();
	visits?.check(watch.offers);
	for (const agent of staff) assert.equal(agent.state, 'Ready', `${agent.user} is still Ready`);
	await Promise.all(staff.flatMap((agent) => [...agent.contacts].filter(([, { state }]) => state === 'active').map(([id]) => agent.finish(id))));
	await Promise.all(customers.map((c) => c.until(() => c.has('closed'), 'closed')));
	const all = [...customers, ...visits?.customers ?? []];
	await checkHistory(pelago, all);
	const longest = Math.max(...all.map((c) => c.longestGap), ...staff.map((a) => a.longestGap));
	for (const peer of [...customers, ...staff]) peer.end();
	return { longest, messages: customers.reduce((sum, c) => sum + 2 * c.said, 0) + 2 * (all.length - chats), contacts: all.length };
}
