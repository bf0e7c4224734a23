/*
 * install.bench.mjs — all services are installed at once in six clusters of two nodes each (PLT-12): from the
 * request to the plan's end, when each node says that each of its services serves; beside one service alone, of the
 * same run, as often as there are services.
 *
 * ROUNDS: how many times (3).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startInstance, until } from '../tests/scenario/lib/instance.mjs';
import { joinHost, list } from '../tests/scenario/lib/join.mjs';
import { token } from '../tests/scenario/lib/chat.mjs';

const rounds = Number(process.env.ROUNDS ?? 3), LOOK_MS = 50;
const ALONE = 'AutomationController';
const pelago = await startInstance({ demo: true });
const hosts = [];
const bearer = await token(pelago, 'admin');

async function ask(method, path, body) {
	const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
	const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
	assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
	return answer.json();
}

/* Seconds that a plan takes. */
async function run(verb, names, more = {}) {
	const began = performance.now();
	const { id } = await ask('POST', `services/${verb}`, { services: names.map((name) => ({ name })), ...more });
	for (;;) {
		const { state, why } = await ask('GET', `plans/${id}`);
		assert.ok(['running', 'done'].includes(state), `${verb}: ${state}: ${why}`);
		if (state === 'done') break;
		await sleep(LOOK_MS);
	}
	return (performance.now() - began) / 1000;
}

try {
	for (const { name } of await list(pelago, 'cluster')) hosts.push(await joinHost(pelago, name));
	await until('all are stable', async () => (await list(pelago, 'node')).every(({ state }) => state === 'Stable'), 120000);
	const services = (await list(pelago, 'service')).filter(({ state }) => state === 'Installed').map(({ name }) => name);
	for (let i = 0; i < rounds; i++) {
		await run('uninstall', [ALONE], { force: true });
		const one = await run('install', [ALONE]);
		await run('uninstall', services, { force: true });
		const all = await run('install', services);
		await until('all are installed', async () => (await list(pelago, 'service')).filter(({ state }) => state === 'Installed').length === services.length);
		console.log(`${services.length} services on six clusters of two nodes: ${all.toFixed(2)} s; one of them alone ${one.toFixed(2)} s, so one after the other ${(one * services.length).toFixed(1)} s; ratio ${(all / (one * services.length)).toFixed(2)}`);
	}
} finally {
	for (const host of hosts) await host.stop();
	await pelago.stop();
}
