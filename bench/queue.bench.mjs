/*
 * queue.bench.mjs — contacts a second that AGENTS agents serve who work a second on each, while more are offered
 * than they can take: what is lost between the end of one contact and the beginning of the next. Each agent
 * has one place. The baseline is the limit: every agent at work all the time.
 *
 * Served is what was closed in the second half of the run, when all agents have long been at work and the queue
 * grows. An agent's second runs from `assigned` to the sending of `close`; wrap-up is completed at once.
 *
 * AGENTS, RATE, SECONDS and PELAGO_STORE=postgresql (tools/with-postgres) change what is run; PROCESSES=1 tells the
 * processor time of each process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Line } from '../tests/scenario/lib/line.mjs';
import { show, size, summary } from './lib/figures.mjs';
import { employ, startHouse } from './lib/house.mjs';
import { between, meter } from './lib/meter.mjs';

const agents = size('AGENTS', 50);
const rate = size('RATE', 60);
const seconds = size('SECONDS', 30);
const WORK_MS = 1000;

const pelago = await startHouse({ agents, places: 1 });
try {
	const staff = [];
	const gaps = []; /* from the sending of close to the next assigned */
	const refused = {};
	let served = 0, talkMs = 0, measuring = false;

	for (let i = 1; i <= agents; i++) {
		let closedAt;
		const agent = await employ(pelago, `agent${i}`, {
			offer: ({ contactId, offerId }) => agent.send({ type: 'accept', contactId, offerId }),
			assigned: ({ contactId }) => {
				const from = performance.now();
				if (measuring && closedAt) gaps.push(from - closedAt);
				setTimeout(() => {
					closedAt = performance.now();
					if (measuring) talkMs += closedAt - from;
					agent.send({ type: 'close', contactId, disposition: 'Resolved' });
				}, WORK_MS);
			},
			closed: ({ contactId, wrapUpSeconds }) => {
				if (wrapUpSeconds === undefined) return; /* the chat's own end */
				served++;
				agent.send({ type: 'complete', contactId });
			},
			error: ({ code }) => (refused[code] = (refused[code] ?? 0) + 1),
		});
		staff.push(agent);
	}
	for (const agent of staff) await agent.ready();

	const customers = new Set();
	const call = (i) => {
		const customer = new Line(pelago, '/services/CustomerControllerService/chat', {
			closed: () => customer.end(),
			error: ({ code }) => (refused[code] = (refused[code] ?? 0) + 1),
		});
		customers.add(customer);
		customer.ended.then(() => customers.delete(customer));
		customer.opened.then(() => customer.send({ type: 'open', name: `C${i}`, topic: 'support' }), () => (refused.connection = (refused.connection ?? 0) + 1));
	};
	const began = performance.now();
	const half = Math.floor((rate * seconds) / 2);
	let from, had;
	for (let i = 0; i < rate * seconds; i++) {
		const due = began + (i * 1000) / rate;
		if (due > performance.now()) await sleep(due - performance.now());
		if (i === half) {
			from = await meter(pelago);
			had = served;
			measuring = true;
		}
		call(i);
	}
	const late = performance.now() - began - seconds * 1000;
	measuring = false;
	const counted = served - had;
	const { ms, ours, generator, each } = between(from, await meter(pelago));
	const reached = counted / (ms / 1000);
	const limit = agents / (WORK_MS / 1000);

	console.log(`${process.env.PELAGO_STORE ?? 'sqlite'}, ${agents} agents, ${rate} contacts/s offered for ${seconds} s (the last ${Math.max(0, late).toFixed(0)} ms late); ${customers.size} still there; refused ${JSON.stringify(refused)}`);
	console.log(`served ${reached.toFixed(1)}/s, at work ${((100 * talkMs) / ms / agents).toFixed(1)} % of the time; limit ${limit.toFixed(1)}/s, ratio ${(reached / limit).toFixed(3)}`);
	console.log(`processor time of a contact ${(ours / counted).toFixed(2)} ms, of the generator ${(generator / counted).toFixed(2)} ms`);
	if (process.env.PROCESSES) for (const [name, one] of each) console.log(`  ${name.padEnd(28)} ${(one / counted).toFixed(3)} ms`);
	show('from one to the next', summary(gaps));
	for (const peer of [...staff, ...customers]) peer.end();
} finally {
	await pelago.stop();
}
