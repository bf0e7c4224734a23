/*
 * watch.mjs — what agents' pages are told, kept for the end: their states, and each offer.
 *
 *   const watch = new DeskWatch(staff);
 *   … watch.check();        nobody left Ready, no offer was taken back, none made twice
 *   watch.offers            Map: contactId → Map: offerId → user
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';

export class DeskWatch {
	constructor(staff) {
		this.offers = new Map();
		this.states = new Map(staff.map((agent) => [agent.user, []]));
		this.withdrawn = [];
		this.accepted = new Set();
		for (const agent of staff) {
			agent.on('received', (frame) => this.note(agent, frame));
			agent.on('sent', (frame) => frame.type === 'accept' && this.accepted.add(frame.offerId));
		}
	}

	note(agent, frame) {
		if (frame.type === 'session') {
			this.states.get(agent.user).push(frame.state);
			for (const contact of frame.contacts) if (contact.state === 'offered') this.offer(agent, contact);
		} else if (frame.type === 'state') {
			this.states.get(agent.user).push(frame.state);
		} else if (frame.type === 'offer') {
			this.offer(agent, frame);
		} else if (frame.type === 'withdrawn') {
			this.withdrawn.push({ user: agent.user, ...frame });
		}
	}

	offer(agent, { contactId, offerId }) {
		if (!this.offers.has(contactId)) this.offers.set(contactId, new Map());
		const offers = this.offers.get(contactId);
		assert.ok((offers.get(offerId) ?? agent.user) === agent.user, `offer ${offerId} at two agents`);
		offers.set(offerId, agent.user);
	}

	check() {
		for (const [user, states] of this.states) assert.deepEqual(states.filter((state) => state !== 'Ready'), [], `what ${user} was besides Ready`);
		assert.deepEqual(this.withdrawn, [], 'offers that were taken back');
		for (const [contactId, offers] of this.offers) assert.equal(offers.size, 1, `contact ${contactId} was offered once: ${JSON.stringify([...offers])}`);
	}
}
