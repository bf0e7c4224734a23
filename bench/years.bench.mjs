/*
 * years.bench.mjs — a contact centre that has worked for years: how long contacts take from `open` to their offer, and
 * the pages' requests, with SIZE old contacts of ten messages each in the stores. The baseline of the same run is
 * a second instance with next to nothing there, asked in turn with the first.
 *
 * What services keep of old contacts is multiplied from one that was served, as far back as each keeps it
 * (`kept` below), spread evenly over DAYS days; a customer has ten of them.
 *
 * SIZE (1000000 is the goal's), DAYS, RATE, SECONDS and PELAGO_STORE=postgresql (tools/with-postgres) change what is
 * run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { token } from '../tests/scenario/lib/chat.mjs';
import { run, until } from '../tests/scenario/lib/instance.mjs';
import { Line } from '../tests/scenario/lib/line.mjs';
import { multiply, settle } from './lib/bulk.mjs';
import { show, size, summary } from './lib/figures.mjs';
import { asAdmin, employ, startHouse } from './lib/house.mjs';

const contacts = size('SIZE', 50000);
const days = size('DAYS', 730);
const rate = size('RATE', 20);
const seconds = size('SECONDS', 8);
const AGENTS = 20, PLACES = 5;
const MESSAGES = 10; /* of a contact */
const OF_A_CUSTOMER = 10;
const ASKED = 100; /* times each page */
const DEEP = 20; /* pages of 200 */
const GOAL = 1.2;
const stepMs = Math.floor((days * 86400000) / contacts);
const FOR_EVER = Infinity;
const TEMPLATE = 'template@example.com'; /* who had the contact that is multiplied */

/* Age 1 is the youngest. The id sorts as a real one of that time. */
const contactId = (age) => `'01M0000000000000' || (${2e9 + contacts} - ${age})`;
const customer = (age) => `'u' || (${age} % ${Math.ceil(contacts / OF_A_CUSTOMER)}) || '@example.com'`;
const agent = (age) => `'agent' || (1 + ${age} % ${AGENTS})`;
const ago = (age, column) => `case when ${column} > 0 then ${column} - ${age} * ${stepMs} else ${column} end`;
const another = (age, column) => `${column} || '-' || ${age}`;
const stream = (age) => `'contact.' || ${contactId(age)}`;

/* Where there is one. */
const anyAgent = (age, column) => `case when ${column} = '' then '' else ${agent(age)} end`;

/* What each service keeps of a contact, for how many days; `of`: the column with its id. */
const kept = [
	['OCPDataServices', 'contact', 'id', FOR_EVER, { first_ms: ago, customer, email: customer, opened_ms: ago, closed_ms: ago }],
	['OCPDataServices', 'contact_offer', 'contact', FOR_EVER, { offer: another, agent, made_ms: ago, accepted_ms: ago, ended_ms: ago }],
	['OCPDataServices', 'contact_agent', 'contact', FOR_EVER, { agent, first_ms: ago }],
	['OCPDataServices', 'step', 'contact', FOR_EVER, { at_ms: ago, agent: anyAgent }],
	['OCPDataServices', 'transcript', 'contact', FOR_EVER, { at_ms: ago }],
	['OCPDataServices', 'pl_seen', 'key', 8, { at_ms: ago }],
	['UCMService', 'contact', 'contact_id', 1, { opened_ms: ago, since_ms: ago, closed_ms: ago, offer_id: another, agent_id: agent }],
	['UCMService', 'offer', 'contact_id', 1, { offer_id: another, agent_id: agent, made_ms: ago, since_ms: ago }],
	['UCMService', 'told', 'contact_id', 1, { at_ms: ago }],
	['UCMService', 'pl_seen', 'key', 8, { at_ms: ago }],
	['UCMService', 'pl_key', 'key', FOR_EVER, {}],
	['CustomerControllerService', 'chat', 'contact_id', 1, { client_id: another, opened_ms: ago, closed_ms: ago }],
	['CustomerControllerService', 'participant', 'contact_id', 1, { offer_id: another, agent_id: agent, joined_ms: ago, left_ms: ago }],
	['CustomerControllerService', 'said', 'contact_id', 1, {}],
	['CustomerControllerService', 'told', 'contact_id', 1, { at_ms: ago }],
	['CustomerControllerService', 'pl_seen', 'key', 8, { at_ms: ago }],
	['CustomerControllerService', 'pl_key', 'key', FOR_EVER, {}],
	['CustomerControllerService', 'pl_stream', 'stream', 1, {}],
	['CustomerControllerService', 'pl_frame', 'stream', 1, {}],
	['WorkAssignment', 'closed', 'contact_id', 7, { at_ms: ago }],
	['WorkAssignment', 'decision', 'contact_id', 7, { offer_id: another, agent_id: agent, at_ms: ago }],
	['WorkAssignment', 'pl_seen', 'key', 8, { at_ms: ago }],
	['WorkAssignment', 'pl_key', 'key', FOR_EVER, {}],
	['EngagementDesigner', 'instance', 'contact', 30, { id: another, started_ms: ago, ended_ms: ago }],
	['EngagementDesigner', 'pl_seen', 'key', 8, { at_ms: ago }],
	['EngagementDesigner', 'pl_key', 'key', FOR_EVER, {}],
	['AgentControllerService', 'agent_contact', 'contact_id', 1, { offer_id: another, agent_id: agent }],
	['AgentControllerService', 'pl_seen', 'key', 8, { at_ms: ago }],
	['UnifiedAgentController', 'pl_seen', 'key', 8, { at_ms: ago }],
	['ContextStore', 'context_audit', 'context', 8, { id: another, at_ms: ago }],
];

