/*
 * fault.test.mjs — kill -9 under 100 live chats, beside which customers wait, are offered and go: nothing lost,
 * doubled or out of order, no offer lost or made twice, no agent out of Ready; and all is back within a second.
 *
 * Each day's run kills others, in another order (PELAGO_SEED makes a run's choices those of another one);
 * `make bench BENCH=fault` kills all, and 100 times.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance } from './lib/instance.mjs';
import { chatsUnderFaults } from './lib/exact.mjs';
import { Faults } from './lib/faults.mjs';
import { numbers, seed, shuffled } from './lib/random.mjs';

const KILLED = 6, TWOS = 2;

let pelago;

before(async () => {
	pelago = await startInstance({ demo: true });
});
after(() => pelago?.stop({ keep: process.env.PELAGO_KEEP }));

test(`PLT-60 PLT-6 PLT-31: processes are killed under 100 chats, and everything is exact (seed ${seed})`, { timeout: 240000 }, async (t) => {
	const random = numbers(seed);
	const singles = [];
	let faults, usual;
	const { longest, messages, contacts } = await chatsUnderFaults(pelago, {
		chats: 96,
		agents: 20,
		pauseMs: 3000,
		visitors: 8, /* for 4 places: 4 wait */
		fault: async (load) => {
			faults = new Faults(pelago, load);
			usual = await faults.pauses('nothing killed', () => {}, 3000);
			const names = shuffled(random, await faults.names());
			const twos = Array.from({ length: TWOS }, () => [names.pop(), names.pop()]);
			const starting = names.pop();
			for (const name of names.slice(0, KILLED)) singles.push(await faults.pauses(name, () => faults.kill([name])));
			for (const two of twos) await faults.pauses(two.join(' and '), () => faults.kill(two));
			await faults.pauses(`${starting}, and again as it starts`, () => faults.killStarting(starting));
			await faults.ready();
		},
	}).catch((error) => {
		throw new Error(`seed ${seed}: ${error.message}\n${faults?.lines().join('\n')}`, { cause: error });
	});
	for (const line of faults.lines()) t.diagnostic(line);
	t.diagnostic(`${messages} messages in ${contacts} contacts; longest loss of a connection ${longest.toFixed(0)} ms`);
	/* On a machine that is busy with other things, as much longer as it takes to do nothing. */
	for (const { what, answers } of singles) assert.ok(answers < 1000 + 3 * usual.answers, `${what}: nobody was answered for ${answers} ms`);
});
