/*
 * replace.test.mjs — services are replaced by other versions under live chats: nothing lost, doubled or out of
 * order, nobody waits for a second; one that doesn't come to serve is taken back by itself, and nobody notices.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeBundle } from './lib/bundle.mjs';
import { chatsUnderFaults } from './lib/exact.mjs';
import { Faults } from './lib/faults.mjs';
import { build, startInstance } from './lib/instance.mjs';

const replaced = ['CustomerControllerService', 'UCMService', 'WorkAssignment', 'UnifiedAgentController'];
const maker = { key: join(build, 'bundles/development.key') };

let pelago, folder;

before(async () => {
	folder = mkdtempSync(join(tmpdir(), 'pelago-replace-'));
	pelago = await startInstance({ demo: true });
});
after(async () => {
	await pelago?.stop({ keep: process.env.PELAGO_KEEP });
	rmSync(folder, { recursive: true, force: true });
});

/* A bundle of a service as it is built, under another version; or of another program. */
async function load(name, version, program = join(build, 'services', name, name)) {
	const manifest = JSON.parse(readFileSync(join(build, 'services', name, 'manifest.json'), 'utf8'));
	const file = await makeBundle(folder, { ...manifest, version, program }, maker);
	const { status, stderr } = await pelago.pelago(['service', 'load', file]);
	assert.equal(status, 0, stderr);
}

const versionOf = async (name) => {
	const all = JSON.parse((await pelago.pelago(['service', 'list', '--json'])).stdout);
	const [{ version, state }] = all.filter((one) => one.name === name && one.cluster);
	return [version, state];
};

test('PLT-60 PLT-11: services are replaced under live chats, and one that fails is taken back', { timeout: 240000 }, async (t) => {
	const told = [];
	let faults, usual, failed;
	for (const name of replaced) await load(name, '0.2.0');
	await load('UCMService', '0.3.0', '#!/bin/false\n');
	await chatsUnderFaults(pelago, {
		chats: 40,
		agents: 20,
		pauseMs: 1500,
		fault: async (load) => {
			faults = new Faults(pelago, load);
			usual = await faults.pauses('nothing replaced', () => {}, 3000);
			for (const name of replaced)
				told.push(await faults.pauses(name, async () => {
					const { status, stderr } = await pelago.pelago(['service', 'install', `${name}@0.2.0`]);
					assert.equal(status, 0, stderr);
				}));
			const { UCMService, 'UCMService.2': second } = await pelago.processes();
			failed = await faults.pauses('one that ends at once', async () => {
				const { status, stderr } = await pelago.pelago(['service', 'install', 'UCMService@0.3.0']);
				assert.equal(status, 1, stderr);
				assert.match(stderr, /UCMService ends again and again/);
			});
			const now = await pelago.processes();
			assert.deepEqual([now.UCMService, now['UCMService.2']], [UCMService, second], 'the old one ran on');
			await faults.ready();
		},
	});
	for (const line of faults.lines()) t.diagnostic(line);
	for (const name of replaced) assert.deepEqual(await versionOf(name), ['0.2.0', 'Installed'], name);
	const [plan] = JSON.parse((await pelago.pelago(['plan', 'list', '--kind', 'install', '--json'])).stdout);
	assert.equal(plan.state, 'undone', 'it was taken back by itself');
	/* On a machine that is busy with other things, as much longer as it takes to do nothing. */
	for (const { what, answers } of [...told, failed]) assert.ok(answers < 1000 + 3 * usual.answers, `${what}: nobody was answered for ${answers} ms`);
});
