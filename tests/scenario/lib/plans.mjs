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
	const before = (await shown(pelago, ['plan', 'list']))?.[0]?.id ?? '';
	const ended = pelago.pelago(words);
	await until(`${step} has begun`, async () => {
		for (const { id } of (await shown(pelago, ['plan', 'list']))?.filter((plan) => plan.id > before) ?? []) {
			const { steps } = await shown(pelago, ['plan', 'show', id]) ?? { steps: [] };
			if (steps.some((one) => one.id === step && one.state !== 'waiting')) return true;
		}
		return false;
	});
	await act();
	return ended;
}

/* The newest of plans that somebody began: runs of tests begin by themselves. */
export const newestOf = (plans) => plans.find(({ kind }) => kind !== 'test');

export async function kill(pelago, name) {
	process.kill((await pelago.processes())[name], 'SIGKILL');
}
