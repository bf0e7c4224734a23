/*
 * settings.test.mjs — what a reader chooses for this browser: colours and language.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { atDesk } from './lib/agent.mjs';
import { exactly, launchBrowser } from './lib/browser.mjs';
import { startStage } from './lib/stage.mjs';

let stage;
let browser;

before(async () => {
	[stage, browser] = await Promise.all([startStage(), launchBrowser()]);
});
after(async () => {
	await browser?.close();
	await stage?.stop();
});

const isDark = (page) => page.evaluate(() => document.documentElement.classList.contains('pf-v6-theme-dark'));

test('WSP-1: colours follow the system, or the reader', async () => {
	const agent = await atDesk(browser, stage, 'agent1', { colorScheme: 'dark' });
	const { page } = agent;
	assert.equal(await isDark(page), true);
	await page.emulateMedia({ colorScheme: 'light' });
	await exactly('the page follows the system', () => isDark(page), false);
	await agent.at('settings').click();
	await agent.at('setting-theme').selectOption('dark');
	await exactly('the page is dark', () => isDark(page), true);
	await agent.at('settings-close').click();
	await exactly('the focus is where it was', () => page.evaluate(() => document.activeElement.dataset.testid), 'settings');
	await page.reload();
	await agent.connected('online');
	assert.equal(await isDark(page), true, 'it stays');
	await page.emulateMedia({ colorScheme: 'dark' });
	await page.emulateMedia({ colorScheme: 'light' });
	assert.equal(await isDark(page), true);
	assert.deepEqual(agent.faults, []);
	await agent.leave();
});

test('WSP-1: the desk speaks the browser\'s language, or the one that the agent chose', async () => {
	const agent = await atDesk(browser, stage, 'agent2', { locale: 'de-AT' });
	const { page } = agent;
	await agent.at('sign-out').filter({ hasText: 'Abmelden' }).waitFor();
	await agent.at('settings').click();
	await agent.at('setting-language').selectOption('en');
	await agent.at('sign-out').filter({ hasText: 'Sign out' }).waitFor();
	assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
	await agent.connected('online');
	assert.deepEqual(agent.faults, []);
	await agent.leave();
});
