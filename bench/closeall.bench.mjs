/*
 * closeall.bench.mjs — Close all Chatrooms over CHATS open chats: how long until the last is closed and its customer
 * told, and how long a message of somebody else waits meanwhile. The baseline of the same run: as many customers
 * who close their chats themselves, all at once.
 *
 * CHATS and PELAGO_STORE=postgresql (tools/with-postgres) change what is run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { token } from '../tests/scenario/lib/chat.mjs';
import { startInstance, until } from '../tests/scenario/lib/instance.mjs';
import { liftLimits } from '../tests/scenario/lib/limits.mjs';
import { Line } from '../tests/scenario/lib/line.mjs';

const chats = Number(process.env.CHATS ?? 4000);
const AT_ONCE = 200; /* that are being opened */
const PATH = '/services/CustomerControllerService';

/* So many open chats; counts tells how many there are, and how many are closed. */
async function openAll(pelago) {
	const counts = { opened: 0, closed: 0 };
	const lines = [];
	for (let i = 0; i < chats; i++) {
		const line = new Line(pelago, `${PATH}/chat`, { opened: () => counts.opened++, closed: () => counts.closed++ });
		line.opened.then(() => line.send({ type: 'open', name: `c${i}`, topic: 'support' }));
		lines.push(line);
		if (i % 50 === 0) await until('they are open', () => counts.opened > i - AT_ONCE, 60000);
	}
	await until('all are open', () => counts.opened === chats, 60000);
	await sleep(3000); /* their workflows have greeted them */
	return { counts, lines };
}

/* Somebody who writes all the time; the waits for each message's return. */
async function talk(pelago) {
	const waits = [];
	let sentAt, n = 0;
	const say = () => {
		sentAt = performance.now();
		line.send({ type: 'message', clientId: `m${n++}`, text: 'hello' });
	};
	const line = new Line(pelago, `${PATH}/chat`, {
		opened: say,
		message: (frame) => {
			if (frame.from !== 'customer') return;
			waits.push(performance.now() - sentAt);
			setTimeout(say, 2);
		},
	});
	await line.opened;
	line.send({ type: 'open', name: 'talks', topic: 'support' });
	await until('a message is back', () => waits.length > 0);
	return { line, waits };
}

/* begin starts it, and somebody who talks meanwhile. */
async function measure(name, { counts, lines }, begin) {
	const from = performance.now();
	const { line, waits } = await begin(lines);
	await until('all are closed', () => counts.closed === chats, 120000);
	const seconds = (performance.now() - from) / 1000;
	waits.sort((a, b) => a - b);
	console.log(`${name.padEnd(28)} ${chats} in ${seconds.toFixed(2)} s, ${(chats / seconds).toFixed(0)}/s; a message meanwhile: n ${waits.length}, p50 ${waits[waits.length >> 1].toFixed(1)} ms, max ${waits.at(-1).toFixed(1)} ms`);
	for (const one of [line, ...lines]) one.end();
	return seconds;
}

const pelago = await startInstance({ demo: true });
try {
	await liftLimits(pelago);
	const authorization = `Bearer ${await token(pelago, 'admin')}`;
	const baseline = await measure('by the customers themselves', await openAll(pelago), (lines) => {
		lines.forEach((line) => line.send({ type: 'close' }));
		return talk(pelago);
	});
	const taken = await measure('Close all Chatrooms', await openAll(pelago), async () => {
		const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}${PATH}/close-all`, { method: 'POST', headers: { authorization } });
		if (answer.status !== 202) throw new Error(`close-all: ${answer.status} ${await answer.text()}`);
		return talk(pelago); /* opened meanwhile: it goes on */
	});
	console.log(`ratio to the baseline ${(taken / baseline).toFixed(2)}`);
} finally {
	await pelago.stop();
}
process.exit();
