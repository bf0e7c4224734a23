/*
 * points.mjs — somebody is killed at the points of an upgrade, which its plan enumerates: before what a step does is
 * stored, after that, once it is seen, and on the way back (tests/release/manager.c makes the manager stand still there).
 *
 *   const points = new Points();                       its folder is for startSmall()
 *   const command = new Command(pelago); command.begin(['upgrade', 'run', …])
 *   const killer = new Killer(pelago, command, { victims })
 *   await points.follow((point) => killer.at(point), ended)   until `ended`, a promise
 *   points.names                                       those that came, "STEP MOMENT", in order
 *   mixtureOf(pelago.data)                             which versions run beside each other
 *   points.again()                                     each may come once more
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './instance.mjs';
import { begin } from './upgrade.mjs';

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
export function processesOf(data) {
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

/*
 * What runs beside each other: by the name of each process its version, and all in one line. Of an edge that hands over
 * both.
 */
export function mixtureOf(data) {
	const versions = {};
	for (const file of readdirSync(join(data, 'procs')).filter((name) => name.endsWith('.lock'))) {
		const [, pid, version] = readFileSync(join(data, 'procs', file), 'utf8').match(/^(\d+) ([\d.]+)/) ?? [];
		if (version && isAlive(Number(pid))) versions[file.replace('.lock', '')] = version;
	}
	return { versions, line: Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(' ') };
}

/* Nobody is killed more often than its supervisor takes for bad luck. */
const CALM_MS = 8000;

/* The command in front of an upgrade: killed, `resume` goes on watching. */
export class Command {
	constructor(pelago) {
		this.pelago = pelago;
	}

	begin(words) {
		this.child = begin(this.pelago, words);
		return this.child;
	}

	get isAlive() {
		return this.child.exitCode === null && this.child.signalCode === null;
	}

	kill() {
		const was = this.isAlive && this.child.kill('SIGKILL');
		this.begin(['upgrade', 'resume']);
		return was;
	}
}

export class Killer {
	/*
	 * victims: some of all; before: points at which somebody was killed already, which are left out; chance(point):
	 * whether somebody is killed there; database: of postgres.mjs
	 */
	constructor(pelago, command, { victims = Killer.all, database, before = new Set(), chance = () => true } = {}) {
		Object.assign(this, { pelago, command, victims, database, before, chance });
		this.last = new Map();
		this.done = [];
		this.mending = [];
	}

	static all = ['manager', 'node', 'bus', 'command', 'root', 'database'];

	at(point) {
		if (this.before.has(point.name) || !this.chance(point)) return;
		const now = performance.now(), last = (name) => this.last.get(name) ?? -Infinity;
		/* of nodes the one that the step is about, or that its services are on */
		const names = this.victims.map((name) => (name === 'node' ? point.step.match(/node-\w+/)?.[0] ?? 'node-connectors' : name));
		for (const name of names.filter((one) => now - last(one) > CALM_MS).sort((a, b) => last(a) - last(b))) {
			if (!this.#kill(name, point)) continue;
			this.last.set(name, now);
			this.before.add(point.name);
			this.done.push(`${point.name}: ${name}`);
			return;
		}
	}

	#kill(name, point) {
		const pid = (is) => {
			const found = processesOf(this.pelago.data).find(is)?.pid;
			return found && signal(found, 'SIGKILL');
		};
		if (name === 'manager') return signal(point.pid, 'SIGKILL');
		if (name === 'bus') return pid(({ program }) => program === 'nats-server');
		if (name === 'command') return this.command.kill();
		if (name === 'database') return this.database && this.mending.push(this.database.kill().then(() => this.database.start()));
		if (name === 'root') return pid(({ program, words }) => program === 'pelago' && words[1] === 'up') && this.mending.push(this.pelago.up());
		return pid(({ program, words }) => program === 'pelago-node' && words.includes(name));
	}

	/* What somebody has to do after the death: a host, a server is started again. Who waits for a host that dies once
	 * more is told so. */
	async mended() {
		const last = (await Promise.all(this.mending)).filter(Boolean).at(-1);
		if (last?.status) throw new Error(`${last.stdout}${last.stderr}`);
	}
}
