/*
 * small.mjs — a small solution of two services that count, Ledger and Journal (tests/release), and its next release:
 * all of Pelago's own programs are in it, so an upgrade has each kind of step, and takes a quarter of a minute.
 *
 *   const small = await makeSmall()                     → { programs, release, remove() }
 *   const pelago = await startSmall(small, { points })  points: a folder for points.mjs
 *   const book = new Book(pelago); book.begin()         puts amounts into Ledger, until end()
 *   await book.end(); await book.check()                each that was acknowledged is there, once, in both
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeBundle, makeKey } from './bundle.mjs';
import { build, run, startInstance, until } from './instance.mjs';
import { makePackage } from './package.mjs';
import { pack } from './release.mjs';

const SOURCES = new URL('../../release', import.meta.url).pathname;
const arch = (await run('uname', ['-m'])).stdout.trim();
const empty = { added: [], changed: [], removed: [] };

async function stamp(version, name, target) {
	const made = await run(new URL('../../../tools/stamp', import.meta.url).pathname, [version, join(build, 'tests/release', name), target]);
	assert.equal(made.status, 0, made.stderr);
	chmodSync(target, 0o755);
	return target;
}

/* Bundles of both services, of a release. */
async function bundles(folder, n, key) {
	const made = {};
	for (const name of ['Ledger', 'Journal']) {
		const manifest = JSON.parse(readFileSync(join(SOURCES, `${name.toLowerCase()}.manifest.json`), 'utf8'));
		made[name] = await makeBundle(folder, { ...manifest, version: `0.${n}.0`, program: join(build, `tests/release/${name.toLowerCase()}-0.${n}.0`) }, { key });
	}
	return made;
}

const entry = (stage, file) => {
	const bytes = readFileSync(join(stage, file));
	return { file, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
};

async function makeNext(folder, maker) {
	const stage = join(folder, 'release'), version = '0.2.0';
	mkdirSync(join(stage, 'bundles'), { recursive: true });
	const manager = await stamp(version, 'points-manager', join(folder, 'manager'));
	const platform = await makePackage(folder, version, maker, { 'pelago-manager': readFileSync(manager) });
	const file = `platform-${version}-${arch}.zip`;
	cpSync(platform, join(stage, file));
	const services = [];
	for (const [name, made] of Object.entries(await bundles(folder, 2, maker.key))) {
		cpSync(made, join(stage, `bundles/${name}-${version}.svar`));
		services.push({ name, version, cluster: '5', schema: 3, contracts: 2, ...entry(stage, `bundles/${name}-${version}.svar`) });
	}
	return pack(stage, join(folder, `pelago-${version}.zip`), {
		kind: 'release', name: 'pelago', version, arch, sources: ['0.1'], platform: [{ arch, ...entry(stage, file) }], services,
		manager: { schema: 14, contracts: 0 }, minimum: { processors: 1, memoryMiB: 512, freeMiB: { '/': 100, '/var': 100, demo: 100 } },
		companions: [], since: null, changes: { services: empty, workflows: empty, tasks: empty, attributes: empty, interfaces: empty },
	}, maker.key);
}

export async function makeSmall() {
	const folder = mkdtempSync(join(tmpdir(), 'pelago-small-')), programs = join(folder, 'programs');
	mkdirSync(join(programs, 'web'), { recursive: true });
	for (const name of ['pelago', 'pelago-node', 'pelago-edge', 'pelago-manager.manifest.json']) cpSync(join(build, name), join(programs, name));
	cpSync(join(build, 'tests/release/points-manager'), join(programs, 'pelago-manager'));
	writeFileSync(join(programs, 'web/index.html'), '<!doctype html>');
	const maker = await makeKey(join(programs, 'bundles'));
	await bundles(join(programs, 'bundles'), 1, maker.key);
	const release = await makeNext(folder, maker);
	return { programs, release, maker: maker.pub, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/* What is new is on trial for half a second. */
export async function startSmall(small, { points, ...more } = {}) {
	const pelago = await startInstance({
		programs: small.programs, demo: true, env: { PELAGO_TRIAL_MS: '500', ...(points ? { PELAGO_POINTS: points } : {}) }, ...more,
	});
	for (const words of [['bundle', 'trust', small.maker], ['service', 'install', 'Ledger', 'Journal', '--cluster', 'Cluster5_Connectors']]) {
		const { status, stderr } = await pelago.pelago(words);
		assert.equal(status, 0, stderr);
	}
	return pelago;
}

export const SMALL = ['-cg', '1', 'DigitalOnly-100', '--yes'];

export class Book {
	constructor(pelago) {
		this.url = `http://127.0.0.1:${pelago.httpPort}/services`;
		this.taken = this.cents = this.refused = 0;
	}

	begin(lanes = 3) {
		this.goes = true;
		this.lanes = Array.from({ length: lanes }, (_, i) => this.#lane(i));
		for (const lane of this.lanes) lane.catch(() => {}); /* told at end() */
	}

	/* One after the other, each until it is acknowledged: a key that is put again is the same one. */
	async #lane(i) {
		for (let n = 0; this.goes; n++) {
			const cents = 100 * i + (n % 97) + 1, body = JSON.stringify({ key: `${i}-${n}`, amount: `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}` });
			for (const end = Date.now() + 60000; !await this.#put(body); await sleep(50)) assert.ok(Date.now() < end, `${body} was taken`);
			this.taken++;
			this.cents += cents;
			await sleep(20);
		}
	}

	async #put(body) {
		const answer = await fetch(`${this.url}/Ledger/put`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(() => undefined);
		if (!answer?.ok) this.refused++;
		return answer?.ok;
	}

	async end() {
		this.goes = false;
		await Promise.all(this.lanes);
	}

	/* Journal has it by events, Ledger by itself. */
	async check() {
		const wanted = { count: this.taken, cents: this.cents, theirs: this.cents };
		let seen;
		await until('Journal has all', async () => {
			const answer = await fetch(`${this.url}/Journal/compare`).catch(() => undefined);
			seen = answer?.ok && await answer.json();
			return seen && seen.count >= wanted.count && seen.cents === wanted.cents;
		}, 30000).catch((error) => { throw new Error(`${error.message}: ${JSON.stringify({ seen, wanted })}`); });
		assert.deepEqual(seen, wanted);
	}
}
