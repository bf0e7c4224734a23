/*
 * exact.mjs — chats under faults, with an exact account at the end: each message of each side arrived once, in
 * order, on both sides and in the transcript.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, Customer } from './chat.mjs';

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

/* Runs chats with agents until fault() has ended, and checks all. Returns the longest loss of a connection in ms. */
export async function chatsUnderFaults(pelago, { chats, agents, pauseMs = 30, fault }) {
	const staff = [];
	for (let i = 1; i <= agents; i++) {
		const agent = await Agent.signIn(pelago, `agent${i}`, { autoAccept: true, echo: true });
		await agent.ready();
		staff.push(agent);
	}
	const customers = Array.from({ length: chats }, (_, i) => new Customer(pelago, { name: `Customer ${i}`, topic: 'support' }));
	const failures = [];
	let faulting = true;
	const talk = customers.map(async (customer, i) => {
		await customer.opened();
		let n = 0;
		do {
			await customer.say(`${i}:${n++}`);
			await sleep(pauseMs);
		} while (faulting);
		customer.said = n;
		await customer.until((c) => c.texts('agent').length >= n, `all ${n} answers of chat ${i}`, 30000).catch((error) => {
			throw new Error(`${error.message}\n${account(i, customer, staff)}`);
		});
	});
	for (const one of talk) one.catch((error) => failures.push(error));
	await Promise.all(customers.map((c) => c.until(() => c.has('joined') || failures.length, 'an agent joins', 60000)));
	try {
		await fault({ customers, staff });
	} finally {
		faulting = false;
	}
	await Promise.all(talk);
	for (const [i, customer] of customers.entries()) {
		const wanted = Array.from({ length: customer.said }, (_, n) => `${i}:${n}`);
		assert.deepEqual(customer.texts('customer'), wanted, `what customer ${i} said`);
		assert.deepEqual(customer.texts('agent'), wanted.map((t) => `re: ${t}`), `what customer ${i} was answered`);
		const agent = staff.find((a) => a.contacts.has(customer.contactId));
		assert.ok(agent, `somebody has contact ${i}`);
		assert.equal(staff.filter((a) => a.contacts.has(customer.contactId)).length, 1, `one agent has contact ${i}`);
		const seen = agent.contacts.get(customer.contactId).frames.filter((f) => f.type === 'message' && f.from === 'customer').map((f) => f.text);
		assert.deepEqual(seen, wanted, `what the agent of contact ${i} read`);
	}
	for (const agent of staff) assert.equal(agent.state, 'Ready', `${agent.user} is still Ready`);
	await Promise.all(staff.flatMap((agent) => [...agent.contacts.keys()].map((id) => agent.finish(id))));
	await Promise.all(customers.map((c) => c.until(() => c.has('closed'), 'closed')));
	const longest = Math.max(...customers.map((c) => c.longestGap), ...staff.map((a) => a.longestGap));
	for (const peer of [...customers, ...staff]) peer.end();
	return { longest, messages: customers.reduce((sum, c) => sum + 2 * c.said, 0) };
}
