/*
 * accept.bench.mjs — all six clusters, of two nodes each, deny and accept (PLT-1): the time until both nodes of
 * each have arrived, over that of one cluster alone in the same run.
 *
 * ROUNDS: how many times (3).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { startInstance, until } from '../tests/scenario/lib/instance.mjs';
import { joinHost, list } from '../tests/scenario/lib/join.mjs';

const rounds = Number(process.env.ROUNDS ?? 3);
const pelago = await startInstance({ demo: true });
const hosts = [];

/* Seconds until all of some clusters have arrived at a state. */
async function change(verb, state, names) {
	const began = performance.now();
	await Promise.all(names.map((name) => pelago.pelago(['cluster', verb, name, '--yes'])));
	await until(`${names.length} clusters ${verb}`, async () => (await list(pelago, 'cluster'))
		.filter(({ name }) => names.includes(name)).every((one) => one.state === state && one.arrived === 2), 60000);
	return (performance.now() - began) / 1000;
}

try {
	const names = (await list(pelago, 'cluster')).map(({ name }) => name);
	for (const name of names) hosts.push(await joinHost(pelago, name));
	await until('all are stable', async () => (await list(pelago, 'node')).every(({ state }) => state === 'Stable'), 60000);
	for (let i = 0; i < rounds; i++) {
		const one = await change('deny', 'Denying', names.slice(0, 1)) + await change('accept', 'Accepting', names.slice(0, 1));
		const deny = await change('deny', 'Denying', names);
		const accept = await change('accept', 'Accepting', names);
		console.log(`six clusters of two nodes: deny ${deny.toFixed(2)} s, accept ${accept.toFixed(2)} s; both over those of one cluster ${((deny + accept) / one).toFixed(2)}`);
	}
} finally {
	for (const host of hosts) await host.stop();
	await pelago.stop();
}
