/*
 * widget.test.mjs — the chat on a page: keyboard and dialog, phone, survey, opening hours, on the stand-in for the services.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { atDesk } from './lib/agent.mjs';
import { exactly, launchBrowser } from './lib/browser.mjs';
import { atShop } from './lib/customer.mjs';
import { startStage } from './lib/stage.mjs';

const PHONE = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true };

let stage;
let browser;

before(async () => { browser = await launchBrowser(); });
after(async () => { await browser?.close(); });
beforeEach(async () => { stage = await startStage(); });
afterEach(async () => { await stage.stop(); });

const focused = (person) => person.page.evaluate(() => {
	const at = document.querySelector('pelago-chat').shadowRoot.activeElement;
	return at?.dataset.testid ?? at?.name ?? document.activeElement.tagName;
});
const rows = async (list) => (await list.evaluateAll((all) => all.map((one) => one.dataset.testid)));

async function served(options = {}, topic = 'sales') {
	const agent = await atDesk(browser, stage, 'agent1');
	await agent.ready();
	const ann = await atShop(browser, stage, { name: 'Ann', ...options });
	await ann.start({ topic });
	await agent.accept('Ann');
	return { agent, ann };
}

test('CHN-1: the widget is a dialog with labels, and gives the focus back', async () => {
	const ann = await atShop(browser, stage, { name: 'Ann' });
	const { page } = ann;
	assert.equal(await ann.at('chat-launcher').getAttribute('aria-label'), 'Chat with us');
	assert.equal(await ann.at('chat-launcher').getAttribute('aria-expanded'), 'false');
	await ann.at('chat-launcher').press('Enter');
	assert.equal(await page.getByRole('dialog', { name: 'Chat with us' }).count(), 1);
	assert.equal(await ann.at('chat-panel').getAttribute('aria-modal'), null, 'beside the page it is no barrier');
	await exactly('the form is at hand', () => focused(ann), 'chat-name');
	await page.keyboard.press('Shift+Tab');
	await page.keyboard.press('Shift+Tab');
	assert.equal(await page.evaluate(() => document.activeElement.tagName) !== 'PELAGO-CHAT', true, 'Tab leads out to the page');
	await ann.at('chat-name').focus();
	await page.keyboard.press('Escape');
	await exactly('back where it began', () => focused(ann), 'chat-launcher');
	await ann.start({ topic: 'sales' });
	for (const [role, name] of [['log', 'Messages'], ['textbox', 'Your message'], ['button', 'Send'], ['button', 'Attach files'], ['button', 'Minimise']])
		assert.equal(await page.getByRole(role, { name, exact: true }).count(), 1, `${role} ${name}`);
	assert.equal(await ann.at('chat-log').getAttribute('aria-live'), 'polite');
	assert.deepEqual(ann.faults, []);
	await ann.leave();
});

test('CHN-1: on a phone the chat keeps the focus, is above the keyboard, and has room for fingers', async () => {
	const { agent, ann } = await served(PHONE);
	const { page } = ann;
	assert.equal(await ann.at('chat-panel').getAttribute('aria-modal'), 'true');
	await ann.at('chat-input').focus();
	const seen = new Set();
	for (let i = 0; i < 12; i++) {
		await page.keyboard.press('Tab');
		seen.add(await focused(ann));
	}
	assert.ok(seen.has('chat-minimise') && seen.has('chat-input') && !seen.has('A') && !seen.has('BODY'), [...seen].join(', '));
	await agent.page.getByTestId('push').click();
	await agent.at('push-url').fill('shop.example');
	await agent.at('push-submit').click();
	await ann.at('chat-push-open').waitFor();
	await ann.at('chat-file-input').setInputFiles([{ name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('x') }]);
	await ann.at('chat-upload').waitFor();
	await exactly('the newest line stays in sight', () => ann.at('chat-log').evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight < 2), true);
	const small = await ann.at('chat-panel').evaluate((panel) => [...panel.querySelectorAll('button, input, select, textarea, a')]
		.filter((one) => one.offsetParent !== null).map((one) => [one.dataset.testid, one.getBoundingClientRect()])
		.filter(([, { width, height }]) => width < 44 || height < 44).map(([id, { width, height }]) => `${id} ${width} × ${height}`));
	assert.deepEqual(small, []);

	/* What a phone does when its keyboard comes: the visual viewport shrinks, the layout stays. */
	await page.evaluate(() => {
		Object.defineProperty(visualViewport, 'height', { value: 330, configurable: true });
		visualViewport.dispatchEvent(new Event('resize'));
	});
	const box = async (id) => { const { y, height } = await ann.at(id).boundingBox(); return y + height; };
	await exactly('the field is above the keyboard', async () => await box('chat-input') <= 330 && await box('chat-send') <= 330, true);
	await page.evaluate(() => {
		delete visualViewport.height;
		visualViewport.dispatchEvent(new Event('resize'));
	});
	await exactly('and the chat has the screen again', async () => Math.round((await ann.at('chat-panel').boundingBox()).height), 640);
	await agent.finish();
	await Promise.all([agent.leave(), ann.leave()]);
});

