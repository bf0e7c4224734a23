/*
 * sdk.mjs — Pelago and its SDK as they are installed, in a folder of the test's, and services made with them
 * outside the tree.
 *
 *   const installed = await install(folder)     → { prefix, programs, env }: env finds the SDK
 *   const service = await installed.make('HelloService', 'c')
 *   const service = installed.copy('Tally')     of tests/services
 *   await service.build()                       its program, its tests, its bundle
 *   service.bundle                              file
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, run } from './instance.mjs';

/* What programs with sanitizers are linked with, a service must be, too. */
const options = process.env.PELAGO_SANITIZED === '1' ? ['-Db_sanitize=address,undefined', '-Db_lundef=false'] : [];
/* Users, and who signs them in: all that a service needs of others. */
const BUNDLES = /^(UCAStoreService|AuthorizationService)-|\.pub$/;

async function done(program, words, options) {
	const { status, stdout, stderr } = await run(program, words, options);
	assert.equal(status, 0, `${program} ${words.join(' ')}: ${stdout.slice(-3000)}${stderr.slice(-3000)}`);
	return stdout;
}

/* The only file of that name below a folder. */
function find(folder, name) {
	const found = readdirSync(folder, { recursive: true }).filter((path) => path === name || path.endsWith(`/${name}`));
	assert.equal(found.length, 1, `${name}: ${found}`);
	return join(folder, found[0]);
}

export async function install(folder) {
	await done('meson', ['install', '-C', build, '--no-rebuild', '--quiet', '--destdir', folder]);
	const programs = dirname(find(folder, 'pelago-node')), prefix = join(programs, '../..');
	for (const file of readdirSync(join(programs, 'bundles'))) if (!BUNDLES.test(file)) rmSync(join(programs, 'bundles', file));
	const env = { ...process.env, PATH: `${join(prefix, 'bin')}:${process.env.PATH}`, PKG_CONFIG_PATH: dirname(find(folder, 'pelago.pc')) };
	const cli = (words, place) => done(join(prefix, 'bin/pelago'), words, { cwd: place, env });

	const handle = (name, language) => {
		const place = join(folder, name), bundle = join(place, language === 'c' ? `build/${name}.svar` : `${name}.svar`);
		const buildIt = async () => {
			if (existsSync(join(place, 'notes_test.py'))) await done('python3', ['-B', 'notes_test.py'], { cwd: place, env });
			if (language !== 'c') return cli(['bundle', 'pack', '.', '--arch', 'all', '--out', bundle], place);
			if (!existsSync(join(place, 'build'))) await done('meson', ['setup', 'build', ...options], { cwd: place, env });
			await done('meson', ['compile', '-C', 'build'], { cwd: place, env });
			return done('meson', ['test', '-C', 'build'], { cwd: place, env });
		};
		const change = (file, from, to) => {
			const text = readFileSync(join(place, file), 'utf8');
			assert.ok(text.includes(from), `${file} has no ${from}`);
			writeFileSync(join(place, file), text.replaceAll(from, to));
		};
		const sign = (key) => cli(['bundle', 'sign', bundle, '--key', key], place);
		return { place, bundle, build: buildIt, change, sign };
	};
	const make = async (name, language) => {
		await cli(['service', 'new', name, '--language', language], folder);
		return handle(name, language);
	};
	const copy = (name) => {
		cpSync(new URL(`../../services/${name}`, import.meta.url).pathname, join(folder, name), { recursive: true, dereference: true });
		return handle(name, 'python');
	};
	return { prefix, programs, env, cli, make, copy };
}