/* Not of one contact: a customer and how it is searched for, history of an instance's steps. */
async function fillOthers(pelago, id) {
	const customers = Math.ceil(contacts / OF_A_CUSTOMER);
	const hex = (text) => (pelago.store ? `encode(convert_to(${text}, 'UTF8'), 'hex')` : `lower(hex(${text}))`);
	const [name, email] = ["'template'", `'${TEMPLATE}'`].map(hex);
	await multiply(pelago, 'OCPDataServices', 'customer', customers, { id: customer, email: customer, root: customer, first_ms: ago, last_ms: ago }, `id = '${TEMPLATE}'`);
	await multiply(pelago, 'OCPDataServices', 'address', customers, { value: customer, customer }, `customer = '${TEMPLATE}'`);
	await multiply(pelago, 'OCPDataServices', 'customer_word', customers, { customer }, `customer = '${TEMPLATE}' and key = ${name}`);
	await multiply(pelago, 'OCPDataServices', 'customer_word', customers, { key: (i) => hex(customer(i)), customer }, `customer = '${TEMPLATE}' and key = ${email}`);
	await multiply(pelago, 'EngagementDesigner', 'history', share(30), { instance: another, at_ms: ago }, `instance in (select id from instance where contact = '${id}')`);
}

const share = (keptDays) => Math.max(1, Math.min(contacts, Math.floor((contacts * keptDays) / days)));

async function fill(pelago, id) {
	for (const [service, table, of, keptDays, changed] of kept) {
		const count = share(keptDays);
		const value = of === 'stream' ? stream : contactId;
		const aged = Object.entries({ ...changed, [of]: value }).map(([name, by]) => [name, (i, column) => by(`(${count + 1} - ${i})`, column)]);
		await multiply(pelago, service, table, count, Object.fromEntries(aged), `${of} = '${of === 'stream' ? 'contact.' : ''}${id}'`);
	}
	await fillOthers(pelago, id);
	for (const service of new Set(kept.map(([name]) => name))) await settle(pelago, service);
}

/* Contacts that are opened, offered, accepted, talked in, and closed; gives the times to the offer and the ids. */
class Floor {
	constructor(pelago, messages) {
		this.pelago = pelago;
		this.messages = messages;
		this.openedAt = new Map();
		this.times = [];
		this.done = [];
	}

	async open() {
		this.staff = [];
		for (let i = 1; i <= AGENTS; i++) {
			const left = new Map(); /* contact → what is still to be said */
			const close = (contactId) => member.send({ type: 'close', contactId, disposition: 'Resolved' });
			const member = await employ(this.pelago, `agent${i}`, {
				offer: ({ contactId, offerId, customer: { name } }) => {
					this.times.push(performance.now() - this.openedAt.get(name));
					member.send({ type: 'accept', contactId, offerId });
				},
				assigned: ({ contactId }) => {
					left.set(contactId, this.messages);
					if (!this.messages) close(contactId);
					else member.send({ type: 'message', contactId, clientId: `${contactId}-0`, text: 'What can I do for you?' });
				},
				message: ({ contactId, from }) => {
					if (from !== 'agent' || !left.has(contactId)) return;
					const more = left.get(contactId) - 1;
					left.set(contactId, more);
					if (more > 0) member.send({ type: 'message', contactId, clientId: `${contactId}-${more}`, text: `This is the ${more}th thing from the end that had to be said about it.` });
					else close(contactId);
				},
				closed: ({ contactId, wrapUpSeconds }) => {
					if (wrapUpSeconds === undefined) return;
					member.send({ type: 'complete', contactId });
					this.done.push(contactId);
				},
			});
			await member.ready();
			this.staff.push(member);
		}
	}

	call(name, email) {
		const line = new Line(this.pelago, '/services/CustomerControllerService/chat', { closed: () => line.end() });
		line.opened.then(() => {
			this.openedAt.set(name, performance.now());
			line.send({ type: 'open', name, email, topic: 'support' });
		});
	}

	close() {
		for (const member of this.staff) member.end();
	}
}

async function one(pelago) {
	const floor = new Floor(pelago, MESSAGES - 1); /* one more is the greeting */
	await floor.open();
	floor.call('Template', TEMPLATE);
	await until('the first contact is done', () => floor.done.length === 1);
	floor.close();
	return floor.done[0];
}

