/*
 * meter.mjs — processor time and memory of processes, from /proc.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFile } from 'node:fs/promises';

const TICK_MS = 10; /* USER_HZ is 100 on Linux */

/* Processor time of a process so far, in ms. */
export async function used(pid) {
	const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1].split(' ');
	return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/* In KiB: proportional set size, resident set size, and what no other process shares. */
export async function memory(pid) {
	const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
	const kib = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)[1]);
	return { pss: kib('Pss'), rss: kib('Rss'), own: kib('Private_Clean') + kib('Private_Dirty') };
}

/* Processor time of all processes of an instance, and of this one, the generator, apart. */
export async function meter(pelago) {
	const all = {};
	for (const [name, pid] of Object.entries(await pelago.processes())) all[name] = await used(pid);
	const { user, system } = process.cpuUsage();
	return { at: performance.now(), all, generator: (user + system) / 1000 };
}

/* What lies between two of them: { ms, ours, generator, each: [[process, ms], …] }, the largest first. */
export function between(from, to) {
	const each = Object.keys(to.all).map((name) => [name, to.all[name] - (from.all[name] ?? 0)]).sort((a, b) => b[1] - a[1]);
	return { ms: to.at - from.at, ours: each.reduce((sum, [, ms]) => sum + ms, 0), generator: to.generator - from.generator, each };
}
