/*
 * idle.bench.mjs — what CLIENTS idle WebSockets cost the edge in memory, plain and with TLS, once they are all open
 * and have been for a while: growth of its proportional and its resident set size. The baseline of the same
 * run is a server of npm's `ws` in Node with as many.
 *
 * CLIENTS changes what is run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Line } from '../tests/scenario/lib/line.mjs';
import { startEcho } from './lib/echo.mjs';
import { size } from './lib/figures.mjs';
import { startHouse } from './lib/house.mjs';
import { memory, used } from './lib/meter.mjs';

const clients = size('CLIENTS', 5000);
const AT_ONCE = 50, SETTLE_MS = 3000;

/* What the process grew by with all of them open, in MB, its idle time, and how fast they came. */
async function fill(pid, server, path, tls) {
	const before = await memory(pid);
	const lines = [];
	let lost = 0, leaving = false;
	const began = performance.now();
	while (lines.length < clients) {
		const more = Array.from({ length: Math.min(AT_ONCE, clients - lines.length) }, () => new Line(server, path, {}, { tls }));
		await Promise.all(more.map((line) => line.opened));
		for (const line of more) line.ended.then(() => (lost += leaving ? 0 : 1));
		lines.push(...more);
	}
	const rate = clients / ((performance.now() - began) / 1000);
	await sleep(SETTLE_MS);
	const [from, at] = [await used(pid), performance.now()];
	await sleep(SETTLE_MS);
	const idle = (100 * ((await used(pid)) - from)) / (performance.now() - at);
	const after = await memory(pid);
	leaving = true;
	for (const line of lines) line.end();
	await Promise.all(lines.map((line) => line.ended));
	if (lost) throw new Error(`${lost} connections were lost`);
	const grown = (what) => (after[what] - before[what]) / 1024;
	return { pss: grown('pss'), rss: grown('rss'), rate, idle };
}

async function edge(tls) {
	const pelago = await startHouse({ agents: 1, places: 1 });
	try {
		return await fill((await pelago.processes()).edge, pelago, '/services/CustomerControllerService/chat', tls);
	} finally {
		await pelago.stop();
	}
}

async function node(tls) {
	const echo = await startEcho({ tls });
	try {
		return await fill(echo.pid, echo, '/', tls);
	} finally {
		await echo.stop();
	}
}

const show = (name, { pss, rss, rate, idle }) =>
	console.log(`  ${name.padEnd(12)} PSS +${pss.toFixed(1).padStart(6)} MB   RSS +${rss.toFixed(1).padStart(6)} MB   ${((1024 * pss) / clients).toFixed(1)} KiB each   ${rate.toFixed(0)} connections/s   idle ${idle.toFixed(1)} % of a core`);

for (const tls of [false, true]) {
	console.log(`${clients} idle connections, ${tls ? 'TLS' : 'plain'}`);
	const [ours, theirs] = [await edge(tls), await node(tls)];
	show('edge', ours);
	show('npm ws', theirs);
	console.log(`  ratio ${(ours.pss / theirs.pss).toFixed(2)}`);
}