test('CHN-1: a survey after the end, through a reload, once', async () => {
	const { agent, ann } = await served();
	await ann.say('thanks, that is all');
	await agent.close('Resolved');
	await ann.at('chat-survey').waitFor();
	await ann.inPhase('closed');
	await ann.page.reload();
	await ann.at('chat-survey').waitFor();
	await ann.page.getByRole('radio', { name: '4 of 5' }).check({ force: true });
	await ann.at('survey-solved').getByText('Partly').click();
	await ann.at('survey-more').fill('مرحبا 👋');
	await ann.at('chat-survey-send').click();
	await ann.at('chat-survey-state').filter({ hasText: 'Thank you' }).waitFor();
	await exactly('nothing more to answer', () => ann.at('chat-survey').isVisible(), false);
	await ann.at('chat-fresh').waitFor();
	await exactly('the agent is told', () => agent.page.getByText('answered the survey').count(), 1);
	await ann.page.reload();
	await ann.inPhase('closed');
	assert.equal(await ann.at('chat-survey').isVisible(), false);
	await agent.complete(await agent.contactId());
	const bob = await atShop(browser, stage, { name: 'Bob' });
	await bob.start({ topic: 'sales' });
	await agent.accept('Bob');
	await agent.close('Resolved');
	await bob.at('chat-survey-skip').click();
	await exactly('declined', () => bob.at('chat-survey').isVisible(), false);
	assert.deepEqual([...agent.faults, ...ann.faults, ...bob.faults], []);
	await Promise.all([agent.leave(), ann.leave(), bob.leave()]);
});

test('CHN-1: out of hours, the widget says when somebody is back', async () => {
	await stage.play('hours', { open: 0 });
	const ann = await atShop(browser, stage, { name: 'Ann', locale: 'de-DE' });
	await ann.open();
	await ann.at('chat-name').fill('Ann');
	await ann.at('chat-start').click();
	await ann.inPhase('closed');
	assert.match(await ann.at('chat-closed').textContent(), /closed at the moment. We are back on \w+/);
	await ann.at('chat-message').filter({ hasText: 'Nobody is here' }).waitFor();
	await stage.play('hours', { open: 1 });
	await ann.at('chat-fresh').click();
	await ann.at('chat-form').waitFor();
	assert.deepEqual(ann.faults, []);
	await ann.leave();
});

test('CHN-1: place in the queue, and the next page of the shop goes on', async () => {
	const ann = await atShop(browser, stage, { name: 'Ann' });
	await ann.start({ topic: 'sales' });
	await stage.play('position', { n: 3 });
	await ann.at('chat-status').filter({ hasText: 'number 3 in the queue. About 3 minutes' }).waitFor();
	await ann.say('kept');
	await ann.page.goto('/');
	await ann.page.goto('/demo/#tents');
	await ann.talked(['kept']);
	await ann.inPhase('chat');
	assert.equal(await ann.at('chat-panel').isVisible(), true, 'the window is open as it was');
	await ann.leave();
});

test('CHN-1: the page chooses title, corner and colours', async () => {
	const ann = await atShop(browser, stage, { name: 'Ann', path: '/' });
	const { page } = ann;
	await page.evaluate(() => {
		const script = document.createElement('script');
		Object.assign(script, { src: '/widget/pelago-chat.js' });
		Object.assign(script.dataset, { pelago: '', title: 'Ask the mountaineers', position: 'left', lang: 'de', topics: 'tents=Zelte,packs' });
		const sheet = new CSSStyleSheet();
		sheet.replaceSync('pelago-chat { --pelago-accent: rgb(120, 20, 60); --pelago-radius: 0; }');
		document.adoptedStyleSheets = [sheet];
		document.head.append(script);
	});
	await ann.at('chat-launcher').waitFor();
	assert.equal(await ann.at('chat-launcher').getAttribute('aria-label'), 'Ask the mountaineers');
	assert.ok((await ann.at('chat-launcher').boundingBox()).x < 100);
	await ann.open();
	assert.equal(await page.getByRole('dialog', { name: 'Ask the mountaineers' }).count(), 1);
	assert.equal(await ann.at('chat-panel').locator('.head').evaluate((e) => getComputedStyle(e).backgroundColor), 'rgb(120, 20, 60)');
	assert.deepEqual(await ann.at('chat-topic').locator('option').allTextContents(), ['Zelte', 'packs']);
	assert.equal(await ann.at('chat-start').textContent(), 'Chat beginnen');
	const { x, width } = await ann.at('chat-panel').boundingBox();
	assert.ok(x >= 0 && x + width <= 1280);
	await ann.leave();
});

test('CHN-1: an address that isn\'t of the web is never a link', async () => {
	const { agent, ann } = await served();
	await stage.play('push', { url: 'javascript:alert(1)', title: 'Click me' });
	await ann.at('chat-push').filter({ hasText: 'javascript:alert(1)' }).waitFor();
	assert.equal(await ann.at('chat-push-open').count(), 0);
	assert.deepEqual(await rows(ann.at('chat-push')), ['chat-push']);
	await agent.finish();
	await Promise.all([agent.leave(), ann.leave()]);
});
