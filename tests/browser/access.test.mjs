/*
 * access.test.mjs — the desk and the widget against WCAG 2.2 AA, by axe-core and by hand, light and dark, English and German.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { atDesk } from './lib/agent.mjs';
import { look } from './lib/axe.mjs';
import { exactly, launchBrowser } from './lib/browser.mjs';
import { atShop } from './lib/customer.mjs';
import { startStage } from './lib/stage.mjs';

let stage;
let browser;

before(async () => { browser = await launchBrowser(); });
after(async () => { await browser?.close(); });
beforeEach(async () => { stage = await startStage(); });
afterEach(async () => { await stage.stop(); });

const LOOKS = { 'light, English': { colorScheme: 'light' }, 'dark, German': { colorScheme: 'dark', locale: 'de-DE' } };

for (const [name, options] of Object.entries(LOOKS)) {
	test(`WSP-1: every place of the desk can be used by everybody: ${name}`, async () => {
		const found = [];
		const mia = await atDesk(browser, stage, 'agent1', options);
		const { page } = mia;
		await look(page, 'before work', found);
		await mia.at('state').click();
		await mia.at('state-ready').waitFor();
		await look(page, 'the menu of states', found);
		await page.keyboard.press('Escape');
		await mia.ready();
		const ann = await atShop(browser, stage, { name: 'Ann', ...options });
		await ann.start({ topic: 'billing', email: 'ann@example.org' });
		await mia.offer('Ann').waitFor();
		await look(page, 'an offer', found);
		await mia.accept('Ann');
		await ann.say('good day');
		await mia.say('and to you');
		const omar = await atDesk(browser, stage, 'agent2', options);
		await omar.ready();
		await mia.at('consult').click();
		await mia.at('handover').locator('[data-key="u:agent2"]').click();
		await look(page, 'the dialog to ask a colleague', found);
		await mia.at('handover-note').fill('please look');
		await mia.at('handover-submit').click();
		await omar.page.locator('[data-kind=consult]').waitFor();
		await look(omar.page, 'an offer of a consultation', found);
		await omar.accept('Ann');
		await omar.write('in private');
		await page.locator('[data-private=true]').waitFor();
		await look(page, 'a consultation, to the customer', found);
		await mia.at('audience-agents').click();
		await mia.at('composer').fill('/gr');
		await look(page, 'in private', found);
		await look(omar.page, 'who was asked', found);
		const bob = await atShop(browser, stage, { name: 'Bob', ...options });
		await bob.start({ topic: 'sales' });
		await mia.accept('Bob');
		await bob.at('chat-file-input').setInputFiles([{ name: 'list.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }]);
		await mia.at('file-line').waitFor();
		await mia.at('file-input').setInputFiles([{ name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('x') }]);
		await mia.at('split-2').click();
		await ann.page.goto('about:blank');
		await mia.at('customer-away').waitFor();
		await look(page, 'two conversations, a file, one that failed, a customer who is away', found);
		await mia.at('details-history').click();
		await look(page, 'history', found);
		for (const [button, dialog] of [['settings', 'settings-dialog'], ['shortcuts', 'shortcuts-dialog'], ['push', 'push-dialog'], ['texts', 'texts-dialog']]) {
			await mia.at(button).first().click();
			await mia.at(dialog).waitFor();
			if (dialog === 'push-dialog') await mia.at('push-submit').click();
			await look(page, dialog, found);
			await page.keyboard.press('Escape');
			await mia.at(dialog).waitFor({ state: 'detached' });
		}
		await bob.at('chat-end').click();
		await bob.at('chat-end-yes').click();
		await mia.at('extend').waitFor();
		await look(page, 'wrap-up', found);
		await stage.play('down', { ms: 3000 });
		await mia.connected('lost');
		await look(page, 'without a connection', found);
		await mia.connected('online');
		await mia.at('sign-out').click();
		await look(page, 'the question at signing out', found);
		assert.deepEqual(found, []);
		await Promise.all([mia.context.close(), omar.context.close(), ann.leave(), bob.leave()]);
	});

	test(`CHN-1: every place of the widget can be used by everybody: ${name}`, async () => {
		const found = [];
		const agent = await atDesk(browser, stage, 'agent1', options);
		await agent.ready();
		const ann = await atShop(browser, stage, { name: 'Ann', viewport: { width: 390, height: 720 }, ...options });
		await look(ann.page, 'the launcher', found);
		await ann.open();
		await ann.at('chat-start').click();
		await look(ann.page, 'the form, with what is missing', found);
		await ann.at('chat-minimise').click();
		await ann.start({ topic: 'sales' });
		await agent.accept('Ann');
		await ann.say('hello');
		await agent.say('good day');
		await agent.at('push').click();
		await agent.at('push-url').fill('shop.example');
		await agent.at('push-submit').click();
		await agent.at('file-input').setInputFiles([{ name: 'list.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }]);
		await ann.at('chat-file').waitFor();
		await ann.at('chat-file-input').setInputFiles([{ name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('x') }]);
		await ann.at('chat-upload').waitFor();
		await look(ann.page, 'the chat, a page, a file, one that failed', found);
		await ann.at('chat-end').click();
		await look(ann.page, 'the question at the end', found);
		await ann.at('chat-end-yes').click();
		await ann.at('chat-survey').waitFor();
		await look(ann.page, 'the survey', found);
		assert.deepEqual(found, []);
		await Promise.all([agent.context.close(), ann.leave()]);
	});
}

test('WSP-1: what comes is told politely, an offer at once, and each by its name', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	const { page } = agent;
	await agent.ready();
	const ann = await atShop(browser, stage, { name: 'Ann' });
	await ann.start({ topic: 'billing' });
	await page.getByRole('alert').filter({ hasText: 'New contact from Ann, billing. 20 seconds to answer.' }).waitFor();
	assert.equal(await page.getByRole('article', { name: 'Offer: Ann' }).count(), 1);
	await agent.accept('Ann');
	for (const [role, name] of [['tab', /^Ann/], ['tabpanel', 'Conversation with Ann'], ['log', 'Conversation with Ann'], ['textbox', 'Message to Ann'], ['button', 'Transfer'], ['button', 'Ask a colleague'], ['button', 'Send a page'], ['button', 'Attach files'], ['combobox', 'Disposition'], ['complementary', /Customer and context: Ann/]])
		assert.equal(await page.getByRole(role, { name }).count(), 1, `${role} ${name}`);
	assert.equal(await agent.at('messages').getAttribute('aria-live'), 'polite');
	assert.equal(await agent.at('notices').getAttribute('aria-live'), 'polite');
	assert.equal(await page.evaluate(() => document.querySelectorAll('h1').length), 1);
	await agent.at('composer').fill('/gr');
	const { controls, active, option } = await agent.at('composer').evaluate((e) => ({
		controls: document.getElementById(e.getAttribute('aria-controls'))?.role, active: document.getElementById(e.getAttribute('aria-activedescendant'))?.textContent,
		option: document.querySelectorAll('[role=option][aria-selected=true]').length,
	}));
	assert.deepEqual([controls, active, option], ['listbox', '/greetGreeting', 1]);
	await agent.at('composer').fill('');
	await exactly('no list, no reference to one', () => agent.at('composer').getAttribute('aria-controls'), null);
	await agent.finish();
	assert.deepEqual(agent.faults, []);
	await Promise.all([agent.leave(), ann.leave()]);
});

test('WSP-1: a desk of 320 px, as a screen enlarged four times has it', async () => {
	const agent = await atDesk(browser, stage, 'agent1', { viewport: { width: 320, height: 640 } });
	const { page } = agent;
	await agent.ready();
	const ann = await atShop(browser, stage, { name: 'Ann' });
	await ann.start({ topic: 'sales' });
	await agent.accept('Ann');
	await agent.say('a line that is long enough to be broken');
	const wide = () => page.evaluate(() => [document.documentElement, ...document.querySelectorAll('header, header *, main, main *')]
		.filter((e) => e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).textOverflow !== 'ellipsis').map((e) => `${e.tagName}.${e.className}`));
	assert.deepEqual(await wide(), []);
	for (const id of ['state', 'settings', 'sign-out', 'composer', 'send', 'close', 'disposition']) {
		const { x, y, width, height } = await agent.at(id).boundingBox();
		assert.ok(x >= 0 && y >= 0 && x + width <= 320 && y + height <= 640, id);
	}
	assert.ok((await agent.at('messages').boundingBox()).height > 100, 'there is room to read');
	assert.equal(await agent.at('details').count(), 0);
	await agent.at('details-toggle').click();
	await agent.at('details').waitFor();
	assert.deepEqual(await wide(), []);
	await agent.at('details-close').click();
	await agent.at('details').waitFor({ state: 'detached' });
	await agent.at('details-toggle').click();
	await agent.at('details-history').press('Escape');
	await agent.at('details').waitFor({ state: 'detached' });
	const found = [];
	await look(page, '320 px', found);
	assert.deepEqual(found, []);
	await agent.finish();
	assert.deepEqual(agent.faults, []);
	await Promise.all([agent.leave(), ann.leave()]);
});
