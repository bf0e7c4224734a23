/*
 * postgres.mjs — a PostgreSQL server of one's own, on a disk of one's choice, that may die and be started again.
 *
 *   const server = await startServer({ data, wal });    folders that don't exist yet; wal holds the write-ahead log
 *   server.url, server.log()
 *   server.isAlive(); await server.start()              after it ended
 *   await server.query('select 1')                      → [['1']]
 *   await server.kill()                                 SIGKILL
 *   await server.check()                                what pg_amcheck says of all tables and indexes, '' if nothing
 *   await server.stop()
 *   await startPostgres()                               the same in a folder that goes with it
 *
 * With `address` it also serves the hosts of that address's network, and its url names it.
 *
 * tools/with-postgres is for tests that only want some server. The server refuses to be root: it is postgres, and
 * where there is no such user (in a namespace of disk.mjs) another one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { appendFile, chmod, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePort, isAlive, run, until } from './instance.mjs';

const versions = '/usr/lib/postgresql';
const programs = () => process.env.POSTGRES_BIN ??
	join(versions, readdirSync(versions).sort((a, b) => a - b).at(-1), 'bin');

/* The words before a command that make its user somebody else. */
async function asAnother() {
	const postgres = ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'];
	if (process.getuid() !== 0) return [];
	if ((await run(postgres[0], [...postgres.slice(1), 'true'])).status === 0) return postgres;
	return ['unshare', '--user', '--map-user=1000'];
}

export async function startServer({ data, wal, address }) {
	const bin = programs();
	const as = await asAnother();
	const password = randomBytes(16).toString('hex');
	const port = await freePort();
	const admin = `postgresql://postgres:${password}@${address ?? '127.0.0.1'}:${port}/postgres`;
	const logFile = `${data}.log`;
	let child;

	const its = async (program, args) => {
		const [first, ...rest] = [...as, join(bin, program), ...args];
		const { status, stdout, stderr } = await run(first, rest, { cwd: '/' });
		assert.equal(status, 0, `${program}: ${stdout}${stderr}`);
	};
	for (const folder of [data, wal]) {
		await mkdir(folder, { mode: 0o700 });
		if (as[0] === 'setpriv') assert.equal((await run('chown', ['postgres', folder])).status, 0);
	}
	await writeFile(`${data}.password`, password);
	await chmod(`${data}.password`, 0o644);
	await its('initdb', ['-D', data, '--waldir', wal, '--wal-segsize=1', '--data-checksums', '-U', 'postgres', '-A', 'scram-sha-256',
		`--pwfile=${data}.password`, '--encoding=UTF8', '--locale=C.UTF-8', '--no-instructions']);
	if (address) await appendFile(join(data, 'pg_hba.conf'), `host all all ${address}/24 scram-sha-256\n`);

	const end = async (signal) => {
		if (server.isAlive()) child.kill(signal);
		await until('the server has ended', () => !server.isAlive());
	};
	const server = {
		url: admin,
		isAlive: () => child.exitCode === null && child.signalCode === null && isAlive(child.pid),
		log: () => readFile(logFile, 'utf8'),
		start: async () => {
			const out = await open(logFile, 'a');
			const [first, ...rest] = [...as, 'setpriv', '--pdeathsig', 'INT', join(bin, 'postgres'), '-D', data, '-k', data, '-p', port,
				'-c', `listen_addresses=127.0.0.1${address ? `,${address}` : ''}`, '-c', 'shared_buffers=32MB', '-c', 'fsync=on'];
			child = spawn(first, rest.map(String), { cwd: '/', stdio: ['ignore', out.fd, out.fd] });
			await out.close();
			await until('the server answers', async () => {
				assert.ok(server.isAlive(), await server.log());
				return (await run(join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)])).status === 0;
			});
		},
		check: async () => {
			const { status, stdout, stderr } = await run(join(bin, 'pg_amcheck'), ['--all', '--install-missing', '--heapallindexed', '--maintenance-db', admin],
				{ env: { ...process.env, PGOPTIONS: '-c client_min_messages=warning' } });
			return status === 0 ? stdout + stderr : `pg_amcheck ${status}: ${stdout}${stderr}`;
		},
		query: async (sql) => {
			const { status, stdout, stderr } = await run(join(bin, 'psql'), [admin, '-XqAt', '-F', '\t', '-c', sql]);
			assert.equal(status, 0, stderr);
			return stdout.trim() === '' ? [] : stdout.trim().split('\n').map((line) => line.split('\t'));
		},
		kill: () => end('SIGKILL'),
		stop: () => end('SIGINT'),
	};
	await server.start();
	return server;
}

export async function startPostgres({ address } = {}) {
	const folder = await mkdtemp(join(tmpdir(), 'pelago-postgres-'));
	await chmod(folder, 0o755);
	const server = await startServer({ data: join(folder, 'data'), wal: join(folder, 'wal'), address });
	return {
		...server,
		stop: async () => {
			await server.stop();
			await rm(folder, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}
