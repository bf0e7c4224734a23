/*
 * upgrade.bench.mjs — an upgrade under CHATS chats in progress and A_SECOND new customers a second beside them, on
 * three clusters of two nodes: how long it takes forth and back; how long each person waits for what was done, by kind
 * (what a customer says is kept, comes to the agent, an answer to the customer, a new contact to its offer, a lost
 * connection is back); the longest time in which nobody was answered; and in which steps the long waits were. Nothing
 * may be lost, doubled or out of order. The baseline of the same run is a plain stop and start of the same instance
 * under the same load. Then, without load, an upgrade in a window, and how long services are away for it.
 *
 * Beside each figure stands how long a probe waited meanwhile that only writes to the disk and looks at the clock
 * (probe.mjs): on a machine that is busy with other things the waits are its, not the upgrade's.
 *
 * Also told: how long the checks before take, and the plan.
 *
 *   CHATS=200 A_SECOND=20      the load
 *   HOSTS=0                    without the second nodes
 *   PARTS=rolling,window       what is run
 *   TOP=12                     how many lines tell of long waits
 *   PELAGO_STORE=postgresql    with tools/with-postgres
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chatsUnderFaults } from '../tests/scenario/lib/exact.mjs';
import { Faults } from '../tests/scenario/lib/faults.mjs';
import { run, until } from '../tests/scenario/lib/instance.mjs';
import { joinHost, untilStable } from '../tests/scenario/lib/join.mjs';
import { releases, settled, words } from '../tests/scenario/lib/upgrade.mjs';
import { show, size, summary } from './lib/figures.mjs';
import { startHouse } from './lib/house.mjs';
import { startProbe } from './lib/probe.mjs';
import { blame, byKind, stepsOf, Waits } from './lib/waits.mjs';

const chats = size('CHATS', 200), aSecond = size('A_SECOND', 20), top = size('TOP', 12);
const AGENTS = 20, USUAL_MS = 10000, PAUSE_MS = 5000, LONG_MS = 250, CALM_MS = 1500;
const CONFIGURATION = ['-cg', '1', 'DigitalOnly-100', 'Chat'];
const hosts = process.env.HOSTS === '0' ? [] : ['Cluster1_CC', 'Cluster2_UAC', 'Cluster3_OCP'];
const parts = (process.env.PARTS ?? 'rolling,window').split(',');

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
const tell = (what, ms) => console.log(`${what.padEnd(28)} ${seconds(ms).padStart(8)}`);

const { '0.2.0': file } = await releases(['0.1.0', '0.2.0']);
const waits = new Waits();
const places = Math.ceil((chats + 3 * aSecond) / AGENTS) + 2;
const pelago = await startHouse({ agents: AGENTS, places });
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

async function timed(act) {
	const began = performance.now();
	await act();
	return performance.now() - began;
}

async function phase(what, load, faults, act) {
	const probe = await startProbe(pelago.data), list = waits.begin(), came = load.visits.customers.length;
	let took;
	const { answers } = await faults.pauses(what, async () => {
		took = await timed(act);
	}, CALM_MS);
	waits.end(list);
	const seen = await probe.stop();
	const all = summary(list.map(({ ms }) => ms));
	const told = { what, took, answers, all, list, seen };
	tell(what, took);
	console.log(`  ${((load.visits.customers.length - came) / (took + CALM_MS) * 1000).toFixed(1)} new customers a second; nobody was answered for ${answers.toFixed(0)} ms at most`);
	for (const [kind, one] of Object.entries(byKind(list))) if (one.n) show(`  ${kind}`, one);
	show('  all', all);
	show('  the machine alone', summary(seen.map(({ ms }) => ms)));
	return told;
}

function tellBlame({ what, list, seen }, steps) {
	const rows = blame(list, steps, seen, LONG_MS);
	console.log(`${what}: ${rows.reduce((sum, { n }) => sum + n, 0)} waits of more than ${LONG_MS} ms`);
	for (const { step, kind, n, longest, machine } of rows.slice(0, top)) console.log(`  ${step.padEnd(54)} ${kind.padEnd(18)} n ${String(n).padStart(4)}   longest ${longest.toFixed(0).padStart(6)} ms   the machine alone ${machine.toFixed(0).padStart(6)} ms`);
}

/* Which kinds of steps took the time. */
function tellSteps(what, steps) {
	const rows = new Map();
	for (const { step, from, to } of steps) {
		const action = step.replace(/^(back: )?([a-z-]+).*/, '$1$2'), row = rows.get(action) ?? { n: 0, sum: 0, longest: 0 };
		row.n++;
		row.sum += to - from;
		row.longest = Math.max(row.longest, to - from);
		rows.set(action, row);
	}
	console.log(`${what}, by kind of step`);
	for (const [action, { n, sum, longest }] of [...rows].sort((a, b) => b[1].sum - a[1].sum).slice(0, 8)) console.log(`  ${action.padEnd(28)} n ${String(n).padStart(3)}   in all ${seconds(sum).padStart(8)}   longest ${seconds(longest).padStart(8)}`);
}

