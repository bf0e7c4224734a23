/*
 * package.mjs — packages of Pelago's own programs (platform/bundle/release.h), of those that are built.
 *
 *   await makePackage(folder, '0.2.0', maker)                            → the path of a platform package
 *   await makePackage(folder, '0.2.0', maker, { 'pelago-node': '#!/bin/false\n' })   with other programs
 *   await makePatch(folder, '0.1.1', '0.1.0', maker, { 'web/assets/new.js': text })
 *
 * The programs say that they are of that version. maker: { key }.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, run } from './instance.mjs';

const web = new URL('../../../web/dist', import.meta.url).pathname;
const arch = (await run('uname', ['-m'])).stdout.trim();

/* Without what only a debugger needs, and of a version (tools/release does the same). */
async function stamp(program, target, version) {
	const file = join(dirname(target), '.version');
	const bytes = Buffer.alloc(64);
	bytes.write(version);
	writeFileSync(file, bytes);
	const made = await run('objcopy', ['--strip-debug', `--update-section=.pelago.version=${file}`, join(build, program), target]);
	assert.equal(made.status, 0, made.stderr);
	rmSync(file);
}

function lay(stage, files) {
	for (const [path, text] of Object.entries(files)) {
		mkdirSync(dirname(join(stage, path)), { recursive: true });
		writeFileSync(join(stage, path), text);
		if (path.startsWith('pelago')) chmodSync(join(stage, path), 0o755);
	}
}

export async function pack(stage, file, manifest, { key } = {}) {
	writeFileSync(join(stage, 'manifest.json'), JSON.stringify(manifest));
	const made = await run(join(build, 'pelago'), ['bundle', 'pack', stage, '--out', file, '--requires', '0.1.0', ...(key ? ['--key', key] : [])]);
	assert.equal(made.status, 0, made.stderr);
	return file;
}

export async function makePackage(folder, version, maker, files = {}, over = {}) {
	const stage = join(folder, `platform-${version}`);
	mkdirSync(stage, { recursive: true });
	for (const program of ['pelago', 'pelago-edge', 'pelago-manager', 'pelago-node']) await stamp(program, join(stage, program), version);
	cpSync(join(build, 'pelago-manager.manifest.json'), join(stage, 'pelago-manager.manifest.json'));
	for (const name of readdirSync(join(build, 'services'))) {
		if (!existsSync(join(build, 'services', name, 'manifest.json'))) continue;
		mkdirSync(join(stage, 'services', name), { recursive: true });
		cpSync(join(build, 'services', name, 'manifest.json'), join(stage, 'services', name, 'manifest.json'));
	}
	cpSync(web, join(stage, 'web'), { recursive: true });
	lay(stage, files);
	return pack(stage, `${stage}.zip`, { kind: 'platform', name: 'pelago', version, arch, ...over }, maker);
}

export async function makePatch(folder, version, base, maker, files) {
	const stage = join(folder, `patch-${version}`);
	mkdirSync(stage, { recursive: true });
	lay(stage, files);
	return pack(stage, `${stage}.zip`, { kind: 'patch', name: 'pelago', version, base, arch }, maker);
}
