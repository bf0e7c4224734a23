/*
 * upgrade.mjs — upgrades of an instance.
 *
 *   const { '0.2.0': file } = await releases(['0.2.0'])    made by tools/release-train
 *   await stateOf(pelago)                                  as `pelago upgrade status --json`; undefined while it can't be told
 *   await pointedPrograms()                                what is built, its manager as in points.mjs
 *   await settled(pelago)                                  waits until no upgrade goes on
 *   await settledAfter(pelago, former)                     … and another one, or another state, than that
 *   await versions(pelago)                                 those of all processes, each once
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, run, until } from './instance.mjs';

const TOP = new URL('../../..', import.meta.url).pathname;
const LOOK_MS = 100, WHOLE_MS = 15 * 60000;

export async function releases(names) {
	const made = await run(join(TOP, 'tools/release-train'), ['--build', build, '--json', ...names], { timeout: 600000 });
	assert.equal(made.status, 0, made.stderr);
	return JSON.parse(made.stdout);
}

/* The programs that are built, with a manager that points.mjs can stop; a folder to be removed. */
export async function pointedPrograms() {
	const folder = await mkdtemp(join(tmpdir(), 'pelago-programs-'));
	for (const name of ['pelago', 'pelago-node', 'pelago-edge', 'pelago-manager.manifest.json']) await copyFile(join(build, name), join(folder, name));
	await copyFile(join(build, 'tests/release/points-manager'), join(folder, 'pelago-manager'));
	await symlink(join(build, 'bundles'), join(folder, 'bundles'));
	await symlink(join(TOP, 'web/dist'), join(folder, 'web'));
	return folder;
}

/* Services of a release of before, which later ones differ in. */
export async function installTrain(pelago, file, names = ['Ledger', 'Journal']) {
	const folder = await mkdtemp(join(tmpdir(), 'pelago-train-'));
	for (const name of names) {
		const unpacked = await run('python3', ['-m', 'zipfile', '-e', file, folder]);
		assert.equal(unpacked.status, 0, unpacked.stderr);
		const loaded = await pelago.pelago(['service', 'load', join(folder, `bundles/${name}-0.1.0.svar`)]);
		assert.equal(loaded.status, 0, loaded.stderr);
	}
	const installed = await pelago.pelago(['service', 'install', ...names, '--cluster', 'Cluster5_Connectors']);
	assert.equal(installed.status, 0, installed.stderr);
	await rm(folder, { recursive: true });
}

export async function stateOf(pelago) {
	const { status, stdout } = await pelago.pelago(['upgrade', 'status', '--json']);
	return status === 0 ? JSON.parse(stdout) : undefined;
}

const goesOn = (upgrade) => !upgrade || ['running', 'undoing', 'finalizing'].includes(upgrade.state);

export const settled = (pelago) => until('the upgrade is over', async () => {
	const upgrade = await stateOf(pelago);
	return !goesOn(upgrade) && upgrade;
}, WHOLE_MS);

/* Waits until it is over, and in another state, or another upgrade, than `former`: as stateOf() told it. */
export const settledAfter = (pelago, former) => until('the upgrade is over', async () => {
	const upgrade = await stateOf(pelago);
	return !goesOn(upgrade) && (upgrade.plan !== former.plan || upgrade.state !== former.state) && upgrade;
}, WHOLE_MS);

export const words = (file, ...more) => ['upgrade', 'run', file, '-cg', '1', 'DigitalOnly-100', 'Chat', '--yes', ...more];

/* Once the level has risen, programs of before refuse the folder. */
function program(data) {
	const level = join(data, 'level'), risen = existsSync(level) && Number(readFileSync(level, 'utf8')) > 1;
	return risen ? join(data, 'platform/current/pelago') : join(build, 'pelago');
}

/* A command that is there to be killed. What it said is told if it ends by itself before an upgrade has begun. */
export function begin(pelago, list) {
	const child = spawn(program(pelago.data), [...list, '--data', pelago.data], { stdio: ['ignore', 'pipe', 'pipe'] });
	child.said = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { child.said += text; });
	child.ended = new Promise((resolve) => child.on('exit', resolve));
	return child;
}

/* Follows an upgrade that has begun; onStep(step, upgrade) is told of each state of each step, once, in turn. */
export async function follow(pelago, before, onStep, tool) {
	const seen = new Map();
	for (const end = Date.now() + WHOLE_MS; ;) {
		assert.ok(Date.now() < end, 'the upgrade is over in time');
		const upgrade = await stateOf(pelago);
		if (upgrade?.plan === before) assert.equal(tool?.exitCode ?? null, null, tool?.said);
		if (upgrade && upgrade.plan !== before) {
			for (const step of upgrade.steps) {
				if (seen.get(step.id) === step.state) continue;
				seen.set(step.id, step.state);
				if (step.state !== 'waiting') await onStep?.(step, upgrade);
			}
			if (!goesOn(upgrade)) return upgrade;
		}
		await sleep(LOOK_MS);
	}
}

export async function versions(pelago) {
	const { stdout } = await pelago.pelago(['status', '--json']);
	return [...new Set(JSON.parse(stdout).processes.map(({ version }) => version).filter(Boolean))];
}