const stepsSince = async (ms) => (await stepsOf(pelago)).filter(({ from }) => from >= ms);

async function rolling() {
	tell('checks', await timed(() => pelago.pelago(['upgrade', 'check', file, ...CONFIGURATION, '--rolling'])));
	tell('plan', await timed(() => cli('upgrade', 'plan', file, ...CONFIGURATION, '--rolling')));
	const figures = [];
	const { messages, contacts } = await chatsUnderFaults(pelago, {
		chats, agents: AGENTS, pauseMs: PAUSE_MS, visitors: 3 * aSecond, aSecond,
		fault: async (load) => {
			const faults = new Faults(pelago, load);
			const watch = async (...all) => figures.push(await phase(all[0], load, faults, all[1]));
			await sleep(PAUSE_MS); /* all have begun */
			await watch('nothing', () => sleep(USUAL_MS));
			for (const [what, list, wanted] of [['rolling upgrade', words(file, '--rolling'), 'upgraded'], ['rollback', ['upgrade', 'rollback', '--yes'], 'undone']]) {
				const began = Date.now();
				await watch(what, () => upgraded(list, wanted));
				const steps = await stepsSince(began);
				tellBlame(figures.at(-1), steps);
				tellSteps(what, steps);
			}
			await watch('stop and start', async () => {
				await cli('down');
				await pelago.up();
				await faults.ready();
			});
		},
	});
	const [usual, forth, back, plain] = figures;
	console.log(`${contacts} contacts, ${messages} messages: none lost, doubled or out of order`);
	for (const one of [forth, back])
		console.log(`${one.what}: longest wait ${one.all.max.toFixed(0)} ms, ${(one.all.max / usual.all.max).toFixed(1)} × the usual one, ${(one.all.max / plain.all.max).toFixed(2)} × that of a stop and start; p99 ${one.all.p99.toFixed(0)} ms, ${(one.all.p99 / usual.all.p99).toFixed(1)} × the usual one`);
}

/* From the first service that is told to end, until the last one serves again. */
async function inWindow() {
	/* Who has closed the page is logged out after half a minute. */
	await until('all that is in the way is out of it', async () => {
		await pelago.pelago(['upgrade', 'check', file, ...CONFIGURATION, '--fix', 'all']);
		await sleep(1000);
		return (await pelago.pelago(['upgrade', 'check', file, ...CONFIGURATION])).status === 0;
	}, 120000);
	const began = Date.now();
	const took = await timed(() => upgraded(words(file, '--window'), 'upgraded'));
	const steps = await stepsSince(began);
	const drains = steps.filter(({ step }) => step.startsWith('drain:')), installs = steps.filter(({ step }) => step.startsWith('install:'));
	tell('in a window', took);
	tell('  services are away', Math.max(...installs.map(({ to }) => to)) - Math.min(...drains.map(({ from }) => from)));
	tellSteps('in a window', steps);
	tell('finalize', await timed(() => cli('upgrade', 'finalize', '--yes')));
	/* From now on a joined host's folder is refused by the version before. */
	for (const { data } of joined.splice(0)) {
		const { status, stderr } = await run(join(data, 'platform/current/pelago'), ['down', '--data', data]);
		assert.equal(status, 0, stderr);
		await rm(data, { recursive: true, maxRetries: 5 });
	}
}

try {
	for (const cluster of hosts) joined.push(await joinHost(pelago, cluster));
	for (const host of joined) await untilStable(pelago, host.node);
	if (parts.includes('rolling')) await rolling();
	if (parts.includes('window')) await inWindow();
} finally {
	for (const host of joined) await host.stop().catch((error) => console.error(error.message));
	await pelago.stop({ keep: process.env.PELAGO_KEEP });
}
