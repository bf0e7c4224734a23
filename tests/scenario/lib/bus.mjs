/*
 * bus.mjs — a bus without users, for a program that is run alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawn } from 'node:child_process';
import { freePort } from './instance.mjs';

/* What use(ADDRESS) gives; a program waits for a bus that isn't there yet. */
export async function withBus(use) {
	const port = await freePort();
	const bus = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
	try {
		return await use(`nats://127.0.0.1:${port}`);
	} finally {
		bus.kill();
	}
}
