/*
 * throughput.bench.mjs — contacts a second from `open` over offer, accept and close to the end of wrap-up, every
 * step durable, as fast as they go: LANES customers, one contact after the other, and 20 agents who share them. The processor time of the generator (this process, on the same cores) is told apart: the second
 * rate is what the same machine would do if the customers and agents sat elsewhere.
 *
 * SECONDS, LANES and PELAGO_STORE=postgresql (tools/with-postgres) change what is run; PROCESSES=1 prints the
 * processor time of a contact by process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { startInstance } from '../tests/scenario/lib/instance.mjs';
import { token } from '../tests/scenario/lib/chat.mjs';
import { liftLimits } from '../tests/scenario/lib/limits.mjs';
import { Line } from '../tests/scenario/lib/line.mjs';
import { size } from './lib/figures.mjs';
import { between, meter } from './lib/meter.mjs';

const seconds = size('SECONDS', 15);
const lanes = size('LANES', 400);
const WARM_MS = 3000;

const counts = { offered: 0, done: 0, refused: {} };

/* As many contacts as there are lanes have an agent at once. */
async function makeRoom(pelago) {
	const authorization = `Bearer ${await token(pelago, 'admin')}`;
	const chat = Math.min(100, Math.ceil(lanes / 20) + 2);
	for (let i = 1; i <= 20; i++) {
		const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/UCAStoreService/users/agent${i}`, { method: 'PUT', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify({ capacity: { total: chat, chat } }) });
		if (!answer.ok) throw new Error(`agent${i}: ${answer.status} ${await answer.text()}`);
	}
}

async function employ(pelago, user) {
	const agent = new Line(pelago, '/services/UnifiedAgentController/agent', {
		offer: (frame) => {
			counts.offered++;
			agent.send({ type: 'accept', contactId: frame.contactId, offerId: frame.offerId });
		},
		assigned: (frame) => agent.send({ type: 'close', contactId: frame.contactId, disposition: 'Resolved' }),
		closed: (frame) => agent.send({ type: 'complete', contactId: frame.contactId }),
		session: () => agent.send({ type: 'state', state: 'Ready' }),
	});
	await agent.opened;
	agent.send({ type: 'hello', token: await token(pelago, user) });
	return agent;
}

/* One contact after the other. */
async function run(pelago, going) {
	while (going()) {
		await new Promise((next) => {
			const customer = new Line(pelago, '/services/CustomerControllerService/chat', {
				closed: () => {
					counts.done++;
					customer.end();
				},
				error: (frame) => {
					counts.refused[frame.code] = (counts.refused[frame.code] ?? 0) + 1;
					setTimeout(() => customer.end(), 50);
				},
			});
			customer.opened.then(() => customer.send({ type: 'open', name: 'C', topic: 'support' }), () => {});
			customer.ended.then(next);
		});
	}
}

const pelago = await startInstance({ demo: true });
try {
	await liftLimits(pelago);
	await makeRoom(pelago);
	const agents = await Promise.all(Array.from({ length: 20 }, (_, i) => employ(pelago, `agent${i + 1}`)));
	const end = performance.now() + WARM_MS + seconds * 1000;
	const running = Array.from({ length: lanes }, () => run(pelago, () => performance.now() < end));
	await sleep(WARM_MS);
	const from = await meter(pelago), had = counts.done;
	await sleep(seconds * 1000);
	const to = await meter(pelago), done = counts.done - had;
	await Promise.race([Promise.all(running), sleep(10000)]);

	const { ms, ours: ourMs, generator, each } = between(from, to);
	const rate = done / (ms / 1000);
	console.log(`${process.env.PELAGO_STORE ?? 'sqlite'}, ${lanes} contacts at once, ${done} in ${(ms / 1000).toFixed(1)} s; refused ${JSON.stringify(counts.refused)}`);
	console.log(`with the generator on the same ${cpus().length} cores  ${rate.toFixed(0)} contacts/s`);
	console.log(`processor time of a contact                ${(ourMs / done).toFixed(2)} ms (generator ${(generator / done).toFixed(2)} ms)`);
	console.log(`its own time subtracted                    ${(rate * (ourMs + generator) / ourMs).toFixed(0)} contacts/s`);
	if (process.env.PROCESSES) for (const [name, one] of each) console.log(`  ${name.padEnd(28)} ${(one / done).toFixed(3)} ms`);
	agents.forEach((agent) => agent.end());
} finally {
	await pelago.stop();
}
