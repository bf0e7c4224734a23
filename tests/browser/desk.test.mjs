/*
 * desk.test.mjs — the agent's desk: contacts side by side, by keyboard alone, in a second tab.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance } from '../scenario/lib/instance.mjs';
import { AgentPage, atDesk } from './lib/agent.mjs';
import { exactly, launchBrowser, tabTo } from './lib/browser.mjs';
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

test('RTG-3 CHN-1: two contacts side by side stay apart', async () => {
	const agent = await atDesk(browser, pelago, 'agent1');
	await agent.ready();
	const ann = await atShop(browser, pelago, { name: 'Ann' });
	const bob = await atShop(browser, pelago, { name: 'Bob' });
	await ann.start({ topic: 'sales' });
	await agent.accept('Ann');
	await agent.at('composer').fill('for Ann, unfinished');
	const place = await agent.tab('Ann').boundingBox();
	await bob.start({ topic: 'billing' });
	await agent.offer('Bob').waitFor();
	assert.deepEqual(await agent.tab('Ann').boundingBox(), place, 'an offer moves nothing from under the pointer');
	assert.equal(await agent.at('composer').inputValue(), 'for Ann, unfinished', 'an offer disturbs nobody who writes');
	await agent.accept('Bob');
	assert.equal(await agent.at('composer').inputValue(), '');
	await agent.say('to Bob');

	await ann.say('from Ann');
	await exactly('an unread message is told', () => agent.tab('Ann').getByTestId('contact-unread').textContent(), '1');
	await agent.tab('Ann').click();
	await exactly('it is read', () => agent.tab('Ann').getByTestId('contact-unread').count(), 0);
	assert.equal(await agent.at('composer').inputValue(), 'for Ann, unfinished');
	await agent.say('to Ann');
	await ann.talked(['from Ann', 'to Ann']);
	await bob.talked(['to Bob']);
	await agent.talked(['from Ann', 'to Ann']);
	await agent.tab('Bob').click();
	await agent.talked(['to Bob']);

	await agent.finish('Resolved');
	await bob.inPhase('closed');
	await agent.talked(['from Ann', 'to Ann'], 'the other contact comes up');
	await ann.say('still here');
	await agent.sees('customer', 'still here');
	await agent.finish('Spam');
	assert.deepEqual([...agent.faults, ...ann.faults, ...bob.faults], []);
	await Promise.all([agent.leave(), ann.leave(), bob.leave()]);
});

test('CHN-1: an agent works by keyboard alone', async () => {
	const agent = await atDesk(browser, pelago, 'agent2');
	const { page } = agent;
	const { keyboard } = page;
	await tabTo(page, 'state');
	await keyboard.press('Enter');
	await agent.at('state-ready').waitFor();
	await tabTo(page, 'state-ready', 'ArrowDown');
	await keyboard.press('Enter');
	await agent.inState('Ready');

	const ann = await atShop(browser, pelago, { name: 'Ann' });
	await ann.start({ topic: 'sales' });
	await agent.offer('Ann').waitFor();
	await tabTo(page, 'offer-accept');
	await keyboard.press('Enter');
	await agent.at('composer').waitFor();
	await exactly('the agent can write at once', () => page.evaluate(() => document.activeElement.dataset.testid), 'composer');
	await keyboard.type('first line');
	await keyboard.press('Shift+Enter');
	await keyboard.type('second line');
	await keyboard.press('Enter');
	await ann.sees('agent', 'first line');
	assert.deepEqual(await ann.texts('agent'), ['first line\nsecond line']);
	await keyboard.type('by button');
	await tabTo(page, 'send');
	await keyboard.press('Enter');
	await ann.sees('agent', 'by button');
	await exactly('the agent goes on writing', () => page.evaluate(() => document.activeElement.dataset.testid), 'composer');

	await tabTo(page, 'disposition', 'Shift+Tab');
	await keyboard.type('Resol');
	assert.equal(await agent.at('disposition').inputValue(), 'Resolved');
	await tabTo(page, 'close');
	await keyboard.press('Enter');
	await agent.at('wrapup').waitFor();
	const contactId = await agent.contactId();
	await tabTo(page, 'complete');
	await keyboard.press('Enter');
	await page.locator(`[data-contact-id="${contactId}"]`).first().waitFor({ state: 'detached' });
	await ann.inPhase('closed');
	assert.deepEqual(agent.faults, []);
	await Promise.all([agent.leave(), ann.leave()]);
});

test('CHN-1: a customer works by keyboard alone', async () => {
	const ann = await atShop(browser, pelago, { name: 'Ann' });
	const { keyboard } = ann.page;
	const focused = () => ann.page.evaluate(() => document.querySelector('pelago-chat').shadowRoot.activeElement?.dataset.testid);
	await ann.at('chat-launcher').focus();
	await keyboard.press('Enter');
	await exactly('the form is at hand', focused, 'chat-name');
	await keyboard.press('Enter');
	await exactly('what is missing is at hand', focused, 'chat-name');
	assert.equal(await ann.at('chat-name').getAttribute('aria-invalid'), 'true');
	await keyboard.type('Ann');
	await keyboard.press('Enter');
	await ann.inPhase('chat');
	await exactly('the customer can write at once', focused, 'chat-input');
	await keyboard.type('hello');
	await keyboard.press('Enter');
	await ann.talked(['hello']);
	await keyboard.press('Escape');
	await exactly('the launcher has the focus again', focused, 'chat-launcher');
	await ann.at('chat-panel').waitFor({ state: 'hidden' });
	await keyboard.press('Enter');
	await exactly('the customer goes on', focused, 'chat-input');
	await ann.at('chat-end').click();
	await keyboard.press('Enter');
	await ann.inPhase('closed');
	assert.deepEqual(ann.faults, []);
	await ann.leave();
});

test('CHN-1: a second tab of the same agent takes over, and the first takes it back', async () => {
	const agent = await atDesk(browser, pelago, 'agent3');
	await agent.ready();
	const ann = await atShop(browser, pelago, { name: 'Ann' });
	await ann.start({ topic: 'sales' });
	await agent.accept('Ann');
	await ann.say('one');

	const second = new AgentPage(await agent.context.newPage(), agent, pelago, 'agent3');
	await second.come();
	await agent.connected('replaced');
	await agent.at('take-back').waitFor();
	await second.inState('Ready');
	await second.talked(['one']);
	await second.say('two');
	await ann.sees('agent', 'two');
	assert.deepEqual(await agent.texts('customer', 'agent'), ['one'], 'the first tab rests');

	await agent.at('take-back').click();
	await agent.connected('online');
	await second.connected('replaced');
	await agent.talked(['one', 'two']);
	await agent.say('three');
	await ann.talked(['one', 'two', 'three']);
	await second.page.close();
	await agent.finish();
	assert.deepEqual([...agent.faults, ...ann.faults], []);
	await Promise.all([agent.leave(), ann.leave()]);
});

test('RTG-4 CHN-1: an agent who signs out gives the chat back; the next one reads all of it', async () => {
	const first = await atDesk(browser, pelago, 'agent4');
	await first.ready();
	const ann = await atShop(browser, pelago, { name: 'Ann <i>Gray</i>' });
	await ann.start({ topic: 'sales' });
	await first.accept('Ann <i>Gray</i>');
	await ann.say('a long story');
	await first.say('go on');
	const second = await atDesk(browser, pelago, 'agent5');
	await second.ready();
	await first.leave();
	await second.accept('Ann <i>Gray</i>');
	await second.talked(['a long story', 'go on']);
	await second.say('I have read it');
	await ann.talked(['a long story', 'go on', 'I have read it']);
	await exactly('one agent left', () => ann.at('chat-left').count(), 1);
	await second.finish();
	await ann.inPhase('closed');
	assert.deepEqual([...first.faults, ...second.faults, ...ann.faults], []);
	await Promise.all([second.leave(), ann.leave()]);
});

test('RTG-4 CHN-1: an offer that nobody answers goes on; a wrap-up that nobody completes ends by itself', async () => {
	const quick = await atDesk(browser, pelago, 'agent6');
	await quick.ready();
	const bob = await atShop(browser, pelago, { name: 'Bob' });
	await bob.start({ topic: 'sales' });
	await quick.accept('Bob');
	await quick.at('state').click();
	await quick.at('state-notready-Break').click();
	await quick.page.locator('[data-testid=state][data-state=NotReady][data-reason=Break]').waitFor();
	await bob.at('chat-end').click();
	await bob.at('chat-end-yes').click();
	await quick.at('wrapup-countdown').waitFor();

	const slow = await atDesk(browser, pelago, 'agent7');
	await slow.ready();
	const ann = await atShop(browser, pelago, { name: 'Ann' });
	await ann.start({ topic: 'sales' });
	await slow.offer('Ann').waitFor();
	await slow.at('notice').waitFor({ timeout: 40000 });
	assert.equal(await slow.at('notice').getAttribute('data-kind'), 'withdrawn');
	await slow.page.locator('[data-testid=state][data-state=NotReady][data-reason=noAnswer]').waitFor();
	assert.equal(await slow.at('offer').count(), 0);

	await quick.at('no-contacts').waitFor({ timeout: 60000 });
	assert.equal(await quick.at('notice').count(), 0);
	await quick.ready();
	await quick.accept('Ann');
	await quick.finish();
	await ann.inPhase('closed');
	assert.deepEqual([...slow.faults, ...quick.faults, ...ann.faults, ...bob.faults], []);
	await Promise.all([slow.leave(), quick.leave(), ann.leave(), bob.leave()]);
});
