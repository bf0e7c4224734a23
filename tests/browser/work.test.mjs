/*
 * work.test.mjs — agents work together on a whole Pelago: ask, confer, hand over, transfer; what the desk knows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { token } from '../scenario/lib/chat.mjs';
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

async function define(kind, name, definition) {
	const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/UCAStoreService/resources/${kind}/${name}`, {
		method: 'PUT', body: JSON.stringify(definition),
		headers: { authorization: `Bearer ${await token(pelago, 'admin')}`, 'content-type': 'application/json' },
	});
	assert.ok(answer.ok, `${answer.status} ${await answer.text()}`);
}

async function talking(agent, name, { topic = 'sales', ...more } = {}) {
	const customer = await atShop(browser, pelago, { name });
	await customer.start({ topic, ...more });
	await agent.accept(name);
	return customer;
}

const secret = (agent, text) => agent.page.locator('[data-testid=message][data-private=true]').filter({ hasText: text });

test('WSP-1 RTG-4: asked in private, in conference, handed over; the customer sees just what is said aloud', async () => {
	const mia = await atDesk(browser, pelago, 'agent1');
	await mia.ready();
	const ann = await talking(mia, 'Ann');
	await ann.say('charged twice');
	const omar = await atDesk(browser, pelago, 'agent2');
	await omar.ready();
	await mia.at('consult').click();
	await mia.at('handover').locator('[data-key="u:agent2"]').click();
	await mia.at('handover-note').fill('is it a refund?');
	await mia.at('handover-submit').click();
	await omar.page.locator('[data-testid=offer][data-kind=consult]').waitFor();
	assert.match(await omar.offer('Ann').textContent(), /is it a refund\?/);
	await omar.accept('Ann');
	await mia.page.locator('[data-testid=leg][data-state=joined]').waitFor();
	await omar.talked(['charged twice']);
	await ann.say('are you there?');
	await omar.sees('customer', 'are you there?');
	await omar.write('the second one, yes');
	await secret(mia, 'the second one, yes').waitFor();
	await mia.at('audience-agents').click();
	await mia.write('thank you');
	await secret(omar, 'thank you').waitFor();
	await omar.page.reload();
	await omar.connected('online');
	await secret(omar, 'thank you').waitFor();
	await omar.page.locator('[data-testid=consultation]').waitFor();
	await mia.page.reload();
	await mia.connected('online');
	await mia.page.locator('[data-testid=leg][data-state=joined]').waitFor();

	await mia.at('leg-conference').click();
	await omar.page.locator('[data-testid=consultation][data-state=conference]').waitFor();
	await omar.at('audience-customer').click();
	await omar.write('Omar here');
	await ann.sees('agent', 'Omar here');
	await mia.at('audience-customer').click();
	await mia.write('and Mia');
	await ann.sees('agent', 'and Mia');
	await mia.at('leg-transfer').click();
	await mia.at('no-contacts').waitFor();
	await omar.at('disposition').waitFor();
	await exactly('one contact', () => omar.at('contact-tab').count(), 1);
	await omar.say('just me now');
	await ann.talked(['charged twice', 'are you there?', 'Omar here', 'and Mia', 'just me now']);
	assert.doesNotMatch(await ann.page.locator('pelago-chat').evaluate((e) => e.shadowRoot.textContent), /second one|thank you|refund/);
	await omar.finish();
	await ann.inPhase('closed');
	assert.deepEqual([...mia.faults, ...omar.faults, ...ann.faults], []);
	await Promise.all([mia.leave(), omar.leave(), ann.leave()]);
});

test('WSP-1 RTG-4: a colleague who declines, one who is let go', async () => {
	const mia = await atDesk(browser, pelago, 'agent1');
	await mia.ready();
	const ann = await talking(mia, 'Ann');
	const omar = await atDesk(browser, pelago, 'agent2');
	await omar.ready();
	const ask = async () => {
		await mia.at('consult').click();
		await mia.at('handover').locator('[data-key="u:agent2"]').click();
		await mia.at('handover-submit').click();
		await omar.offer('Ann').waitFor();
	};
	await ask();
	await omar.offer('Ann').getByTestId('offer-reject').click();
	await mia.at('notice').filter({ hasText: 'can\'t help' }).waitFor();
	await exactly('nobody is asked any more', () => mia.at('leg').count(), 0);
	if (await omar.at('state').getAttribute('data-state') !== 'Ready') await omar.ready();
	await ask();
	await omar.accept('Ann');
	await mia.page.locator('[data-testid=leg][data-state=joined]').waitFor();
	await mia.at('leg-release').click();
	await omar.at('no-contacts').waitFor();
	await exactly('let go', () => mia.at('leg').count(), 0);
	assert.equal(await mia.at('notice').count(), 1, 'one\'s own doing is no news');
	await mia.say('back to you');
	await ann.talked(['back to you']);
	await mia.finish();
	assert.deepEqual([...mia.faults, ...omar.faults, ...ann.faults], []);
	await Promise.all([mia.leave(), omar.leave(), ann.leave()]);
});

test('WSP-1 RTG-4: transferred to a colleague with a note, and to a service', async () => {
	const mia = await atDesk(browser, pelago, 'agent3');
	await mia.ready();
	const ann = await talking(mia, 'Ann');
	await mia.say('let me find somebody');
	const omar = await atDesk(browser, pelago, 'agent4');
	await omar.ready();
	await mia.at('transfer').click();
	await mia.at('handover').locator('[data-key="u:agent4"]').click();
	await mia.at('handover-note').fill('since Monday');
	await mia.at('handover-submit').click();
	await mia.at('no-contacts').waitFor();
	await omar.offer('Ann').getByTestId('offer-note').filter({ hasText: 'since Monday' }).waitFor();
	await omar.accept('Ann');
	await omar.at('note').filter({ hasText: 'since Monday' }).waitFor();
	await omar.say('good day');
	await omar.at('transfer').click();
	await omar.at('handover').locator('[data-key="s:Billing"]').click();
	await omar.at('handover-submit').click();
	await mia.accept('Ann');
	await mia.talked(['let me find somebody', 'good day']);
	await mia.finish();
	await ann.inPhase('closed');
	assert.deepEqual([...mia.faults, ...omar.faults, ...ann.faults], []);
	await Promise.all([mia.leave(), omar.leave(), ann.leave()]);
});

test('WSP-1 CHN-1 CTX-1 CTX-2: canned text, page, context and history, more time, log-out behind the last contact, survey', async () => {
	await define('texts', 'greet', { title: 'Greeting', text: 'Good day, {customer}!' });
	const agent = await atDesk(browser, pelago, 'agent5');
	await agent.at('start-work').click();
	await agent.page.locator('[data-testid=state][data-working=true][data-reason=startWork]').waitFor();
	await agent.ready();
	const first = await talking(agent, 'Eve Stone', { topic: 'billing', email: 'eve@example.org' });
	await first.say('my invoice is wrong');
	await agent.finish('Resolved');
	const eve = await talking(agent, 'Eve Stone', { email: 'eve@example.org' });
	await agent.at('composer').pressSequentially('/greet');
	await agent.at('suggestions').waitFor();
	await agent.page.keyboard.press('Enter');
	assert.equal(await agent.at('composer').inputValue(), 'Good day, Eve Stone!');
	await agent.page.keyboard.press('Enter');
	await eve.sees('agent', 'Good day, Eve Stone!');
	await agent.at('push').click();
	await agent.at('push-url').fill('shop.example/invoices');
	await agent.at('push-submit').click();
	await agent.at('push-line').waitFor();
	assert.equal(await eve.at('chat-push-open').getAttribute('href'), 'https://shop.example/invoices');
	await agent.at('details').filter({ hasText: '/demo/' }).waitFor();
	await agent.at('details-history').click();
	await agent.at('earlier-open').first().click();
	await agent.at('earlier-transcript').filter({ hasText: 'my invoice is wrong' }).waitFor();

	await agent.at('sign-out').click();
	await agent.at('sign-out-later').click();
	await agent.page.locator('[data-testid=state][data-logout-pending=true]').waitFor();
	await agent.close('Resolved');
	const left = async () => Number.parseInt((await agent.at('wrapup-countdown').textContent()).match(/\d+/)[0], 10);
	const before = await left();
	await agent.at('extend').click();
	await exactly('more time', async () => await left() > before, true);
	await eve.at('chat-survey').waitFor();
	await eve.page.getByRole('radio', { name: '5 of 5' }).check({ force: true });
	await eve.at('chat-survey-send').click();
	await eve.at('chat-survey-state').filter({ hasText: 'Thank you' }).waitFor();
	await agent.at('complete').click();
	await agent.at('signin-form').waitFor();
	assert.deepEqual([...agent.faults, ...eve.faults, ...first.faults], []);
	await Promise.all([agent.context.close(), eve.leave(), first.leave()]);
});
