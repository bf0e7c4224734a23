/*
 * upgrade.test.mjs — rolling upgrades under live chats, in the steps of which, as the plan lists them, one after the
 * other is killed: the command, the manager, the bus; so is it on the way back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chatsUnderFaults } from '../scenario/lib/exact.mjs';
import { Faults } from '../scenario/lib/faults.mjs';
import { startInstance, until } from '../scenario/lib/instance.mjs';
import { begin, follow, installTrain, releases, stateOf, versions, words } from '../scenario/lib/upgrade.mjs';

const WHOLE_MS = 20 * 60000;
let made, pelago;

before(async () => {
	made = await releases(['0.1.0', '0.2.0']);
	pelago = await startInstance({ demo: true });
	await installTrain(pelago, made['0.1.0']);
}, { timeout: WHOLE_MS });
after(async () => { await pelago?.stop({ keep: process.env.PELAGO_KEEP }); });

/* An edge of before lives until its last connection has gone over. */
const allOf = (version) => until(`all is of ${version}`, async () => (await versions(pelago)).join() === version, 90000);
const target = { tool: 'the command', Manager: 'the manager', 'nats-server': 'the bus' };

/* Kills one after the other, in each state of each step, each not more often than its supervisor takes for crashes; what is
 * being tried by its host is left alone: that would be taken back. */
const CALM_MS = 20000;
class Killer {
	constructor() {
		this.last = Object.fromEntries(Object.keys(target).map((name) => [name, -Infinity]));
		this.done = [];
	}

	async kill(step, tool) {
		const now = performance.now();
		const [name] = Object.keys(target).filter((one) => now - this.last[one] > CALM_MS).sort((a, b) => this.last[a] - this.last[b]);
		if (!name) return;
		this.last[name] = now;
		const pid = name === 'tool' ? tool?.exitCode === null && tool.pid : (await pelago.processes().catch(() => ({})))[name];
		try {
			if (pid) process.kill(pid, 'SIGKILL');
		} catch (error) {
			if (error.code !== 'ESRCH') throw error; /* it has just been replaced */
		}
		this.done.push(`${step.id} ${step.state}: ${target[name]}`);
		if (name !== 'tool') await until(`${name} is back, killed in ${step.id} ${step.state}`, async () => {
			const now = (await pelago.processes().catch(() => ({})))[name];
			return now && now !== pid;
		}, 30000);
	}
}

const trialOf = (step) => step.id.startsWith('platform-manager');

test('UPG-4 UPG-7 UPG-8 UPG-9: an upgrade and its way back, something killed again and again, under live chats', { timeout: WHOLE_MS }, async (t) => {
	const killer = new Killer();
	let faults, forth, back;
	await chatsUnderFaults(pelago, {
		chats: 20, agents: 10, pauseMs: 1500,
		fault: async (load) => {
			faults = new Faults(pelago, load);
			const came = await stateOf(pelago);
			let tool = begin(pelago, words(made['0.2.0'], '--rolling'));
			forth = await follow(pelago, came.plan, (step) => !trialOf(step) && ['applying', 'verifying'].includes(step.state) && killer.kill(step, tool), tool);
			assert.equal(forth.state, 'upgraded', forth.why);
			await faults.ready();
			await allOf('0.2.0');
			tool = begin(pelago, ['upgrade', 'rollback', '--yes']);
			await until('it goes back', async () => (await stateOf(pelago))?.state !== 'upgraded', 60000);
			back = await follow(pelago, '', (step) => !trialOf(step) && step.state === 'undoing' && killer.kill(step, tool));
			assert.equal(back.state, 'undone', back.why);
			await faults.ready();
			await allOf('0.1.0');
		},
	});
	assert.ok(killer.done.length >= 6, `${killer.done.length} were killed`);
	t.diagnostic(`${killer.done.length} killed: ${killer.done.join(', ')}`);
});
