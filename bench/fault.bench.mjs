/*
 * fault.bench.mjs — how long 20 talking chats stand still when a process is killed with kill -9, for each
 * process in turn; and that nothing was lost, doubled or disordered at the end. The baseline of the same run is
 * the longest pause between two answers when nothing is killed.
 *
 * ROUNDS repeats it; PELAGO_STORE=postgresql (tools/with-postgres) changes the store.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startInstance } from '../tests/scenario/lib/instance.mjs';
import { chatsUnderFaults } from '../tests/scenario/lib/exact.mjs';

const rounds = Number(process.env.ROUNDS ?? 1);
const WATCH_MS = 2500;

/* The longest time in which no agent's answer came to any customer, watched for a while. */
async function longestPause(customers) {
	const answers = () => customers.reduce((sum, c) => sum + c.texts('agent').length, 0);
	const end = performance.now() + WATCH_MS;
	let had = answers(), since = performance.now(), longest = 0;
	while (performance.now() < end) {
		await sleep(5);
		const now = performance.now(), has = answers();
		longest = Math.max(longest, now - since);
		if (has !== had) [had, since] = [has, now];
	}
	return longest;
}

const pelago = await startInstance({ demo: true });
try {
	const { messages } = await chatsUnderFaults(pelago, {
		chats: 20,
		agents: 4,
		fault: async ({ customers }) => {
			const usual = await longestPause(customers);
			console.log(`${'nothing killed'.padEnd(28)} ${usual.toFixed(0).padStart(6)} ms`);
			const worst = { pause: 0 };
			for (let round = 0; round < rounds; round++) {
				for (const name of Object.keys(await pelago.processes()).filter((n) => n !== 'pelago')) {
					process.kill((await pelago.processes())[name], 'SIGKILL');
					const pause = await longestPause(customers);
					console.log(`${name.padEnd(28)} ${pause.toFixed(0).padStart(6)} ms   ratio ${(pause / usual).toFixed(1)}`);
					if (pause > worst.pause) Object.assign(worst, { name, pause });
				}
			}
			console.log(`longest: ${worst.pause.toFixed(0)} ms (${worst.name})`);
		},
	});
	console.log(`${messages} messages, each once and in order on both sides`);
} finally {
	await pelago.stop();
}
