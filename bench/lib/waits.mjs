/*
 * waits.mjs — how long people wait under a load of chats (tests/scenario/lib/chat.mjs), each wait by its kind, and
 * which step of an upgrade was under way meanwhile.
 *
 *   const waits = new Waits();                 from here on, of all customers and agents
 *   const phase = waits.begin(); … const list = waits.end(phase)       [{ kind, from, ms }], from: wall clock, ms
 *   byKind(list)                               { KIND: { n, p50, p99, max } }
 *   const steps = await stepsOf(pelago)        [{ step, from, to }], of all upgrades of the instance, both ways
 *   blame(list, steps, seen, 250)              [{ step, kind, n, longest, machine }] of those above 250 ms, the longest
 *                                              first; machine: how long a probe (probe.mjs) waited meanwhile, ms
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, Customer } from '../../tests/scenario/lib/chat.mjs';
import { summary } from './figures.mjs';
import { longest } from './probe.mjs';

/* What is waited for, each from the moment that somebody did something. */
export const KINDS = ['kept', 'customer to agent', 'agent to customer', 'open to offer', 'customer is back', 'agent is back'];

/* Has `before` run in front of a method. */
function precede(type, name, before) {
	const method = type.prototype[name];
	type.prototype[name] = function preceded(...all) {
		before(this, ...all);
		return method.apply(this, all);
	};
}

export class Waits {
	constructor() {
		this.begun = new Map(); /* "KIND KEY" → when */
		this.phases = new Set();
		precede(Customer, 'onOpen', (customer) => !customer.contactId && this.start('open', customer.request.clientId));
		precede(Customer, 'say', (_, text) => {
			this.start('kept', text);
			this.start('customer to agent', text);
		});
		precede(Agent, 'say', (_, contactId, text) => this.start('agent to customer', text));
		precede(Customer, 'onFrame', (customer, frame) => this.toCustomer(customer, frame));
		precede(Agent, 'chatFrame', (_, contactId, { type, from, text }) => type === 'message' && from === 'customer' && this.stop('customer to agent', text));
		precede(Agent, 'onFrame', (_, frame) => {
			if (frame.type === 'offer') this.offered(frame.contactId);
			if (frame.type === 'session') for (const { contactId, state } of frame.contacts) if (state === 'offered') this.offered(contactId);
		});
		precede(Customer, 'back', ({ lostAt }) => lostAt && this.note('customer is back', lostAt));
		precede(Agent, 'back', ({ lostAt }) => lostAt && this.note('agent is back', lostAt));
	}

	start(kind, key) {
		const name = `${kind} ${key}`;
		if (!this.begun.has(name)) this.begun.set(name, Date.now());
	}

	stop(kind, key) {
		const from = this.begun.get(`${kind} ${key}`);
		if (from === undefined) return;
		this.begun.delete(`${kind} ${key}`);
		this.note(kind, from);
	}

	note(kind, from) {
		for (const list of this.phases) list.push({ kind, from, ms: Date.now() - from });
	}

	/* Its agent may know of a contact before the customer does. */
	toCustomer(customer, frame) {
		if (frame.type === 'message') this.stop(frame.from === 'customer' ? 'kept' : 'agent to customer', frame.text);
		if (frame.type !== 'opened') return;
		const from = this.begun.get(`open ${customer.request.clientId}`);
		this.begun.delete(`open ${customer.request.clientId}`);
		const at = this.begun.get(`offered ${frame.contactId}`);
		if (from === undefined) return;
		if (at === undefined) this.begun.set(`open to offer ${frame.contactId}`, from);
		else for (const list of this.phases) list.push({ kind: 'open to offer', from, ms: at - from });
		this.begun.delete(`offered ${frame.contactId}`);
	}

	/* Offers are pushed until they are answered. */
	offered(contactId) {
		if (this.begun.has(`open to offer ${contactId}`)) this.stop('open to offer', contactId);
		else this.start('offered', contactId);
	}

	begin() {
		const list = [];
		this.phases.add(list);
		return list;
	}

	end(list) {
		this.phases.delete(list);
		return list;
	}
}

export function byKind(list) {
	return Object.fromEntries(KINDS.map((kind) => [kind, summary(list.filter((one) => one.kind === kind).map(({ ms }) => ms))]));
}

const BUSY = ['applying', 'verifying', 'undoing'];

/* From the journal: a step that is taken back is there twice. */
export async function stepsOf(pelago) {
	const text = await readFile(join(pelago.data, 'log/solution-upgrade.jsonl'), 'utf8').catch(() => '');
	const open = new Map(), steps = [];
	for (const line of text.trim().split('\n').filter(Boolean)) {
		const { plan, step, state, atMs } = JSON.parse(line);
		const name = `${plan} ${step}`;
		if (!step) continue;
		if (BUSY.includes(state) && !open.has(name)) {
			open.set(name, { step: state === 'undoing' ? `back: ${step}` : step, from: atMs, to: Infinity });
			steps.push(open.get(name));
		} else if (!BUSY.includes(state) && open.has(name)) {
			open.get(name).to = atMs;
			open.delete(name);
		}
	}
	return steps;
}

/* The step that began last of those that were under way while somebody waited. */
function stepOf({ from, ms }, steps) {
	const during = steps.filter((step) => step.from <= from + ms && step.to >= from);
	return during.sort((a, b) => b.from - a.from)[0]?.step ?? 'between steps';
}

export function blame(list, steps, seen, leastMs) {
	const rows = new Map();
	for (const wait of list.filter(({ ms }) => ms > leastMs)) {
		const step = stepOf(wait, steps), name = `${step} ${wait.kind}`;
		const row = rows.get(name) ?? { step, kind: wait.kind, n: 0, longest: 0 };
		row.n++;
		if (wait.ms > row.longest) Object.assign(row, { longest: wait.ms, machine: longest(seen, wait.from, wait.ms) });
		rows.set(name, row);
	}
	return [...rows.values()].sort((a, b) => b.longest - a.longest);
}
