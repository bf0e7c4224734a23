/*
 * visits.mjs — customers who come one after the other beside the long chats: each waits in the queue, is offered,
 * gets one answer, and goes; so there are always contacts that wait, and offers that nobody has answered yet.
 *
 * They open one at a time, the next once the one before has its place, so that the order of their offers is known.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Customer } from './chat.mjs';
import { Pulse } from './pulse.mjs';

const ANSWER_AGAIN_MS = 1000;

export class Visits {
	/* at: how many customers are here at once, at most `aSecond` of them new; `random` decides how fast agents answer. */
	constructor(pelago, staff, { at, aSecond = Infinity, random, acceptMs = 500, talkMs = 500 }) {
		Object.assign(this, { pelago, staff, at, aSecond, random, acceptMs, talkMs });
		this.customers = [];
		this.inLine = []; /* those whose order is known */
		this.offered = new Set(); /* ids of contacts */
		this.visits = [];
		this.joined = new Pulse();
		this.here = 0;
		for (const agent of staff) agent.on('received', (frame) => this.toAgent(agent, frame));
	}

	/* An offer is answered after a while; again and again, as the answer may be lost, until it has had its effect. */
	toAgent(agent, frame) {
		const offers = frame.type === 'offer' ? [frame] : frame.type === 'session' ? frame.contacts.filter((c) => c.state === 'offered') : [];
		for (const { contactId } of offers) {
			this.offered.add(contactId);
			this.customers.findLast((customer) => customer.contactId === contactId)?.emit('change');
			void this.accept(agent, contactId);
		}
	}

	hasPlace(customer) {
		return customer.has('joined') || this.offered.has(customer.contactId) || customer.volatile.some((f) => f.type === 'queued');
	}

	async accept(agent, contactId) {
		await sleep(this.random() * this.acceptMs);
		while (agent.offers.has(contactId) && !agent.ended) {
			agent.accept(contactId);
			await sleep(ANSWER_AGAIN_MS);
		}
	}

	async visit(i, customer) {
		await customer.until((c) => c.has('joined'), `an agent joins visitor ${i}`, 90000);
		this.joined.beat();
		await customer.say(`visit ${i}`);
		await customer.until((c) => c.texts('agent').length > 0, `an answer to visitor ${i}`);
		await sleep(this.random() * this.talkMs);
		const agent = this.staff.find((a) => a.contacts.has(customer.contactId));
		await agent.finish(customer.contactId);
		await customer.until((c) => c.has('closed'), `visitor ${i} goes`);
		customer.end();
		this.here--;
	}

	/* One more opens, wherever the others are. */
	async come() {
		const i = this.customers.length;
		const customer = new Customer(this.pelago, { name: `Visitor ${i}`, topic: 'support' });
		this.customers.push(customer);
		this.here++;
		await customer.opened();
		const visit = this.visit(i, customer);
		visit.catch((error) => {
			this.failure ??= error;
		});
		this.visits.push(visit);
		return customer;
	}

	/* Lets customers in until end(); fails with the first visit that does. */
	async run() {
		let next = performance.now();
		while (!this.ending && !this.failure) {
			const early = next - performance.now();
			if (this.here >= this.at || early > 0) {
				await sleep(Math.max(5, Math.min(20, early)));
				continue;
			}
			next = Math.max(next, performance.now() - 1000) + 1000 / this.aSecond; /* who couldn't come for a moment comes then */
			const customer = await this.come();
			this.inLine.push(customer);
			await customer.until((c) => this.hasPlace(c), `${customer.request.name} has a place`, 60000);
		}
		await Promise.all(this.visits);
	}

	end() {
		this.ending = true;
	}

	/* Offers rise as their customers came; ids of offers rise with the time of the decision. */
	check(offers) {
		const first = (customer) => [...offers.get(customer.contactId)?.keys() ?? []][0];
		for (const customer of this.customers) assert.ok(first(customer), `${customer.request.name} was offered`);
		for (const [i, customer] of this.inLine.entries()) {
			const before = this.inLine[i - 1];
			assert.ok(!before || first(before) < first(customer), `${customer.request.name} was offered before ${before?.request.name}`);
		}
		for (const [i, customer] of this.customers.entries()) {
			assert.deepEqual(customer.texts('customer'), [`visit ${i}`]);
			assert.deepEqual(customer.texts('agent'), [`re: visit ${i}`]);
		}
	}
}
