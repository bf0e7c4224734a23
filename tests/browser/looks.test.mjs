/*
 * looks.test.mjs — the pages on a phone and in the dark can be read and used.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance } from '../scenario/lib/instance.mjs';
import { atDesk, passwordOf, signIn } from './lib/agent.mjs';
import { launchBrowser, newPerson } from './lib/browser.mjs';
import { atShop } from './lib/customer.mjs';

const PHONE = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true };
const DARK = { colorScheme: 'dark' };

let pelago;
let browser;

before(async () => {
	[pelago, browser] = await Promise.all([startInstance({ demo: true }), launchBrowser()]);
});
after(async () => {
	await browser?.close();
	await pelago?.stop();
});

/* The text's contrast to what is behind it (WCAG 2.2 §1.4.3), and how light that is, 0 to 1. */
function contrastOf(locator) {
	return locator.evaluate((element) => {
		const channels = (colour) => {
			const canvas = new OffscreenCanvas(1, 1).getContext('2d');
			canvas.fillStyle = colour;
			canvas.fillRect(0, 0, 1, 1);
			return [...canvas.getImageData(0, 0, 1, 1).data];
		};
		const light = (rgb) => {
			const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
			return 0.2126 * r + 0.7152 * g + 0.0722 * b;
		};
		let behind = [255, 255, 255];
		const layers = [];
		for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) layers.unshift(channels(getComputedStyle(at).backgroundColor));
		for (const [r, g, b, a] of layers) behind = [r, g, b].map((v, i) => (v * a + behind[i] * (255 - a)) / 255);
		const text = light(channels(getComputedStyle(element).color).slice(0, 3));
		const back = light(behind);
		return { contrast: (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05), back };
	});
}

async function isReadable(locator, what, dark) {
	const { contrast, back } = await contrastOf(locator);
	assert.ok(contrast >= 4.5, `${what}: contrast ${contrast.toFixed(2)}`);
	if (dark !== undefined) assert.equal(back < 0.2, dark, `${what}: background ${back.toFixed(2)}`);
}

/* Nothing is wider than its place, but texts that are cut on purpose. */
async function fits(page) {
	const wide = await page.evaluate(() => [document.documentElement, ...document.querySelectorAll('main, main *')]
		.filter((e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).textOverflow !== 'ellipsis')
		.map((e) => `${e.tagName}.${e.className} ${e.scrollWidth} px in ${e.clientWidth}`));
	assert.deepEqual(wide, [], page.url());
}

async function isInView(page, locator, what) {
	const box = await locator.boundingBox();
	const { width, height } = page.viewportSize();
	assert.ok(box && box.x >= 0 && box.y >= 0 && box.x + box.width <= width + 0.5 && box.y + box.height <= height + 0.5, `${what} is at ${JSON.stringify(box)} of ${width} × ${height}`);
}

for (const [name, options, dark] of [['light', PHONE, false], ['dark', { ...PHONE, ...DARK }, true]]) {
	test(`CHN-1: the widget on a phone, ${name}`, async () => {
		const ann = await atShop(browser, pelago, { name: 'Ann', ...options });
		await fits(ann.page);
		await isInView(ann.page, ann.at('chat-launcher'), 'the launcher');
		await ann.at('chat-launcher').tap();
		const panel = await ann.at('chat-panel').boundingBox();
		assert.deepEqual({ width: panel.width, height: panel.height }, { width: 360, height: 640 }, 'the chat has the whole phone');
		await isInView(ann.page, ann.at('chat-start'), 'the form\'s button');
		for (const field of ['chat-name', 'chat-email', 'chat-topic']) {
			const size = await ann.at(field).evaluate((e) => parseFloat(getComputedStyle(e).fontSize));
			assert.ok(size >= 16, `${field}: phones zoom in at ${size} px`);
		}
		await isReadable(ann.at('chat-form').locator('p'), 'the form\'s lead', dark);
		await isReadable(ann.at('chat-start'), 'the form\'s button');
		await ann.at('chat-name').fill('Ann');
		await ann.at('chat-start').tap();
		await ann.inPhase('chat');
		await ann.at('chat-input').fill(`A long word: ${'Wanderschuhverleih'.repeat(6)}`);
		await ann.at('chat-send').tap();
		await ann.sees('customer', 'A long word');
		await fits(ann.page);
		await isInView(ann.page, ann.at('chat-input'), 'the field');
		await isInView(ann.page, ann.at('chat-send'), 'the button');
		await isReadable(ann.page.locator('[data-testid=chat-message][data-from=customer] p').last(), 'an own message');
		await ann.page.locator('[data-testid=chat-message][data-from=bot]').first().waitFor();
		await isReadable(ann.page.locator('[data-testid=chat-message][data-from=bot] p').first(), 'a message', dark);
		await isReadable(ann.at('chat-status'), 'the status', dark);
		await ann.at('chat-minimise').tap();
		await isInView(ann.page, ann.at('chat-launcher'), 'the launcher');
		await ann.at('chat-launcher').tap();
		await ann.at('chat-end').tap();
		await ann.at('chat-end-yes').tap();
		await ann.inPhase('closed');
		await isReadable(ann.at('chat-closed'), 'the end', dark);
		await isInView(ann.page, ann.at('chat-fresh'), 'the button for a new chat');
		assert.deepEqual(ann.faults, []);
		await ann.leave();
	});
}

