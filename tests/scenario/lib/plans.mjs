/*
 * plans.mjs — what happens in the midst of a plan.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { until } from './instance.mjs';

/* What a command prints as JSON; undefined when it fails. */
async function shown(pelago, words) {
	const { status, stdout } = await pelago.pelago([...words, '--json']);
	return status === 0 ? JSON.parse(stdout) : undefined;
}

/* Begins a command that begins a plan, waits until a step of it was begun, has something happen, and returns what
 * became of the command. */
export async function disturb(pelago, words, step, act) {
	const before = (await shown(pelago, ['plan', 'list']))?.[0]?.id;
	const ended = pelago.pelago(words);
	await until(`${step} has begun`, async () => {
		const plan = (await shown(pelago, ['plan', 'list']))?.[0];
		if (!plan || plan.id === before) return false;
		const { steps } = await shown(pelago, ['plan', 'show', plan.id]) ?? { steps: [] };
		return steps.some(({ id, state }) => id === step && state !== 'waiting');
	});
	await act();
	return ended;
}

export async function kill(pelago, name) {
	process.kill((await pelago.processes())[name], 'SIGKILL');
}
