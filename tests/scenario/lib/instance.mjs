/*
 * instance.mjs — a whole Pelago in a folder and on ports of its own.
 *
 *   const pelago = await startInstance({ demo: true });
 *   pelago.data, pelago.store (undefined: SQLite's files), pelago.httpPort, pelago.httpsPort
 *   await pelago.pelago(['cluster', 'list', '--json'])   → { status, stdout, stderr }
 *   await pelago.processes()                             → { edge: PID, Manager: PID, UCMService: PID, … }
 *   await pelago.stop()                                  stops it and removes the folder
 *
 * The programs are those of PELAGO_BUILD (default build/), or of `programs`. The store is SQLite, or with
 * PELAGO_STORE=postgresql a new database of the server at PELAGO_TEST_POSTGRES; or `store`, an address.
 * The folder is a new one, or `data`. `env` is added to the programs' environment.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const build = process.env.PELAGO_BUILD ?? new URL('../../../build', import.meta.url).pathname;

export async function freePort() {
	const server = net.createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

/* Waits until condition() gives something true, and returns it. */
export async function until(what, condition, ms = 20000) {
	const end = Date.now() + ms;
	for (;;) {
		const value = await condition();
		if (value) return value;
		assert.ok(Date.now() < end, `waited ${ms} ms until ${what}`);
		await sleep(20);
	}
}

/* Runs a program to its end. */
export function run(program, args, options = {}) {
	return new Promise((resolve) => {
		execFile(program, args, { timeout: 120000, maxBuffer: 16 << 20, ...options }, (error, stdout, stderr) => {
			const status = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
			resolve({ status, stdout, stderr });
		});
	});
}

export function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

async function makeDatabase() {
	const server = process.env.PELAGO_TEST_POSTGRES;
	assert.ok(server, 'PELAGO_TEST_POSTGRES names no server');
	const name = `pelago_${randomBytes(6).toString('hex')}`;
	const made = await run('psql', [server, '-qc', `create database ${name}`]);
	assert.equal(made.status, 0, made.stderr);
	const url = new URL(server);
	url.pathname = `/${name}`;
	const drop = () => run('psql', [server, '-qc', `drop database if exists ${name} with (force)`]);
	return { store: url.href, drop };
}

export async function startInstance({ demo = false, store, programs = build, args = [], data, env } = {}) {
	data ??= await mkdtemp(join(tmpdir(), 'pelago-'));
	const httpPort = await freePort();
	const httpsPort = await freePort();
	let drop = async () => {};
	if (!store && process.env.PELAGO_STORE === 'postgresql') ({ store, drop } = await makeDatabase());

	/* Once an upgrade was finalized, older programs refuse the folder and name the one that doesn't. */
	const pelago = async (words) => {
		const say = (program) => run(program, [...words, '--data', data], env ? { env: { ...process.env, ...env } } : {});
		const said = await say(join(programs, 'pelago'));
		const newer = said.status && said.stderr.match(/; say it with (\S+)$/m);
		return newer ? say(newer[1]) : said;
	};
	const up = () => pelago(['up', '--detach', '--https-port', String(httpsPort), '--http-port', String(httpPort),
		...(demo ? ['--demo'] : []), ...(store ? ['--store', store] : []), ...args]);
	const processes = async () => {
		const { stdout } = await pelago(['status', '--json']);
		return Object.fromEntries(JSON.parse(stdout).processes.map(({ name, pid }) => [name, pid]));
	};
	const logs = async () => {
		let text = '';
		for (const file of await readdir(join(data, 'log')).catch(() => [])) {
			const lines = (await readFile(join(data, 'log', file), 'utf8')).split('\n').slice(-20);
			text += `--- ${file}\n${lines.join('\n')}\n`;
		}
		return text;
	};
	/* gcc's undefined behaviour sanitizer knows no log_path: what it says is in the programs' own logs. */
	const faults = async () => {
		const found = [];
		for (const file of await readdir(join(data, 'log')).catch(() => [])) {
			const lines = (await readFile(join(data, 'log', file), 'utf8')).split('\n');
			const at = lines.findIndex((line) => /^[^{].*runtime error: |ERROR: \w+Sanitizer/.test(line));
			if (at >= 0) found.push(`${file}: ${lines.slice(at, at + 8).join('\n')}`);
		}
		return found;
	};
	const peers = new Set(); /* of chat.mjs: an open one would keep the test's process alive for ever */
	const stop = async ({ keep = false } = {}) => {
		if (!keep) for (const peer of peers) peer.end();
		const down = await pelago(['down']);
		const found = await faults();
		await drop();
		if (!keep) await rm(data, { recursive: true, force: true, maxRetries: 5 });
		assert.equal(down.status, 0, `pelago down: ${down.stderr}`);
		assert.deepEqual(found, [], 'what a sanitizer found');
	};
	const started = await up();
	if (started.status !== 0) {
		const text = await logs();
		await stop().catch(() => {});
		assert.fail(`pelago up: ${started.stderr}\n${text}`);
	}
	return { data, store, httpPort, httpsPort, stop, up, pelago, processes, logs, peers, output: started.stdout };
}
