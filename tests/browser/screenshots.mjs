/*
 * screenshots.mjs — the pictures of docs/images, taken of a whole Pelago in which people talk.
 *
 *   node tests/browser/screenshots.mjs [FOLDER]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { join } from 'node:path';
import { startInstance } from '../scenario/lib/instance.mjs';
import { atDesk, passwordOf, signIn } from './lib/agent.mjs';
import { launchBrowser, newPerson } from './lib/browser.mjs';
import { atShop } from './lib/customer.mjs';

const folder = process.argv[2] ?? new URL('../../docs/images', import.meta.url).pathname;
const picture = { viewport: { width: 1280, height: 800 } };
const pelago = await startInstance({ demo: true });
const browser = await launchBrowser();

async function take(page, name) {
	await page.evaluate(() => document.fonts.ready);
	await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', caret: 'hide' });
}

/* Each says a line in turn; the other has read it before. */
async function talk(customer, agent, lines) {
	for (const [who, text] of lines) {
		if (who === 'customer') await customer.say(text);
		else await agent.say(text);
		await (who === 'customer' ? agent : customer).sees(who, text);
	}
}

try {
	const agent = await atDesk(browser, pelago, 'agent1', picture);
	await agent.ready();
	const jonas = await atShop(browser, pelago, { name: 'Jonas Weber' });
	await jonas.start({ topic: 'billing', email: 'jonas.weber@example.org' });
	await agent.accept('Jonas Weber');
	await talk(jonas, agent, [['customer', 'Good morning, my card was charged twice for the stove set.'], ['agent', 'Good morning, Jonas. Let me look at both bookings, one moment please.']]);

	const ada = await atShop(browser, pelago, { name: 'Ada Lindqvist', ...picture });
	await ada.start({ topic: 'sales', email: 'ada@example.org' });
	await agent.accept('Ada Lindqvist');
	await talk(ada, agent, [
		['customer', 'Hello! Is the Linnet 2 warm enough for October in the mountains?'],
		['agent', 'Hello Ada, good to hear from you. It keeps wind and rain out down to about −5 °C; for snow I would take the Linnet 4S.'],
		['customer', 'No snow, just wind. And can the poles be repaired on the way?'],
		['agent', 'Yes. Each tent comes with a sleeve for broken poles, and we send spare ones within two days.'],
		['customer', 'Perfect. Could I have it in green, by Thursday?'],
	]);
	await jonas.say('I found the second booking: it is from Monday, 74 euros.');
	await agent.tab('Jonas Weber').getByTestId('contact-unread').waitFor();
	const mara = await atShop(browser, pelago, { name: 'Mara Okafor' });
	await mara.start({ topic: 'support' });
	await agent.offer('Mara Okafor').waitFor();
	await agent.at('composer').fill('Green is in stock. If you order until noon, it is at your door on Wednesday');
	await ada.page.locator('[data-testid=chat-typing]').filter({ hasText: 'writing' }).waitFor();
	await take(agent.page, 'workspaces');
	await take(ada.page, 'demo');

	const admin = await newPerson(browser, pelago, picture);
	await admin.page.goto('/manager/#/elements/clusters');
	await signIn(admin.page, 'admin', await passwordOf(pelago, 'admin'));
	await admin.page.getByTestId('cluster').first().waitFor();
	await take(admin.page, 'manager');
} finally {
	await browser.close();
	await pelago.stop();
}
