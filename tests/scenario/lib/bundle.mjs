/*
 * bundle.mjs — bundles of stand-ins.
 *
 *   const maker = await makeKey(folder)                       → { key, pub }: files folder/maker.key, .pub
 *   await makeBundle(folder, { name, version, … }, maker)     → the bundle's path; the rest is its manifest
 *
 * The program is platform/node/test_service.c, or `program`: a file, or the text of a script.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, run } from './instance.mjs';

const cli = join(build, 'pelago');

export async function makeKey(folder, name = 'maker') {
	mkdirSync(folder, { recursive: true });
	const made = await run(cli, ['bundle', 'keygen', join(folder, name)]);
	assert.equal(made.status, 0, made.stderr);
	return { key: join(folder, `${name}.key`), pub: join(folder, `${name}.pub`) };
}

export async function makeBundle(folder, { program = join(build, 'platform/node/node_test_service'), ...manifest }, { key } = {}) {
	const full = { version: '0.1.0', title: manifest.name, publishes: [], reads: [], calls: [], pushes: [], routes: [], ...manifest };
	const place = join(folder, `${full.name}-${full.version}`);
	const file = `${place}.svar`;
	mkdirSync(place, { recursive: true });
	writeFileSync(join(place, 'manifest.json'), JSON.stringify(full));
	if (program.startsWith('#!')) writeFileSync(join(place, full.name), program);
	else copyFileSync(program, join(place, full.name));
	chmodSync(join(place, full.name), 0o755);
	const made = await run(cli, ['bundle', 'pack', place, '--out', file, ...(key ? ['--key', key] : [])]);
	assert.equal(made.status, 0, made.stderr);
	return file;
}
