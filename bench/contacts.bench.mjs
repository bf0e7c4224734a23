/*
 * contacts.bench.mjs — from the customer's `open` to the offer at the agent's socket, every step durable: the
 * times at 40 contacts a second on loopback. The baseline of the same run is the bare way through the edge
 * and the bus to one service and back: `resume` of a chat that is there, which reads and writes nothing.
 *
 * RATE, SECONDS and PELAGO_STORE=postgresql (tools/with-postgres) change what is run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startInstance, until } from '../tests/scenario/lib/instance.mjs';
import { Agent, Customer } from '../tests/scenario/lib/chat.mjs';
import { liftLimits } from '../tests/scenario/lib/limits.mjs';
import { show, size, summary } from './lib/figures.mjs';

const rate = size('RATE', 40);
const seconds = size('SECONDS', 30);

const pelago = await startInstance({ demo: true });
try {
	await liftLimits(pelago);
	const openedAt = new Map();
	const waits = [];
	const staff = await Promise.all(Array.from({ length: 20 }, (_, i) => Agent.signIn(pelago, `agent${i + 1}`, { autoAccept: true })));
	for (const agent of staff) {
		await agent.ready();
		agent.on('change', () => {
			const frame = agent.frames.at(-1);
			if (frame?.type === 'offer') waits.push(performance.now() - openedAt.get(frame.customer.name));
			agent.frames.length = 0;
		});
		agent.on('assigned', (contactId) => agent.finish(contactId).then(() => agent.contacts.delete(contactId)));
	}
	const customers = [];
	const began = performance.now();
	for (let i = 0; i < rate * seconds; i++) {
		const due = began + (i * 1000) / rate;
		if (due > performance.now()) await sleep(due - performance.now());
		const customer = new Customer(pelago, { name: `c${i}`, topic: 'support' });
		const onOpen = customer.onOpen.bind(customer);
		customer.onOpen = () => {
			openedAt.set(`c${i}`, performance.now());
			onOpen();
		};
		customers.push(customer);
		customer.until((c) => c.has('closed'), 'closed', 120000).then(() => customer.end(), () => {});
	}
	await until('every contact is offered', () => waits.length >= rate * seconds, 60000).catch((error) => console.log(error.message));
	const ours = summary(waits.slice(0, rate * seconds));

	const idle = new Customer(pelago, { name: 'baseline' });
	await idle.until((c) => c.has('survey'), 'its last frame'); /* what is on its way would come again by 'resume' */
	const bare = [];
	for (let i = 0; i < 300; i++) {
		idle.resumed = false;
		const start = performance.now();
		idle.onOpen();
		await idle.until((c) => c.resumed, 'resumed');
		bare.push(performance.now() - start);
		await sleep(5);
	}
	const baseline = summary(bare.slice(50));
	console.log(`${process.env.PELAGO_STORE ?? 'sqlite'}, ${rate} contacts/s for ${seconds} s, ${customers.length - ours.n} not offered`);
	show('open to offer', ours);
	show('edge and one service alone', baseline);
	console.log(`ratio p50 ${(ours.p50 / baseline.p50).toFixed(1)}, p99 ${(ours.p99 / baseline.p99).toFixed(1)}`);
	idle.end();
	for (const peer of [...staff, ...customers]) peer.end();
} finally {
	await pelago.stop();
}
