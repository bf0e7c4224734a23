/*
 * chat.bench.mjs — CHATS live chats in each of which somebody says something every second, customer and agent in
 * turn: the time from sending to the sender's own `message` frame, which comes once it is durable, and the
 * processor time of a message over all processes. The baseline of the same run is an echo by npm's `ws`
 * for as many clients: parsed, sent back, nothing stored, nobody else told.
 *
 * Messages go out evenly, whether earlier ones have been answered or not. The generator is this process;
 * its processor time is told apart, and so is how late its own loop was: that is in the times of both.
 *
 * CHATS, SECONDS and PELAGO_STORE=postgresql (tools/with-postgres) change what is run; PROCESSES=1 prints the
 * processor time of a message by process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../tests/scenario/lib/instance.mjs';
import { Line } from '../tests/scenario/lib/line.mjs';
import { startEcho } from './lib/echo.mjs';
import { show, size, summary } from './lib/figures.mjs';
import { employ, startHouse } from './lib/house.mjs';
import { between, meter, used } from './lib/meter.mjs';

const chats = size('CHATS', 1000);
const seconds = size('SECONDS', 15);
const AGENTS = 20;
const places = Math.min(100, Math.ceil(chats / AGENTS) + 2);
const STEP_MS = 5, WARM_MS = 3000, LAST_MS = 5000;
const TEXT = 'The parcel was announced for Tuesday, but nobody has seen it since it left the depot on Friday evening. '.padEnd(200, '.');

/* Messages of count chats: says(i, key, round) sends one of chat i, acknowledged(key) is told of each answer. */
function talk(count, says) {
	const sentAt = new Map();
	const times = [];
	let measuring = false, sent = 0;
	const acknowledged = (key) => {
		const at = sentAt.get(key);
		if (at === undefined) return; /* not its sender's */
		sentAt.delete(key);
		if (at > 0) times.push(performance.now() - at);
	};
	const delay = monitorEventLoopDelay({ resolution: 1 });
	const run = async (ms) => {
		const began = performance.now();
		for (let done = 0; ; ) {
			const passed = performance.now() - began;
			for (; done < (Math.min(passed, ms) * count) / 1000; done++, sent++) {
				const key = `${sent}`;
				sentAt.set(key, measuring ? performance.now() : 0);
				says(sent % count, key, Math.floor(sent / count));
			}
			if (passed >= ms) return;
			await sleep(STEP_MS);
		}
	};
	return { acknowledged, run, delay, sentAt, times, measure: (on) => (measuring = on) };
}

/* { times, lost, lateMs } of what is said for `seconds`; from() and to() are called around it. */
async function measure(talking, from, to) {
	await talking.run(WARM_MS);
	talking.measure(true);
	talking.delay.enable();
	await from();
	await talking.run(seconds * 1000);
	await to();
	talking.delay.disable();
	talking.measure(false);
	await until('all is answered', () => talking.sentAt.size === 0, LAST_MS).catch(() => {});
	return { times: summary(talking.times), lost: talking.sentAt.size, lateMs: talking.delay.percentile(99) / 1e6 };
}

async function ourChats() {
	const pelago = await startHouse({ agents: AGENTS, places });
	try {
		const open = []; /* { customer, agent, contactId } */
		const byContact = new Map();
		const refused = {};
		const error = ({ code }) => (refused[code] = (refused[code] ?? 0) + 1);
		const pair = (contactId, half) => {
			const chat = byContact.get(contactId) ?? { contactId };
			byContact.set(contactId, Object.assign(chat, half));
			if (chat.customer && chat.agent) open.push(chat);
		};
		const talking = talk(chats, (i, clientId, round) => {
			const { customer, agent, contactId } = open[i];
			if ((i + round) % 2) customer.send({ type: 'message', clientId, text: TEXT });
			else agent.send({ type: 'message', contactId, clientId, text: TEXT });
		});
		/* both sides hear it; whoever sent it is who counts */
		const heard = (isAgent) => ({ from, clientId }) => (from === 'agent') === isAgent && talking.acknowledged(clientId);
		const staff = [];
		for (let i = 1; i <= AGENTS; i++) {
			const agent = await employ(pelago, `agent${i}`, {
				offer: ({ contactId, offerId }) => agent.send({ type: 'accept', contactId, offerId }),
				assigned: ({ contactId }) => pair(contactId, { agent }),
				message: heard(true),
				error,
			});
			await agent.ready();
			staff.push(agent);
		}
		const customers = [];
		for (let i = 0; i < chats; i++) {
			const customer = new Line(pelago, '/services/CustomerControllerService/chat', { opened: ({ contactId }) => pair(contactId, { customer }), message: heard(false), error });
			customer.opened.then(() => customer.send({ type: 'open', name: `C${i}`, topic: 'support' }), () => (refused.connection = (refused.connection ?? 0) + 1));
			customers.push(customer);
			if (i - open.length > 50) await until('chats are assigned', () => i - open.length <= 50);
		}
		await until('every chat has its agent', () => open.length === chats);
		let from, spent;
		const result = await measure(talking, async () => (from = await meter(pelago)), async () => (spent = between(from, await meter(pelago))));
		for (const peer of [...staff, ...customers]) peer.end();
		return { ...result, spent, refused };
	} finally {
		await pelago.stop();
	}
}

async function echoed() {
	const echo = await startEcho();
	try {
		const clients = [];
		const talking = talk(chats, (i, clientId) => clients[i].send({ type: 'message', clientId, text: TEXT }));
		for (let i = 0; i < chats; i++) {
			const client = new Line(echo, '/', { message: ({ clientId }) => talking.acknowledged(clientId) });
			await client.opened;
			clients.push(client);
		}
		let from, ours;
		const result = await measure(talking, async () => (from = await used(echo.pid)), async () => (ours = (await used(echo.pid)) - from));
		for (const client of clients) client.end();
		return { ...result, spent: { ours } };
	} finally {
		await echo.stop();
	}
}

const told = ({ lost, lateMs }) => `${lost} unanswered; the generator's loop late by ${lateMs.toFixed(1)} ms (p99)`;

const ours = await ourChats();
const echo = await echoed();
const us = ({ spent, times }) => (1000 * spent.ours) / times.n;
console.log(`${process.env.PELAGO_STORE ?? 'sqlite'}, ${chats} chats, a message a second each for ${seconds} s; refused ${JSON.stringify(ours.refused)}`);
show('acknowledged', ours.times);
console.log(`  ${told(ours)}`);
show('echo by npm ws', echo.times);
console.log(`  ${told(echo)}`);
console.log(`processor time of a message ${us(ours).toFixed(0)} us, echo ${us(echo).toFixed(0)} us; the generator's ${((100 * ours.spent.generator) / ours.spent.ms).toFixed(0)} % of a core`);
console.log(`ratio p50 ${(ours.times.p50 / echo.times.p50).toFixed(1)}, p99 ${(ours.times.p99 / echo.times.p99).toFixed(1)}, processor time ${(us(ours) / us(echo)).toFixed(1)}`);
if (process.env.PROCESSES) for (const [name, ms] of ours.spent.each) console.log(`  ${name.padEnd(28)} ${((1000 * ms) / ours.times.n).toFixed(0)} us`);
