/*
 * programs.mjs — a folder of programs whose services are stand-ins (platform/node/test_service.c), for tests of the
 * platform alone.
 *
 *   const programs = makePrograms([{ name: 'FakeOne', cluster: 1 }]);
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
import { build } from './instance.mjs';

export function makePrograms(services) {
	const programs = mkdtempSync(join(tmpdir(), 'pelago-programs-'));
	for (const name of ['pelago', 'pelago-manager', 'pelago-node', 'pelago-edge', 'pelago-manager.manifest.json'])
		copyFileSync(join(build, name), join(programs, name));
	mkdirSync(join(programs, 'web'));
	writeFileSync(join(programs, 'web/index.html'), '<!doctype html>');
	for (const service of services) {
		const folder = join(programs, 'services', service.name);
		mkdirSync(folder, { recursive: true });
		copyFileSync(join(build, 'platform/node/node_test_service'), join(folder, service.name));
		writeFileSync(join(folder, 'manifest.json'), JSON.stringify({
			version: '0.1.0', title: service.name, publishes: [], reads: [], calls: [], pushes: [], routes: [],
			...service }));
	}
	return programs;
}
