/*
 * clock.test.mjs — a desk whose computer's clock is off by a day shows and does the same as any other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance } from '../scenario/lib/instance.mjs';
import { AgentPage } from './lib/agent.mjs';
import { launchBrowser, newPerson } from './lib/browser.mjs';
import { atShop } from './lib/customer.mjs';

const DAY_MS = 86400000;

let pelago;
let browser;

before(async () => {
	[pelago, browser] = await Promise.all([startInstance({ demo: true }), launchBrowser()]);
});
after(async () => {
	await browser?.close();
	await pelago?.stop();
});

/* Puts the time of day of all of a person's pages ahead. */
function putAhead(context, aheadMs) {
	return context.addInitScript((ms) => {
		const now = Date.now;
		Date.now = () => now() + ms;
		Date = new Proxy(Date, {
			construct: (target, args) => args.length ? new target(...args) : new target(target.now()),
			apply: (target) => new target(target.now()).toString(),
		});
	}, aheadMs);
}

const number = (text) => Number.parseInt(text.match(/\d+/)[0], 10);

for (const [user, aheadMs] of [['agent1', DAY_MS], ['agent2', -DAY_MS]])
	test(`RTG-4 PLT-60: a desk whose clock is ${aheadMs / DAY_MS} days ahead`, async () => {
		const person = await newPerson(browser, pelago);
		await putAhead(person.context, aheadMs);
		const agent = new AgentPage(person.page, person, pelago, user);
		await agent.come();
		assert.ok(Math.abs(await person.page.evaluate(() => Date.now()) - Date.now() - aheadMs) < 60000);
		await agent.ready();
		assert.match(await agent.at('state').textContent(), /Ready/);
		const customer = await atShop(browser, pelago, { name: 'Ann' });
		await customer.start({ topic: 'support' });
		const offer = agent.offer('Ann');
		await offer.waitFor();
		const left = number(await offer.getByTestId('offer-countdown').textContent());
		assert.ok(left > 10 && left <= 20, `${left} s are left of an offer of 20 s`);
		await agent.accept('Ann');
		await agent.say('Good day');
		await customer.talked(['Good day']);
		await person.page.reload(); /* all of it comes again from the server */
		await agent.connected('online');
		await agent.inState('Ready');
		await agent.tab('Ann').click();
		await agent.talked(['Good day']);
		await agent.close('Resolved');
		const wrapUp = number(await agent.at('wrapup-countdown').textContent());
		assert.ok(wrapUp > 20 && wrapUp <= 30, `${wrapUp} s are left of a wrap-up of 30 s`);
		assert.deepEqual([...agent.faults, ...customer.faults], []);
		await customer.leave();
		await agent.leave();
	});
