/*
 * small.mjs — a small solution of two services that count, Ledger and Journal (tests/release), and its next release:
 * all of Pelago's own programs are in it, so an upgrade has each kind of step, and takes half a minute.
 *
 *   const small = await makeSmall()                     → { programs, release, another(), remove() }
 *   await small.another({ n: 3 })                       another release; more of it below
 *   const pelago = await startSmall(small, { points })  points: a folder for points.mjs
 *   const book = new Book(pelago); book.begin()         puts amounts into Ledger, until end()
 *   await book.end(); await book.check()                each that was acknowledged is there, once, in both
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeBundle, makeKey } from './bundle.mjs';
import { build, run, startInstance, until } from './instance.mjs';
import { makePackage } from './package.mjs';
import { pack } from './release.mjs';

const SOURCES = new URL('../../release', import.meta.url).pathname;
const arch = (await run('uname', ['-m'])).stdout.trim();
const empty = { added: [], changed: [], removed: [] };

/* A program of the build, of a version: its bytes. */
async function stamped(version, name, folder) {
	const target = join(folder, `${name}-${version}`);
	const made = await run(new URL('../../../tools/stamp', import.meta.url).pathname, [version, join(build, 'tests/release', name), target]);
	assert.equal(made.status, 0, made.stderr);
	return readFileSync(target);
}

/* Bundles of both services, of a release; Ledger may be one of the broken ones. */
async function bundles(folder, n, key, ledger) {
	const made = {}, version = `0.${n}.0`;
	mkdirSync(folder, { recursive: true });
	for (const name of ['Ledger', 'Journal']) {
		const lower = name.toLowerCase(), manifest = JSON.parse(readFileSync(join(SOURCES, `${lower}.manifest.json`), 'utf8'));
		const program = join(folder, `${lower}-program`);
		writeFileSync(program, await stamped(version, name === 'Ledger' && ledger ? ledger : `v${n}-${lower}`, folder));
		made[name] = await makeBundle(folder, { ...manifest, version, program }, { key });
	}
	return made;
}

const entry = (stage, file) => {
	const bytes = readFileSync(join(stage, file));
	return { file, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
};

/* n: 0.n.0. programs: others in a package, {'pelago-node': 'node-dies'}; ledger: another one. Both of tests/release. */
async function makeRelease(folder, maker, { n = 2, programs = {}, ledger, sources = ['0.1', '0.2'] } = {}) {
	const stage = join(folder, 'release'), version = `0.${n}.0`, file = `platform-${version}-${arch}.zip`;
	mkdirSync(join(stage, 'bundles'), { recursive: true });
	const over = {};
	for (const [program, name] of Object.entries({ 'pelago-manager': 'points-manager', ...programs })) over[program] = await stamped(version, name, folder);
	cpSync(await makePackage(folder, version, maker, over), join(stage, file));
	const services = [];
	for (const [name, made] of Object.entries(await bundles(join(folder, 'made'), n, maker.key, ledger))) {
		cpSync(made, join(stage, `bundles/${name}-${version}.svar`));
		services.push({ name, version, cluster: '5', schema: 3, contracts: 2, ...entry(stage, `bundles/${name}-${version}.svar`) });
	}
	return pack(stage, join(folder, `pelago-${version}.zip`), {
		kind: 'release', name: 'pelago', version, arch, sources, platform: [{ arch, ...entry(stage, file) }], services,
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
	for (const bundle of Object.values(await bundles(join(folder, 'first'), 1, maker.key))) cpSync(bundle, join(programs, 'bundles', basename(bundle)));
	let made = 0;
	const another = (of) => makeRelease(join(folder, `release-${made++}`), maker, of);
	return { programs, release: await another(), maker: maker.pub, another, remove: () => rmSync(folder, { recursive: true, force: true }) };
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
		this.taken = this.cents = this.refused = this.begun = 0;
	}

	begin(lanes = 3) {
		this.goes = true;
		this.begun++;
		this.lanes = Array.from({ length: lanes }, (_, i) => this.#lane(i));
		for (const lane of this.lanes) lane.catch(() => {}); /* told at end() */
	}

	/* One after the other. */
	async #lane(i) {
		for (let n = 0; this.goes; n++) {
			await this.put(`${this.begun}-${i}-${n}`, 100 * i + (n % 97) + 1);
			await sleep(20);
		}
	}

	/* Until it is acknowledged: a key that is put again is the same one. */
	async put(key, cents) {
		const body = JSON.stringify({ key, amount: `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}` });
		for (const end = Date.now() + 90000; ; await sleep(50)) {
			const answer = await fetch(`${this.url}/Ledger/put`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch((error) => error);
			if (answer.ok) break;
			this.refused++;
			assert.ok(Date.now() < end, `${body} was taken: ${answer.status ?? answer.cause}`);
		}
		this.taken++;
		this.cents += cents;
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
