/*
 * fault.bench.mjs — how long 100 live chats stand still when a process is killed with kill -9, for each process in
 * turn, in another order each round; also two at once, and one again as it starts. And that nothing was lost, doubled
 * or disordered, no offer lost or made twice, no agent taken out of Ready.
 *
 * Told are, of each process, the longest pause between two answers to any customer, and between two customers who
 * are joined by an agent, while others wait for theirs; as ratio to the usual one of the same run, when nothing is
 * killed. Every ten rounds the chats are closed and checked, and others begin.
 *
 * ROUNDS is how many (100); PELAGO_SEED has another run's choices; PELAGO_STORE=postgresql (tools/with-postgres)
 * changes the store; PELAGO_KEEP=1 leaves the instance's folder.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { startInstance } from '../tests/scenario/lib/instance.mjs';
import { chatsUnderFaults } from '../tests/scenario/lib/exact.mjs';
import { Faults } from '../tests/scenario/lib/faults.mjs';
import { numbers, pick, seed, shuffled } from '../tests/scenario/lib/random.mjs';

const rounds = Number(process.env.ROUNDS ?? 100);
const ROUNDS_EACH = 10, USUAL = 5;

const random = numbers(seed);
const seen = new Map(); /* what → [{ answers, joins }] */

function note({ what, ...pauses }) {
	if (!seen.has(what)) seen.set(what, []);
	seen.get(what).push(pauses);
}

async function round(faults) {
	const names = shuffled(random, await faults.names());
	for (const name of names) note(await faults.pauses(name, () => faults.kill([name])));
	const two = [names[0], names[1]]; /* those that were met longest ago */
	note({ ...await faults.pauses(two.join(' and '), () => faults.kill(two)), what: 'two at once' });
	const starting = pick(random, names.slice(2, names.length / 2));
	note({ ...await faults.pauses(`${starting}, twice`, () => faults.killStarting(starting)), what: 'one, and again as it starts' });
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

function line(what, kind, usual) {
	const sorted = seen.get(what).map((pauses) => pauses[kind]).sort((a, b) => a - b);
	const p50 = at(sorted, 0.5), worst = sorted.at(-1);
	return `p50 ${p50.toFixed(0).padStart(5)} ms  worst ${worst.toFixed(0).padStart(5)} ms  ratio ${(p50 / usual).toFixed(1).padStart(5)}`;
}

console.log(`seed ${seed}, ${rounds} rounds`);
const pelago = await startInstance({ demo: true });
const total = { messages: 0, contacts: 0 };
try {
	for (let done = 0; done < rounds; done += ROUNDS_EACH) {
		const { messages, contacts } = await chatsUnderFaults(pelago, {
			chats: 96,
			agents: 20,
			pauseMs: 3000,
			visitors: 8,
			fault: async (load) => {
				const faults = new Faults(pelago, load);
				for (let i = 0; i < USUAL; i++) note(await faults.pauses('nothing killed', () => {}));
				for (let i = done; i < Math.min(rounds, done + ROUNDS_EACH); i++) await round(faults);
				await faults.ready();
			},
		});
		total.messages += messages;
		total.contacts += contacts;
		console.log(`${Math.min(rounds, done + ROUNDS_EACH)} rounds: ${total.messages} messages in ${total.contacts} contacts, each once and in order on both sides and in the history; each contact offered once`);
	}
	const usual = (kind) => at(seen.get('nothing killed').map((pauses) => pauses[kind]).sort((a, b) => a - b), 0.5);
	console.log(`${''.padEnd(28)} nobody is answered for${''.padEnd(22)}  nobody is joined for`);
	for (const what of [...seen.keys()].sort()) console.log(`${what.padEnd(28)} ${line(what, 'answers', usual('answers'))}   ${line(what, 'joins', usual('joins'))}`);
} finally {
	await pelago.stop({ keep: process.env.PELAGO_KEEP });
}
