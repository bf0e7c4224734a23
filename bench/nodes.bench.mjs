/*
 * nodes.bench.mjs — NODES nodes with all services, in six clusters (PLT-9), each joined host with processes of its
 * own: how long each takes to join and serve, what the manager needs then, a restart of a whole cluster, and how soon
 * another node has the work of one that died. The baseline of the same run: the first host that joins, and the manager
 * with the six nodes it begins with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startInstance, until } from '../tests/scenario/lib/instance.mjs';
import { joinHost, list, working } from '../tests/scenario/lib/join.mjs';
import { size } from './lib/figures.mjs';
import { memory, used } from './lib/meter.mjs';

const nodes = size('NODES', 35), IDLE_MS = 10000;
const pelago = await startInstance({ demo: true });
const hosts = [];
const seconds = (began) => (performance.now() - began) / 1000;

const stable = (count) => until(`${count} nodes are stable`, async () => {
	const all = await list(pelago, 'node');
	return all.length === count && all.every(({ state }) => state === 'Stable');
}, 300000);

/* Share of a core, and MB, of the manager. */
async function manager() {
	const { Manager } = await pelago.processes();
	const before = await used(Manager);
	await sleep(IDLE_MS);
	return { cpu: ((await used(Manager)) - before) / IDLE_MS * 100, mb: (await memory(Manager)).pss / 1024 };
}

try {
	const clusters = (await list(pelago, 'cluster')).map(({ name }) => name);
	await stable(clusters.length);
	const few = await manager(), joins = [];
	for (let i = 0; i < nodes - clusters.length; i++) {
		const began = performance.now();
		hosts.push(await joinHost(pelago, clusters[i % clusters.length]));
		joins.push(seconds(began));
	}
	await stable(nodes);
	const many = await manager();
	console.log(`join and serve: the first host ${joins[0].toFixed(2)} s, the last of ${nodes} nodes ${joins.at(-1).toFixed(2)} s, ratio ${(joins.at(-1) / joins[0]).toFixed(2)}`);
	console.log(`manager, idle: ${few.cpu.toFixed(1)} % of a core and ${few.mb.toFixed(1)} MB with ${clusters.length} nodes, ${many.cpu.toFixed(1)} % and ${many.mb.toFixed(1)} MB with ${nodes}`);

	let began = performance.now();
	const restarted = await pelago.pelago(['cluster', 'restart', clusters[1], '--together', '--yes']);
	console.log(`restart of ${clusters[1]}, all ${hosts.filter((_, i) => i % clusters.length === 1).length + 1} nodes together: ${seconds(began).toFixed(2)} s (${restarted.stdout.trim()})`);
	const busy = hosts[0];
	await until('the work is spread', async () => Object.values(await working(pelago, clusters[0])).includes(busy.node), 60000);
	began = performance.now();
	await busy.kill();
	await until('others have its work', async () => {
		const all = Object.values(await working(pelago, clusters[0]));
		return all.length > 0 && all.every((node) => node && node !== busy.node);
	}, 60000);
	console.log(`a host dies with work: others of ${clusters[0]} are seen to have it after ${seconds(began).toFixed(2)} s`);
} finally {
	for (const host of hosts) await host.stop();
	await pelago.stop();
}
