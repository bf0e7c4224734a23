/*
 * reload.test.mjs — customer and agent reload and change pages in the middle of a chat.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance } from '../scenario/lib/instance.mjs';
import { atDesk } from './lib/agent.mjs';
import { exactly, launchBrowser } from './lib/browser.mjs';
import { atShop } from './lib/customer.mjs';

let pelago;
let browser;

before(async () => {
	[pelago, browser] = await Promise.all([startInstance({ demo: true }), launchBrowser()]);
});
after(async () => {
	await browser?.close();
	await pelago?.stop();
});

test('CHN-1: the chat lives through reloads and page changes of both, and nothing is doubled', async () => {
	const agent = await atDesk(browser, pelago, 'agent1');
	await agent.ready();
	const ann = await atShop(browser, pelago, { name: 'Ann' });
	await ann.start({ topic: 'support' });
	await agent.accept('Ann');
	await ann.say('one');
	await agent.say('two');
	await ann.sees('agent', 'two');
	const all = await ann.messages();

	await ann.page.reload();
	await ann.page.locator('[data-testid=chat-panel][data-ready=true]').waitFor();
	await exactly('all is still there', () => ann.messages(), all);
	await exactly('one agent joined', () => ann.at('chat-joined').count(), 1);

	await ann.page.goto('/');
	await agent.say('three');
	await ann.page.goto('/demo/#packs');
	await ann.page.reload();
	await ann.talked(['one', 'two', 'three']);
	await ann.say('four');
	await ann.talked(['one', 'two', 'three', 'four']);

	await ann.at('chat-minimise').click();
	await agent.say('five');
	await exactly('the launcher tells an unread message', () => ann.at('chat-unread').textContent(), '1');
	await ann.open();

	const contactId = await agent.contactId();
	await agent.at('composer').fill('a draft');
	await agent.page.reload();
	await agent.connected('online');
	await agent.inState('Ready');
	await agent.talked(['one', 'two', 'three', 'four', 'five']);
	assert.equal(await agent.contactId(), contactId);
	assert.equal(await agent.at('contact-tab').count(), 1);
	assert.equal(await agent.at('composer').inputValue(), 'a draft');
	assert.match(await agent.at('details').textContent(), /Ann/);
	await agent.say('six');
	await ann.talked(['one', 'two', 'three', 'four', 'five', 'six']);
	assert.deepEqual((await agent.messages()), (await ann.messages()));

	await agent.close('Resolved');
	await agent.page.reload();
	await agent.page.locator('[data-testid=conversation][data-phase=wrapup]').waitFor();
	await agent.talked(['one', 'two', 'three', 'four', 'five', 'six']);
	await agent.complete(contactId);
	await ann.inPhase('closed');
	await ann.page.reload();
	await ann.inPhase('closed');
	await ann.talked(['one', 'two', 'three', 'four', 'five', 'six']);
	assert.deepEqual([...agent.faults, ...ann.faults], []);
	await Promise.all([agent.leave(), ann.leave()]);
});

test('CHN-1: an offer is still there after a reload of the agent\'s page', async () => {
	const agent = await atDesk(browser, pelago, 'agent2');
	await agent.ready();
	const bob = await atShop(browser, pelago, { name: 'Bob' });
	await bob.start({ topic: 'sales' });
	await agent.offer('Bob').waitFor();
	await agent.page.reload();
	await agent.accept('Bob');
	await bob.say('hello');
	await agent.sees('customer', 'hello');
	await agent.finish();
	assert.deepEqual([...agent.faults, ...bob.faults], []);
	await Promise.all([agent.leave(), bob.leave()]);
});

test('PLT-53: a page renews a token that ran out, and asks to sign in when that is refused', async () => {
	const agent = await atDesk(browser, pelago, 'agent3');
	const age = (change) => agent.page.evaluate((more) => {
		const tokens = JSON.parse(sessionStorage.getItem('pelago.tokens'));
		sessionStorage.setItem('pelago.tokens', JSON.stringify({ ...tokens, expiresAt: 0, ...more }));
		return tokens.access;
	}, change);
	const old = await age({});
	await agent.page.reload();
	await agent.connected('online');
	assert.notEqual(await age({ refresh: 'stolen' }), old, 'it has another token');
	assert.deepEqual(agent.faults, []);
	await agent.page.reload();
	await agent.at('signin-form').waitFor();
	await agent.context.close();
});