for (const [name, options, dark] of [['light', {}, false], ['dark', DARK, true]]) {
	test(`CHN-1: the desk and the manager, ${name}`, async () => {
		const agent = await atDesk(browser, pelago, 'agent1', options);
		await isReadable(agent.at('user'), 'the name', dark);
		await isReadable(agent.at('go-ready'), 'the button');
		await agent.ready();
		const ann = await atShop(browser, pelago, { name: 'Ann', ...options });
		await isReadable(ann.page.locator('h1'), 'the shop\'s title', dark);
		await ann.start({ topic: 'sales' });
		await agent.offer('Ann').waitFor();
		await isReadable(agent.offer('Ann').getByTestId('offer-customer'), 'the offer', dark);
		await agent.accept('Ann');
		await ann.say('good day');
		await agent.say('and to you');
		await agent.sees('customer', 'good day');
		for (const from of ['customer', 'agent', 'bot']) await isReadable(agent.page.locator(`[data-testid=message][data-from=${from}] p`).first(), `a message of ${from}`);
		await isReadable(agent.page.locator('[data-testid=message][data-from=customer] time').first(), 'the time of a message', dark);
		await isReadable(agent.at('composer'), 'the field', dark);
		await isReadable(agent.at('details').locator('dt').first(), 'a detail', dark);
		await fits(agent.page);
		await agent.finish();
		await agent.leave();

		const admin = await newPerson(browser, pelago, options);
		await admin.page.goto('/manager/#/elements/clusters');
		await isReadable(admin.page.getByTestId('signin-submit'), 'the button to sign in');
		await signIn(admin.page, 'admin', await passwordOf(pelago, 'admin'));
		await admin.page.getByTestId('cluster').first().waitFor();
		await isReadable(admin.page.getByTestId('cluster').first().locator('td').first(), 'a cell', dark);
		for (const place of ['clusters', 'nodes', 'services']) {
			await admin.page.getByTestId(`nav-${place}`).click();
			await admin.page.getByTestId(place).waitFor();
			await fits(admin.page);
		}
		assert.deepEqual([...admin.faults, ...agent.faults, ...ann.faults], []);
		await admin.context.close();
		await ann.leave();
	});
}

test('CHN-1: the desk on a narrow screen', async () => {
	const agent = await atDesk(browser, pelago, 'agent2', { viewport: { width: 600, height: 900 } });
	await agent.ready();
	const ann = await atShop(browser, pelago, { name: 'Ann' });
	await ann.start({ topic: 'sales' });
	await agent.accept('Ann');
	await agent.say('from a tablet');
	await ann.sees('agent', 'from a tablet');
	await fits(agent.page);
	await isInView(agent.page, agent.at('composer'), 'the field');
	await isInView(agent.page, agent.at('send'), 'the button');
	await agent.finish();
	await Promise.all([agent.leave(), ann.leave()]);
});
