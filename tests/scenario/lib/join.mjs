/*
 * join.mjs — hosts that join an instance, as folders of the same machine.
 *
 *   const token = await joinToken(pelago, 'Cluster1_CC');
 *   const host = await joinHost(pelago, 'Cluster1_CC');
 *   host.node, host.data; await host.processes(); await host.kill(); await host.up(); await host.stop()
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, isAlive, run, until } from './instance.mjs';

export async function joinToken(pelago, cluster, more = []) {
	const { status, stdout, stderr } = await pelago.pelago(['node', 'join-token', '--cluster', cluster, ...more]);
	assert.equal(status, 0, stderr);
	return stdout.trim();
}

/* Runs a command on a host, which may be a folder (here) or a network namespace (hosts.mjs). */
export async function joinHost(pelago, cluster, { args = [], data, exec = run } = {}) {
	data ??= await mkdtemp(join(tmpdir(), 'pelago-host-'));
	const call = (words) => exec(join(build, 'pelago'), [...words, '--data', data]);
	const token = await joinToken(pelago, cluster);
	const joined = await call(['up', '--detach', '--join', token, ...args]);
	assert.equal(joined.status, 0, joined.stderr);
	const { node } = JSON.parse(await readFile(join(data, 'pelago.json'), 'utf8'));

	const state = async () => JSON.parse((await call(['status', '--json'])).stdout || '{"processes":[]}');
	const processes = async () => Object.fromEntries((await state()).processes.map(({ name, pid }) => [name, pid]));
	return {
		node, data, token, pelago: call, processes, output: joined.stdout,
		up: () => call(['up', '--detach']),
		/* All of it at once, as if its power were cut. */
		kill: async () => {
			const { pid, processes: all } = await state();
			const first = ({ name }) => Number(!name.startsWith('node-')); /* before it brings back what died */
			const pids = [pid, ...all.sort((a, b) => first(a) - first(b)).map((one) => one.pid)];
			for (const one of pids) process.kill(one, 'SIGKILL');
			await until('all of the host has ended', () => !pids.some(isAlive));
		},
		stop: async () => {
			const down = await call(['down']);
			await rm(data, { recursive: true, force: true, maxRetries: 5 });
			assert.equal(down.status, 0, down.stderr);
		},
	};
}

export async function list(pelago, noun) {
	const { status, stdout, stderr } = await pelago.pelago([noun, 'list', '--json']);
	assert.equal(status, 0, stderr);
	return JSON.parse(stdout);
}

export const nodeOf = async (pelago, name) => (await list(pelago, 'node')).find((one) => one.name === name);
export const untilStable = (pelago, name) => until(`${name} is stable`, async () => (await nodeOf(pelago, name))?.state === 'Stable');

/* Which node does the work of each service of a cluster: { NAME: NODE }. */
export async function working(pelago, cluster) {
	const services = (await list(pelago, 'service')).filter((one) => one.cluster === cluster);
	return Object.fromEntries(services.map(({ name, instances }) => [name, instances.find((one) => one.state === 'Running')?.node]));
}
