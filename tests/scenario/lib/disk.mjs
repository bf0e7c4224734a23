/*
 * disk.mjs — a small disk of one's own, to be filled to its last byte.
 *
 *   const disk = await smallDisk(200);          MiB; null where mounting is not allowed
 *   disk.folder; await disk.fill(); await disk.clear(); await disk.remove()
 *
 * Who isn't root may mount in a namespace of its own: alone(import.meta.url) runs a test file there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './instance.mjs';

export const mayMount = process.getuid() === 0;

/* Runs a test file where its user is root; `status` -1 with `refused` where the system doesn't let us. */
export async function alone(url) {
	if ((await run('unshare', ['-rm', 'true'])).status !== 0) return { refused: true };
	const env = { ...process.env };
	delete env.NODE_TEST_CONTEXT;
	return run('unshare', ['-rm', process.execPath, '--test', fileURLToPath(url)], { env, timeout: 240000 });
}

export async function smallDisk(megabytes) {
	const folder = await mkdtemp(join(tmpdir(), 'pelago-disk-'));
	const fill = join(folder, 'fill');

	if ((await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder])).status !== 0) {
		await rm(folder, { recursive: true });
		return null;
	}
	return {
		folder,
		fill: async () => {
			assert.notEqual((await run('dd', ['if=/dev/zero', `of=${fill}`, 'bs=64k'])).status, 0, 'the disk takes everything');
			await run('dd', ['if=/dev/zero', `of=${fill}2`, 'bs=1']); /* what a big block left over */
			assert.ok((await statfs(folder)).bavail < 64); /* blocks: who wrote may have given some back */
		},
		clear: async () => {
			await rm(fill);
			await rm(`${fill}2`, { force: true });
		},
		remove: async () => {
			await run('umount', ['-l', folder]);
			await rm(folder, { recursive: true, force: true });
		},
	};
}

/* What SQLite says of each store in an instance's folder: { UCMService: 'ok', … }. */
export async function integrity(data) {
	const program = 'import sqlite3, sys\nprint(sqlite3.connect(sys.argv[1]).execute("pragma integrity_check").fetchone()[0])';
	const said = {};

	for (const name of readdirSync(join(data, 'services'))) {
		const { stdout, stderr } = await run('python3', ['-c', program, join(data, 'services', name, 'store.db')]);
		said[name] = stdout.trim() || stderr;
	}
	return said;
}
