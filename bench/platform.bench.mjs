/*
 * platform.bench.mjs — start, memory and idle time of a whole instance with all its services.
 *
 * Ready: from `pelago up` to its return with --detach. Memory: proportional set size (PSS) of all processes,
 * and what each service has for itself. Idle: processor time of all of them in 20 s without any work. The
 * baseline of the same run is nats-server, the one part that isn't ours.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startInstance } from '../tests/scenario/lib/instance.mjs';
import { memory, used } from './lib/meter.mjs';

const began = performance.now();
const pelago = await startInstance({ demo: true });
try {
	const ready = (performance.now() - began) / 1000;
	const again = performance.now();
	await pelago.pelago(['down']);
	const downAt = performance.now();
	await pelago.up();
	const second = (performance.now() - downAt) / 1000;
	console.log(`ready after ${ready.toFixed(2)} s at the first start, ${second.toFixed(2)} s at the second; stopped in ${((downAt - again) / 1000).toFixed(2)} s`);

	await sleep(3000);
	const processes = await pelago.processes();
	const before = {};
	for (const [name, pid] of Object.entries(processes)) before[name] = await used(pid);
	await sleep(20000);
	let pss = 0, idle = 0, most = 0, mostName = '';
	const rows = [];
	for (const [name, pid] of Object.entries(processes)) {
		const m = await memory(pid);
		const share = ((await used(pid)) - before[name]) / 20000 * 100;
		pss += m.pss;
		idle += share;
		if (/Service$|Controller$|Store$|Designer$|Assignment$|Services$/.test(name) && m.own > most) [most, mostName] = [m.own, name];
		rows.push([name, m, share]);
	}
	for (const [name, m, share] of rows.sort((a, b) => b[1].pss - a[1].pss)) console.log(`${name.padEnd(28)} PSS ${(m.pss / 1024).toFixed(1).padStart(6)} MB   own ${(m.own / 1024).toFixed(1).padStart(6)} MB   idle ${share.toFixed(2).padStart(5)} %`);
	const nats = (await memory(processes['nats-server'])).pss;
	console.log(`sum of PSS ${(pss / 1024).toFixed(1)} MB; largest service's own ${(most / 1024).toFixed(1)} MB (${mostName}); idle ${idle.toFixed(2)} % of one core`);
	console.log(`ratio of memory to nats-server alone ${(pss / nats).toFixed(1)}`);
} finally {
	await pelago.stop();
}
