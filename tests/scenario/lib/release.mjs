/*
 * release.mjs — small releases (platform/bundle/release.h), of stand-ins.
 *
 *   await makeRelease(folder, { version, sources, … }, maker, { member })   → its path
 *
 * The second argument lies over its manifest. Members are a platform package of one file, and the
 * bundle `Rolling`; `members` adds others, {path: text}.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeBundle } from './bundle.mjs';
import { build, run } from './instance.mjs';

const arch = (await run('uname', ['-m'])).stdout.trim();
const empty = { added: [], changed: [], removed: [] };

export async function pack(folder, file, manifest, key, requires = '0.1.0') {
	writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
	const made = await run(join(build, 'pelago'), ['bundle', 'pack', folder, '--out', file, '--requires', requires, ...(key ? ['--key', key] : [])]);
	assert.equal(made.status, 0, made.stderr);
	return file;
}

function entry(stage, file) {
	const bytes = readFileSync(join(stage, file));
	return { file, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export async function makeRelease(folder, { version, platformArch = arch, ...over }, { key } = {}, { members = {} } = {}) {
	const stage = join(folder, `release-${version}`);
	rmSync(stage, { recursive: true, force: true });
	mkdirSync(join(stage, 'bundles'), { recursive: true });
	const platform = join(folder, `platform-${version}`);
	mkdirSync(platform, { recursive: true });
	writeFileSync(join(platform, 'pelago'), `#!/bin/sh\necho pelago ${version}\n`);
	chmodSync(join(platform, 'pelago'), 0o755);
	const package_ = `platform-${version}-${platformArch}.zip`;
	await pack(platform, join(stage, package_), { kind: 'platform', name: 'pelago', version, arch: platformArch }, key);
	const bundle = await makeBundle(join(folder, version), { name: 'Rolling', version, cluster: 5, program: '#!/bin/sh\n' }, { key });
	cpSync(bundle, join(stage, 'bundles', `Rolling-${version}.svar`));
	for (const [path, text] of Object.entries(members)) {
		mkdirSync(dirname(join(stage, path)), { recursive: true });
		writeFileSync(join(stage, path), text);
	}
	return pack(stage, join(folder, `pelago-${version}.zip`), {
		kind: 'release', name: 'pelago', version, arch, sources: ['0.0', '0.1'],
		platform: [{ arch: platformArch, ...entry(stage, package_) }],
		services: [{ name: 'Rolling', version, cluster: '5', schema: 1, contracts: 0, ...entry(stage, `bundles/Rolling-${version}.svar`) }],
		manager: { schema: 14, contracts: 0 }, minimum: { processors: 1, memoryMiB: 512, freeMiB: { '/': 100, '/var': 100, demo: 100 } },
		companions: [], since: null, changes: { services: empty, workflows: empty, tasks: empty, attributes: empty, interfaces: empty },
		...over,
	}, key);
}
