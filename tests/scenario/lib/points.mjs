/*
 * points.mjs — somebody is killed at the points of an upgrade, which its plan enumerates: before what a step does is
 * stored, after that, once it is seen, and on the way back (tests/release/manager.c makes the manager stand still there).
 *
 *   const points = new Points();                       its folder is for startSmall()
 *   const killer = new Killer(pelago, { database, tool })
 *   await points.follow((point) => killer.at(point), ended)   until `ended`, a promise
 *   points.names                                       those that came, "STEP MOMENT", in order
 *   points.again()                                     each may come once more
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './instance.mjs';

const stateOf = (pid) => {
	try {
		return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)[0];
	} catch {
		return undefined; /* it has ended */
	}
};

export function signal(pid, name) {
	try {
		return process.kill(pid, name);
	} catch (error) {
		if (error.code !== 'ESRCH') throw error; /* it has just ended by itself */
		return false;
	}
}

export class Points {
	constructor() {
		this.folder = mkdtempSync(join(tmpdir(), 'pelago-points-'));
		this.again();
	}

	again() {
		for (const name of readdirSync(this.folder)) rmSync(join(this.folder, name));
		this.names = [];
	}

	remove() {
		rmSync(this.folder, { recursive: true, force: true });
	}

	/* The manager stands still while act runs, which must be over within a second: its supervisor ends one that hangs. */
	async follow(act, ended) {
		let over = false;
		const end = ended.finally(() => { over = true; });
		end.catch(() => {}); /* it is the caller's, below */
		while (!over) {
			const names = readdirSync(this.folder).filter((name) => !this.names.includes(name));
			for (const name of names) await this.#stand(name, act);
			if (!names.length) await sleep(5);
		}
		return end;
	}

	async #stand(name, act) {
		const [, step, moment] = name.match(/^(.*) (\w+)$/);
		let pid;
		for (; !pid; await sleep(1)) pid = Number(readFileSync(join(this.folder, name), 'utf8'));
		while (isAlive(pid) && stateOf(pid) !== 'T') await sleep(1);
		this.names.push(name);
		try {
			await act({ name, step, moment, pid });
		} finally {
			signal(pid, 'SIGCONT');
		}
	}
}

/* All processes of a data folder, by what they are: their program, and of nodes the name. */
function processesOf(data) {
	const found = [];
	for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
		try {
			const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
			if (!words.some((word) => word.startsWith(data))) continue;
			const program = basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''));
			found.push({ pid: Number(pid), program, words });
		} catch (error) {
			if (!['ENOENT', 'ESRCH', 'EACCES'].includes(error.code)) throw error;
		}
	}
	return found;
}

/* A victim isn't killed more often than its supervisor takes for bad luck. */
const CALM_MS = 8000;

export class Killer {
	/* victims: some of all, in the order in which they come; before: points at which somebody was killed already */
	constructor(pelago, { victims = Killer.all, database, tool, before = new Set(), chance = () => true } = {}) {
		Object.assign(this, { pelago, database, tool, before, chance });
		this.victims = victims.filter((name) => name !== 'database' || database);
		this.last = new Map(this.victims.map((name) => [name, -Infinity]));
		this.done = [];
		this.mending = [];
	}

	static all = ['manager', 'node', 'bus', 'command', 'root', 'database'];

	at(point) {
		const now = performance.now();
		const [victim] = this.victims.filter((name) => now - this.last.get(name) > CALM_MS).sort((a, b) => this.last.get(a) - this.last.get(b));
		if (!victim || this.before.has(point.name) || !this.chance(point)) return;
		if (!this[victim](point)) return;
		this.last.set(victim, now);
		this.before.add(point.name);
		this.done.push(`${point.name}: ${victim}`);
	}

	#find(is) {
		return processesOf(this.pelago.data).find(is)?.pid;
	}

	#kill(pid) {
		return pid && signal(pid, 'SIGKILL');
	}

	manager({ pid }) {
		return this.#kill(pid);
	}

	bus() {
		return this.#kill(this.#find(({ program }) => program === 'nats-server'));
	}

	/* The one that the step is about; or the one that the services are on. */
	node({ step }) {
		const name = step.match(/node-\w+/)?.[0] ?? 'node-connectors';
		return this.#kill(this.#find(({ program, words }) => program === 'pelago-node' && words.includes(name)));
	}

	command() {
		return this.tool.kill();
	}

	root() {
		const pid = this.#find(({ program, words }) => program === 'pelago' && words[1] === 'up');
		if (!this.#kill(pid)) return false;
		this.mending.push(this.pelago.up());
		return true;
	}

	database() {
		const gone = this.database.kill();
		this.mending.push(gone.then(() => this.database.start()));
		return true;
	}

	/* What somebody has to do after the death: a host, a server is started again. Who waits for a host that dies once
	 * more is told so. */
	async mended() {
		const last = (await Promise.all(this.mending)).filter(Boolean).at(-1);
		if (last?.status) throw new Error(`${last.stdout}${last.stderr}`);
	}
}
