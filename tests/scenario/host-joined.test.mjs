/*
 * host-joined.test.mjs — a joined host with an edge goes to another version, asked where the manager is: its disk is
 * full at first, the manager is killed in the midst of it, and on the way back the host's root supervisor is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeKey } from './lib/bundle.mjs';
import { build, freePort, isAlive, run, startInstance, until } from './lib/instance.mjs';
import { joinHost, untilStable } from './lib/join.mjs';
import { makePackage } from './lib/package.mjs';
import { disturb, kill } from './lib/plans.mjs';

const env = { PELAGO_TRIAL_MS: '400' };
let pelago, host, folder, file, port;

const exec = (program, args) => run(program, args, { env: { ...process.env, ...env } });
const written = () => JSON.parse(readFileSync(join(host.data, 'platform/programs.json'), 'utf8')).programs;
const versions = () => [...new Set(['root', 'edge', host.node].map((name) => written()[name].version))];
const show = async (words) => JSON.parse((await pelago.pelago([...words, '--json'])).stdout);
const plan = async () => show(['plan', 'show', (await show(['plan', 'list'])).find(({ kind }) => kind === 'node-upgrade').id]);

before(async () => {
	folder = mkdtempSync(join(tmpdir(), 'pelago-host-joined-'));
	const maker = await makeKey(folder);
	pelago = await startInstance({ demo: true, env });
	port = await freePort();
	host = await joinHost(pelago, 'Cluster1_CC', { exec, args: ['--https-port', String(await freePort()), '--http-port', String(port)] });
	for (const one of [pelago, host]) assert.equal((await one.pelago(['bundle', 'trust', maker.pub])).status, 0);
	file = await makePackage(folder, '0.2.0', maker);
	await untilStable(pelago, host.node);
});
after(async () => {
	await run('umount', ['-l', join(host?.data ?? folder, 'platform')]);
	await host?.stop();
	await pelago?.stop();
	rmSync(folder, { recursive: true, force: true });
});

test('UPG-40: on a joined host itself, the command says where to say it', async () => {
	const { status, stderr } = await run(join(build, 'upgradeCE'), [file, '--yes', '--data', host.data]);
	assert.deepEqual([status, stderr.includes(`--node ${host.node}`)], [4, true], stderr);
});

test('UPG-40 UPG-41: a joined host is upgraded; its disk is full at first, and the manager is killed meanwhile', { timeout: 90000 }, async () => {
	const before = await host.processes();
	const place = join(host.data, 'platform');
	mkdirSync(place);
	const mounted = (await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place])).status === 0;
	const ended = await disturb(pelago, ['node', 'upgrade', file, '--node', host.node, '--yes'], `platform-fetch:${host.node}`, async () => {
		if (!mounted) return; /* who may not mount has no full disk */
		await until('the plan says why it waits', async () => /full/.test((await plan().catch(() => ({ steps: [{}] }))).steps[0].detail));
		await run('umount', [place]);
		await kill(pelago, 'Manager');
	});
	assert.equal((await plan()).state, 'done', ended.stderr);
	assert.deepEqual(versions(), ['0.2.0']);
	const now = await host.processes();
	const services = (all) => Object.fromEntries(Object.entries(all).filter(([name]) => /^[A-Z]/.test(name)));
	assert.deepEqual(services(now), services(before), 'no service was stopped');
	assert.notEqual(now[host.node], before[host.node]);
	assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
	await untilStable(pelago, host.node);
});

test('UPG-40: and back; its root supervisor is killed in the midst of it', { timeout: 90000 }, async () => {
	const { id } = await plan();
	const undone = pelago.pelago(['plan', 'undo', id, '--yes']);
	await until('it has begun', () => Object.values(written()).some(({ version }) => version === '0.1.0'));
	const { pid } = JSON.parse((await host.pelago(['status', '--json'])).stdout);
	process.kill(pid, 'SIGKILL');
	await until('it has ended', () => !isAlive(pid));
	assert.equal((await host.up()).status, 0);
	const { status, stderr } = await undone;
	assert.equal(status, 0, stderr);
	assert.deepEqual(versions(), ['0.1.0']);
	await untilStable(pelago, host.node);
	assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
});
