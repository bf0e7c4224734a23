/*
 * programs.mjs — a folder of programs whose bundles are stand-ins (bundle.mjs), for tests of the platform alone.
 *
 *   const programs = await makePrograms([{ name: 'FakeOne', cluster: 1 }]);
 *   const pelago = await startInstance({ programs });
 *   rmSync(programs, { recursive: true });
 *
 * A service's members are those of its manifest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBundle, makeKey } from './bundle.mjs';
import { build } from './instance.mjs';

export async function makePrograms(services) {
	const programs = mkdtempSync(join(tmpdir(), 'pelago-programs-'));
	for (const name of ['pelago', 'pelago-manager', 'pelago-node', 'pelago-edge', 'pelago-manager.manifest.json'])
		copyFileSync(join(build, name), join(programs, name));
	mkdirSync(join(programs, 'web'));
	writeFileSync(join(programs, 'web/index.html'), '<!doctype html>');
	const maker = await makeKey(join(programs, 'bundles'));
	for (const service of services) await makeBundle(join(programs, 'bundles'), service, maker);
	return programs;
}
