/*
 * clock.test.mjs — the wall clock of all programs jumps a day, forward and back, under 100 live chats: nothing lost,
 * doubled or out of order, nothing that is alive is purged, no person's time runs out early or never.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, Customer } from './lib/chat.mjs';
import { DAY_MS, WallClock } from './lib/clock.mjs';
import { chatsUnderFaults } from './lib/exact.mjs';
import { Faults } from './lib/faults.mjs';
import { startInstance, until } from './lib/instance.mjs';

let clock, pelago;

before(async () => {
	clock = await WallClock.make();
	pelago = await startInstance({ demo: true, env: clock.env });
});
after(async () => {
	await pelago?.stop({ keep: process.env.PELAGO_KEEP });
	await clock?.remove();
});

test('PLT-60 PLT-31: the clock jumps a day and back under 100 chats, and everything is exact', { timeout: 240000 }, async (t) => {
	let faults, usual;
	const { messages, contacts } = await chatsUnderFaults(pelago, {
		chats: 96,
		agents: 20,
		pauseMs: 3000,
		visitors: 8,
		fault: async (load) => {
			faults = new Faults(pelago, load);
			usual = await faults.pauses('no jump', () => {}, 2500);
			for (const aheadMs of [DAY_MS, 0, -DAY_MS, 0]) {
				await faults.pauses(`the clock is put ${aheadMs / DAY_MS} days ahead`, () => clock.put(aheadMs), 3000);
				/* What a service remembers of the time must not hang on its being there all the time. */
				await faults.pauses('services are killed', () => faults.kill(['WorkAssignment', 'UCMService', 'CustomerControllerService', 'EngagementDesigner']), 1500);
			}
			await faults.ready();
		},
	}).catch((error) => {
		throw new Error(`${error.message}\n${faults?.lines().join('\n')}`, { cause: error });
	});
	for (const line of faults.lines()) t.diagnostic(line);
	t.diagnostic(`${messages} messages in ${contacts} contacts`);
	assert.equal(usual.what, 'no jump');
});