/* In all houses, one after the other; [{ times, last }, …]. */
async function openings(houses) {
	const floors = houses.map((pelago) => new Floor(pelago, 0));
	const count = rate * seconds;
	for (const floor of floors) await floor.open();
	const began = performance.now();
	for (let i = 0; i < count * floors.length; i++) {
		const due = began + (i * 1000) / rate / floors.length;
		if (due > performance.now()) await sleep(due - performance.now());
		const name = `c${Math.floor(i / floors.length)}`;
		floors[i % floors.length].call(name, `${name}@example.com`);
	}
	for (const floor of floors) {
		await until('every contact is done', () => floor.done.length >= count, 60000);
		floor.close();
	}
	return floors.map((floor) => ({ times: summary(floor.times), last: floor.done.at(-1) }));
}

/* The same of each house, paths[i] of houses[i], in turn; [{ times, answer }, …]. */
async function timed(houses, paths) {
	const results = houses.map(() => ({ times: [] }));
	for (let i = 0; i < ASKED; i++)
		for (const [at, pelago] of houses.entries()) {
			const start = performance.now();
			results[at].answer = await asAdmin(pelago, 'GET', paths[at]);
			results[at].times.push(performance.now() - start);
		}
	return results.map(({ times, answer }) => ({ times: summary(times), answer }));
}

async function deepCursor(pelago, pages) {
	let cursor = '';
	for (let i = 0; i < pages && cursor !== null; i++)
		cursor = (await asAdmin(pelago, 'GET', `OCPDataServices/contacts?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)).cursor;
	return cursor ?? '';
}

/*
 * The pages' requests: of an old contact, its customer, and one that has just ended; deep: where a deep page begins.
 * Where the empty house has less to show, no more of it is asked for.
 */
const pages = ({ contact, email, last, deep }) => ({
	'contacts, first page': 'OCPDataServices/contacts',
	'contacts, deep page': `OCPDataServices/contacts${deep && `?cursor=${encodeURIComponent(deep)}`}`,
	'contacts that wait': 'OCPDataServices/contacts?state=waiting',
	'contacts of an agent': 'OCPDataServices/contacts?agent=agent7&limit=3',
	'contacts of nobody': 'OCPDataServices/contacts?agent=nobody',
	'history of a customer': `OCPDataServices/history?customer=${email}&limit=1`,
	'customers by address': `OCPDataServices/customers?q=${email}`,
	'customers by name': 'OCPDataServices/customers?q=temp&limit=1',
	'a contact, transcript': `OCPDataServices/contacts/${contact}`,
	'queues': 'WorkAssignment/queues',
	'decisions of a contact': `WorkAssignment/contacts/${last}/decisions`,
	'instances': 'EngagementDesigner/instances',
	'live contacts': 'UCMService/contacts',
});

/* Fills a house that has had one contact; returns how to ask for an old one, and what there is to say about it. */
async function age(pelago, id) {
	await pelago.pelago(['down']);
	const began = performance.now();
	await fill(pelago, id);
	const filled = (performance.now() - began) / 1000;
	const disk = pelago.store ? '' : `, ${(await run('du', ['-sm', `${pelago.data}/services`])).stdout.split('\t')[0]} MB`;
	const upAt = performance.now();
	const up = await pelago.up();
	assert.equal(up.status, 0, `${up.stderr}\n${await pelago.logs()}`);
	console.log(`${process.env.PELAGO_STORE ?? 'sqlite'}, ${contacts} contacts of ${days} days, ${contacts * MESSAGES} messages${disk} (made in ${filled.toFixed(0)} s); ready after ${((performance.now() - upAt) / 1000).toFixed(2)} s`);
	const old = Math.ceil(contacts / 2);
	return { contact: `01M0000000000000${2e9 + contacts - old}`, email: `u${old % Math.ceil(contacts / OF_A_CUSTOMER)}@example.com` };
}

function tell(name, [empty, full]) {
	const ratio = full.p50 / empty.p50;
	show(name, empty);
	show('  with years', full);
	console.log(`  ratio p50 ${ratio.toFixed(2)}, p99 ${(full.p99 / empty.p99).toFixed(2)}${ratio > GOAL ? '   slower than the goal' : ''}`);
}

const houses = [];
try {
	for (let i = 0; i < 2; i++) houses.push(await startHouse({ agents: AGENTS, places: PLACES }));
	const [empty, full] = houses;
	const asked = [{ contact: await one(empty), email: TEMPLATE }, await age(full, await one(full))];
	const opened = await openings(houses);
	for (const [i, of] of asked.entries()) Object.assign(of, { last: opened[i].last, deep: i ? await deepCursor(full, DEEP) : '' });
	const [ofEmpty, ofFull] = asked.map(pages);
	console.log(`${rate} contacts/s in each for ${seconds} s`);
	tell('open to offer', opened.map(({ times }) => times));
	for (const name of Object.keys(ofEmpty)) {
		const results = await timed(houses, [ofEmpty[name], ofFull[name]]);
		tell(name, results.map(({ times }) => times));
		const { answer } = results[1];
		if (answer.transcript) assert.equal(answer.transcript.length, MESSAGES, 'messages of an old contact');
		if (answer.customer && answer.items) assert.ok(answer.items.length === 1 && answer.cursor, 'more contacts of the customer');
	}
} finally {
	for (const pelago of houses) await pelago.stop();
}
