/*
 * probe.mjs — how long the machine itself lets somebody wait who only writes 4 KiB to the disk and looks at the clock,
 * each LOOK_MS: what is no longer than that isn't the doing of what is measured.
 *
 *   const probe = await startProbe(folder);
 *   const seen = await probe.stop()            [{ from, ms }] of the wall clock
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const LOOK_MS = 50;

async function look(folder) {
	const file = await open(join(folder, 'probe'), 'w'), page = Buffer.alloc(4096), seen = [];
	let over = false;
	process.on('message', () => (over = true));
	process.on('disconnect', () => process.exit()); /* who measures was killed */
	while (!over) {
		const from = Date.now();
		await file.write(page, 0, page.length, 0);
		await file.datasync();
		await sleep(LOOK_MS);
		seen.push({ from, ms: Date.now() - from - LOOK_MS });
	}
	process.send(seen, () => process.exit());
}

export async function startProbe(folder) {
	const child = fork(fileURLToPath(import.meta.url), [folder], { execArgv: [], serialization: 'advanced' });
	return {
		stop: async () => {
			child.send('stop');
			const [seen] = await once(child, 'message');
			return seen;
		},
	};
}

/* The longest of those that overlap a time. */
export const longest = (seen, from, ms) => seen.reduce((most, one) => (one.from <= from + ms && one.from + LOOK_MS + one.ms >= from ? Math.max(most, one.ms) : most), 0);

if (process.argv[1] === fileURLToPath(import.meta.url)) await look(process.argv[2]);
