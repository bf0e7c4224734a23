/*
 * limits.mjs — the demo lets 600 chats a minute in from one address; a benchmark wants more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './instance.mjs';

/* For an edge that starts later. */
export async function writeLimits(data) {
	await mkdir(join(data, 'edge'), { recursive: true });
	await writeFile(join(data, 'edge', 'config.json'), JSON.stringify({ limits: { open: { perMinute: 6000000, burst: 100000 }, login: { perMinute: 60000, burst: 1000 }, connections: 20000 } }));
}

export async function liftLimits(pelago) {
	await writeLimits(pelago.data);
	const { edge } = await pelago.processes();
	process.kill(edge, 'SIGKILL');
	await until('the edge is back', async () => {
		const now = await pelago.processes().catch(() => ({}));
		return now.edge && now.edge !== edge && (await fetch(`http://127.0.0.1:${pelago.httpPort}/readyz`).catch(() => ({}))).status === 200;
	});
}
