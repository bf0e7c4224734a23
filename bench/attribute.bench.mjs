/*
 * attribute.bench.mjs — how long until a set of attributes that is committed is in effect in every service of NODES
 * nodes (PLT-21), each with its own processes: the manager's commit, its push, the node's question and its durable
 * copy, the settings file, the service that has read it. Standbys count as well.
 *
 * Times are those of the logs: the commit's own, and `config.applied` of the last service. The baseline of the same
 * commits is the round trip without services: `desired.applied` of the last node. A commit whose service isn't on
 * a node leaves that node's services alone, so each commit changes one attribute of a service in each cluster.
 *
 * NODES and ROUNDS change what is run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, startInstance, until } from '../tests/scenario/lib/instance.mjs';
import { joinHost, list } from '../tests/scenario/lib/join.mjs';
import { makePrograms } from '../tests/scenario/lib/programs.mjs';
import { show, size, summary } from './lib/figures.mjs';

const nodes = size('NODES', 35);
const rounds = size('ROUNDS', 10);

const limit = { key: 'limit', name: 'Limit', area: 'Bench', type: 'integer', least: 0, most: 1000000, default: 0, text: 'For a figure' };
const kinds = [1, 2, 3, 4, 5, 'provisioning'];
const programs = await makePrograms(kinds.map((cluster, i) => ({ name: `Fake${i}`, cluster, attributes: [limit] })));
const pelago = await startInstance({ demo: true, programs }) /* whose limits let many join at once */;
const hosts = [];

/* What a log says of an event after a time: milliseconds since 1970. */
async function times(file, event, since) {
	const lines = (await readFile(file, 'utf8')).trim().split('\n').slice(-200);
	return lines.filter((line) => line.includes(`"${event}"`)).map((line) => Date.parse(JSON.parse(line).at)).filter((at) => at >= since);
}
/* The last of all files to say it, each within 10 s. */
async function last(files, event, since) {
	let at = 0;
	for (const file of files) at = Math.max(at, await until(`${file} says ${event}`, async () => (await times(file, event, since))[0], 10000));
	return at;
}

try {
	const clusters = (await list(pelago, 'cluster')).map(({ name }) => name);
	const exec = (program, args) => run(join(programs, 'pelago'), args);
	for (let i = clusters.length; i < nodes; i++) hosts.push(await joinHost(pelago, clusters[i % clusters.length], { exec }));
	await until('all nodes are stable', async () => (await list(pelago, 'node')).filter((one) => one.state === 'Stable').length === nodes, 60000);

	const here = (await list(pelago, 'node')).map(({ name, cluster }) => ({ name, fake: `Fake${clusters.indexOf(cluster)}` }));
	const folder = Object.fromEntries(hosts.map(({ node, data }) => [node, data]));
	const log = (node, name) => join(folder[node] ?? pelago.data, 'log', `${name}.log`);
	const nodeLogs = here.map(({ name }) => log(name, name)), serviceLogs = here.map(({ name, fake }) => log(name, fake));
	const reached = [], effective = [];

	for (let i = 1; i <= rounds; i++) {
		await sleep(1500); /* times of a round are its own */
		const { status, stdout, stderr } = await pelago.pelago(['attribute', 'set', 'Limit', String(i), '--area', 'Bench', '--json']);
		if (status !== 0) throw new Error(stderr);
		if (JSON.parse(stdout).changes.length !== clusters.length) throw new Error(`changed: ${stdout}`);
		const { atMs } = JSON.parse((await pelago.pelago(['attribute', 'history', '--json'])).stdout)[0];
		reached.push(await last(nodeLogs, 'desired.applied', atMs) - atMs);
		effective.push(await last(serviceLogs, 'config.applied', atMs) - atMs);
	}
	const [node, service] = [summary(reached), summary(effective)];
	show(`on all ${nodes} nodes`, node);
	show(`in effect in ${serviceLogs.length} services`, service);
	console.log(`ratio of in effect to the nodes' round trip: p50 ${(service.p50 / node.p50).toFixed(1)}, max ${(service.max / node.max).toFixed(1)}; ${service.max < 1000 ? 'always' : 'not always'} within a second`);
} finally {
	for (const host of hosts) await host.stop();
	await pelago.stop();
	await rm(programs, { recursive: true, force: true });
}
