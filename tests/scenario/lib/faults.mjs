/*
 * faults.mjs — what is done to the processes of an instance, and how long its chats stand still for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, run, until } from './instance.mjs';

export class Faults {
	constructor(pelago, { answers, visits }) {
		Object.assign(this, { pelago, answers, visits });
		this.told = []; /* { what, answers, joins }: the longest pauses, in ms */
	}

	/* All that can be killed: nats-server, Manager, edge, nodes, services. */
	async names() {
		return Object.keys(await this.pelago.processes()).filter((name) => name !== 'pelago');
	}

	/* What is left of a process of before: nothing, and another one in its place. */
	another(name, pid) {
		return until(`${name} is back`, async () => {
			const now = await this.pelago.processes().catch(() => ({}));
			return now[name] && now[name] !== pid && now[name];
		});
	}

	/* Runs act, waits a while, and notes the longest pauses between answers, and between customers that are joined. */
	async pauses(what, act, watchMs = 1200) {
		const answers = this.answers.mark();
		const joins = this.visits?.joined.mark();
		await act();
		await sleep(watchMs);
		const told = { what, answers: this.answers.longest(answers), joins: joins && this.visits.joined.longest(joins) };
		this.told.push(told);
		return told;
	}

	/* All of names at once. */
	async kill(names) {
		const pids = await this.pelago.processes();
		for (const name of names) if (pids[name]) process.kill(pids[name], 'SIGKILL');
		for (const name of names) if (pids[name]) await this.another(name, pids[name]);
	}

	/* Once more as soon as it is there again, in the midst of its start. */
	async killStarting(name) {
		const pid = (await this.pelago.processes())[name];
		process.kill(pid, 'SIGKILL');
		const next = await this.another(name, pid);
		if (isAlive(next)) process.kill(next, 'SIGKILL');
		await this.another(name, next);
	}

	async ready() {
		await until('ready', async () => (await this.pelago.pelago(['status'])).status === 0, 30000);
	}

	lines() {
		return this.told.map(({ what, answers, joins }) => `${what.padEnd(44)} ${answers.toFixed(0).padStart(6)} ms${joins === undefined ? '' : `, joins ${joins.toFixed(0).padStart(6)} ms`}`);
	}
}

/* Cuts all connections that a process has, for a while; each new one, too. Nothing of it stays behind. */
export async function cutConnections(pid, ms) {
	const { status, stderr } = await run('python3', [new URL('cut.py', import.meta.url).pathname, String(pid), String(ms / 1000)]);
	if (status !== 0) throw new Error(`cut.py: ${stderr}`);
}
