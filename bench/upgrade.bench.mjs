/*
 * upgrade.bench.mjs — an upgrade under CHATS chats in progress and VISITORS customers who come and go beside them, on
 * three clusters of two nodes: how long it takes forth and back, the longest pause between two answers to anybody, and
 * each customer's own: how long who said something waits for its own frame. Nothing may be lost, doubled or out of
 * order. The baseline of the same run is a plain stop and start of the same instance under the same load.
 *
 * Also told: how long the checks before take, and the plan.
 *
 * CHATS, VISITORS, and PELAGO_STORE=postgresql (tools/with-postgres) change what is run; HOSTS=0 leaves out the
 * second nodes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Customer } from '../tests/scenario/lib/chat.mjs';
import { chatsUnderFaults } from '../tests/scenario/lib/exact.mjs';
import { Faults } from '../tests/scenario/lib/faults.mjs';
import { startInstance } from '../tests/scenario/lib/instance.mjs';
import { joinHost, untilStable } from '../tests/scenario/lib/join.mjs';
import { releases, settled, words } from '../tests/scenario/lib/upgrade.mjs';
import { show, size, summary } from './lib/figures.mjs';

const chats = size('CHATS', 200), visitors = size('VISITORS', 20);
const AGENTS = 20, USUAL_MS = 10000, PAUSE_MS = 5000;
const hosts = process.env.HOSTS === '0' ? [] : ['Cluster1_CC', 'Cluster2_UAC', 'Cluster3_OCP'];

/* How long each message waits for its own frame: told to `times` while somebody listens. */
let times;
const say = Customer.prototype.say;
Customer.prototype.say = function timed(...all) {
	const began = performance.now();
	return say.apply(this, all).then((id) => {
		times?.push(performance.now() - began);
		return id;
	});
};

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

async function timed(what, faults, act) {
	times = [];
	const began = performance.now();
	const { answers } = await faults.pauses(what, act, 0);
	const took = performance.now() - began;
	const told = { what, took, answers, waits: summary(times) };
	times = undefined;
	console.log(`${what.padEnd(28)} ${seconds(took).padStart(8)}   longest pause of all ${answers.toFixed(0).padStart(6)} ms`);
	show('  a message', told.waits);
	return told;
}

const { '0.2.0': file } = await releases(['0.1.0', '0.2.0']);
const pelago = await startInstance({ demo: true });
const joined = [];

async function cli(...list) {
	const { status, stdout, stderr } = await pelago.pelago(list);
	assert.equal(status, 0, `${list.slice(0, 3).join(' ')}: ${stderr || stdout.slice(-500)}`);
	return stdout;
}

/* `run` ends when its command does, or is stopped by its own limit: the upgrade is what counts. */
async function upgraded(list, wanted) {
	await pelago.pelago(list);
	const { state, why } = await settled(pelago);
	assert.equal(state, wanted, why);
}

try {
	for (const cluster of hosts) joined.push(await joinHost(pelago, cluster));
	for (const host of joined) await untilStable(pelago, host.node);
	let began = performance.now();
	await pelago.pelago(['upgrade', 'check', file, '-cg', '1', 'DigitalOnly-100', 'Chat', '--rolling']);
	console.log(`${'checks'.padEnd(28)} ${seconds(performance.now() - began).padStart(8)}`);
	began = performance.now();
	await cli('upgrade', 'plan', file, '-cg', '1', 'DigitalOnly-100', 'Chat', '--rolling');
	console.log(`${'plan'.padEnd(28)} ${seconds(performance.now() - began).padStart(8)}`);

	const figures = [];
	const { messages, contacts } = await chatsUnderFaults(pelago, {
		chats, agents: AGENTS, pauseMs: PAUSE_MS, visitors,
		fault: async (load) => {
			const faults = new Faults(pelago, load);
			await sleep(PAUSE_MS); /* all have begun */
			figures.push(await timed('nothing', faults, () => sleep(USUAL_MS)));
			figures.push(await timed('rolling upgrade', faults, () => upgraded(words(file, '--rolling'), 'upgraded')));
			figures.push(await timed('rollback', faults, () => upgraded(['upgrade', 'rollback', '--yes'], 'undone')));
			figures.push(await timed('stop and start', faults, async () => {
				await cli('down');
				await pelago.up();
				await faults.ready();
			}));
		},
	});
	const [usual, forth, back, plain] = figures;
	console.log(`${contacts} contacts, ${messages} messages: none lost, doubled or out of order`);
	for (const one of [forth, back])
		console.log(`${one.what}: longest pause ${(one.answers / usual.answers).toFixed(1)} × the usual one, ${(one.answers / plain.answers).toFixed(2)} × that of a stop and start; p99 ${(one.waits.p99 / usual.waits.p99).toFixed(1)} × the usual one`);
} finally {
	for (const host of joined) await host.stop().catch((error) => console.error(error.message));
	await pelago.stop();
}
