/*
 * restore.bench.mjs — SIZE contacts wait; WorkAssignment is killed: how long until it answers again, with the whole
 * queue rebuilt from its store, in order. From the start of the new process, as the kernel has it, to its
 * first answer. Then an agent of 100 places comes, and gets the first 100.
 *
 * The waiting contacts are copies of one that came through the door; in the store their order is none. The
 * baseline of the same run reads their rows in order by plain SQL.
 *
 * SIZE and PELAGO_STORE=postgresql (tools/with-postgres) change what is run; with PELAGO_TEST_POSTGRES alone both
 * stores are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { token } from '../tests/scenario/lib/chat.mjs';
import { until } from '../tests/scenario/lib/instance.mjs';
import { Line } from '../tests/scenario/lib/line.mjs';
import { multiply, settle, sql } from './lib/bulk.mjs';
import { size } from './lib/figures.mjs';
import { employ, startHouse } from './lib/house.mjs';
import { memory, used } from './lib/meter.mjs';

const waiting = size('SIZE', 25000);
const FIRST = 100;
const SPREAD = 7919; /* a prime: place (i * SPREAD) mod count of copy i */
const PATIENCE_MS = 120000;
const COLUMNS = 'contact_id, place, channel, service, plan, excluded, excluded_ms, state, offer_id, since_ms';

/* When a process was started, in the milliseconds of performance.now(); to 10 ms. */
async function startedAt(pid) {
	const ticks = Number((await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1].split(' ')[19]);
	const up = Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]);
	return performance.now() - (1000 * up - 10 * ticks);
}

const pidOf = async (pelago) => (await pelago.processes().catch(() => ({}))).WorkAssignment;

/* One contact that waits, and its copies. */
async function fill(pelago) {
	const customer = new Line(pelago, '/services/CustomerControllerService/chat', {});
	await customer.opened;
	customer.send({ type: 'open', name: 'First', topic: 'support' });
	await until('it waits', async () => {
		const answer = await queues(pelago);
		return answer.items.some((line) => line.waiting === 1);
	});
	await pelago.pelago(['down']);
	customer.end();
	const place = (i) => `((${i} * ${SPREAD}) % ${waiting})`;
	await multiply(pelago, 'WorkAssignment', 'work', waiting, {
		contact_id: (i) => `'W' || (10000000 + ${place(i)})`,
		place: (i, column) => `${column} + 1 + ${place(i)}`,
	});
	await sql(pelago, 'WorkAssignment', "delete from work where contact_id not like 'W%'");
	/* those that will be offered are known to who makes the offers; without, it would wait for news of them */
	await multiply(pelago, 'UCMService', 'contact', FIRST, { contact_id: (i) => `'W' || (9999999 + ${i})` });
	await settle(pelago, 'WorkAssignment');
	const again = await pelago.up();
	assert.equal(again.status, 0, `${again.stderr}\n${await pelago.logs()}`);
}

async function queues(pelago, patience = PATIENCE_MS) {
	for (const end = performance.now() + patience; ; ) {
		pelago.supervisorToken ??= await token(pelago, 'supervisor');
		const headers = { authorization: `Bearer ${pelago.supervisorToken}` };
		const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/WorkAssignment/queues`, { headers });
		if (answer.ok) return answer.json();
		assert.ok([401, 503, 504].includes(answer.status) && performance.now() < end, `queues: ${answer.status} ${await answer.text()}`);
		if (answer.status === 401) pelago.supervisorToken = undefined; /* filling the store took longer than it lives */
	}
}

async function readInOrder(pelago) {
	const began = performance.now();
	await sql(pelago, 'WorkAssignment', `select ${COLUMNS} from work where state = 1 order by place`);
	return (performance.now() - began) / 1000;
}

/* The first that are offered to somebody who has room for so many. */
async function firstOffers(pelago) {
	const offers = [];
	const agent = await employ(pelago, 'agent1', { offer: ({ contactId }) => offers.push(contactId) });
	await agent.ready();
	await until(`${FIRST} are offered`, () => offers.length >= FIRST, PATIENCE_MS);
	agent.end();
	return offers;
}

async function measure() {
	const pelago = await startHouse({ agents: 1, places: FIRST });
	try {
		await fill(pelago);
		assert.equal((await queues(pelago)).items.reduce((sum, line) => sum + line.waiting, 0), waiting);
		const plain = await readInOrder(pelago);
		const old = await pidOf(pelago);
		process.kill(old, 'SIGKILL');
		const pid = await until('it is started again', async () => {
			const now = await pidOf(pelago);
			return now !== old && now;
		});
		const answer = await queues(pelago);
		const answered = performance.now();
		const seconds = (answered - (await startedAt(pid))) / 1000;
		const busy = (await used(pid)) / 1000;
		assert.equal(await pidOf(pelago), pid, 'it was started once');
		assert.equal(answer.items.reduce((sum, line) => sum + line.waiting, 0), waiting);
		const { own } = await memory(pid);
		const offers = await firstOffers(pelago);
		const inOrder = offers.slice(0, Math.min(FIRST, waiting)).every((id, i) => id === `W${10000000 + i}`);
		console.log(`${pelago.store ? 'postgresql' : 'sqlite'}, ${waiting} wait: answers ${seconds.toFixed(2)} s after its start, ${busy.toFixed(2)} s of them busy; rows read in order alone ${plain.toFixed(2)} s, ratio ${(seconds / plain).toFixed(1)}; ${(own / 1024).toFixed(0)} MB; the first ${FIRST} ${inOrder ? 'in order' : 'NOT IN ORDER'}`);
		assert.ok(inOrder, offers.slice(0, 10).join(' '));
	} finally {
		await pelago.stop();
	}
}

const stores = process.env.PELAGO_STORE ? [process.env.PELAGO_STORE] : ['sqlite', ...(process.env.PELAGO_TEST_POSTGRES ? ['postgresql'] : [])];
for (const store of stores) {
	process.env.PELAGO_STORE = store; /* startInstance reads it */
	await measure();
}
