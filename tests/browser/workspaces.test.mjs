/*
 * workspaces.test.mjs — what an agent's desk offers for eight hours of work, on the stand-in for the services.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { AgentPage, atDesk } from './lib/agent.mjs';
import { exactly, launchBrowser } from './lib/browser.mjs';
import { atShop } from './lib/customer.mjs';
import { startStage } from './lib/stage.mjs';

let stage;
let browser;

before(async () => { browser = await launchBrowser(); });
after(async () => { await browser?.close(); });
beforeEach(async () => { stage = await startStage(); });
afterEach(async () => { await stage.stop(); });

const focused = (page) => page.evaluate(() => document.activeElement.dataset.testid ?? document.activeElement.tagName);

async function talking(agent, name, { topic = 'sales', ...more } = {}) {
	const customer = await atShop(browser, stage, { name });
	await customer.start({ topic, ...more });
	await agent.accept(name);
	return customer;
}

test('WSP-1: work begins, a pause waits for the open contact, log-out too', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	await agent.page.locator('[data-testid=no-contacts][data-case=start]').waitFor();
	await agent.at('start-work').click();
	await agent.page.locator('[data-testid=state][data-working=true][data-reason=startWork]').waitFor();
	await agent.ready();
	const ann = await talking(agent, 'Ann');

	await agent.at('state').click();
	await agent.at('state-notready-Break').click();
	await agent.page.locator('[data-testid=state][data-pending=true]').waitFor();
	assert.match(await agent.at('state').textContent(), /After this contact: Break/);
	await agent.at('sign-out').click();
	await agent.at('sign-out-later').click();
	await agent.page.locator('[data-testid=state][data-logout-pending=true]').waitFor();
	assert.match(await agent.at('state').textContent(), /Logging out after this contact/);
	await agent.ready();
	await agent.page.locator('[data-testid=state][data-logout-pending=false]').waitFor();
	await agent.at('sign-out').click();
	await agent.at('sign-out-later').click();
	await agent.page.locator('[data-testid=state][data-logout-pending=true]').waitFor();
	await agent.finish();
	await agent.at('signin-form').waitFor();
	assert.deepEqual([...agent.faults, ...ann.faults], []);
	await Promise.all([agent.context.close(), ann.leave()]);
});

test('WSP-1: the wrap-up is extended as often as it may be', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	await agent.ready();
	const ann = await talking(agent, 'Ann');
	await agent.close('FollowUp');
	const left = async () => Number.parseInt((await agent.at('wrapup-countdown').textContent()).match(/\d+/)[0], 10);
	assert.ok(await left() <= 30);
	await agent.at('extend').click();
	await exactly('a minute more', async () => await left() > 60, true);
	await agent.at('extend').click();
	await exactly('no more', () => agent.at('extend').count(), 0);
	await exactly('the focus goes on', () => focused(agent.page), 'complete');
	await agent.at('complete').click();
	await agent.at('no-contacts').waitFor();
	assert.deepEqual(agent.faults, []);
	await Promise.all([agent.leave(), ann.leave()]);
});

test('WSP-1: canned texts by shortcut, and searched in a list', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	const { page } = agent;
	await agent.ready();
	const ann = await talking(agent, 'Ann', { topic: 'billing' });
	const text = () => agent.at('composer').inputValue();
	await agent.at('composer').pressSequentially('/gre');
	await agent.at('suggestions').waitFor();
	assert.equal(await agent.at('composer').getAttribute('aria-controls'), await agent.at('suggestions').getAttribute('id'));
	await page.keyboard.press('Tab');
	assert.equal(await text(), 'Good day, Ann! I am Mia Berg. How can I help?');
	assert.equal(await focused(page), 'composer');
	await agent.at('composer').fill('');
	await agent.at('composer').pressSequentially('Thanks. /gr');
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	assert.equal(await text(), 'Thanks. Thank you for your patience.');
	await page.keyboard.press('Enter');
	await agent.sees('agent', 'Thanks. Thank you for your patience.');
	await agent.at('composer').pressSequentially('/gr');
	await page.keyboard.press('Escape');
	assert.equal(await agent.at('suggestions').count(), 0);
	await page.keyboard.press('Enter');
	await agent.sees('agent', '/gr');

	await page.keyboard.press('Alt+l');
	await exactly('the search is at hand', () => focused(page), 'texts-search');
	await page.keyboard.type('three days');
	assert.deepEqual(await agent.at('text').evaluateAll((all) => all.map((one) => one.dataset.shortcut)), ['refund']);
	await page.keyboard.press('Enter');
	await exactly('the text is in the field', text, 'The money is back within three days.');
	await exactly('the agent goes on writing', () => focused(page), 'composer');
	const bob = await talking(agent, 'Bob');
	await agent.at('texts').click();
	assert.equal(await page.locator('[data-testid=text][data-shortcut=refund]').count(), 0, 'a text of another service');
	await page.keyboard.press('Escape');
	assert.deepEqual([...agent.faults, ...ann.faults], []);
	await Promise.all([agent.leave(), ann.leave(), bob.leave()]);
});

test('WSP-1: what is written is seen whole', async () => {
	const mia = await atDesk(browser, stage, 'agent1');
	await mia.ready();
	const ann = await talking(mia, 'Ann');
	for (const lines of [1, 2, 5, 1]) {
		await mia.at('composer').fill(Array.from({ length: lines }, (_, i) => `line ${i}`).join('\n'));
		const [whole, seen] = await mia.at('composer').evaluate((field) => [field.scrollHeight, field.clientHeight]);
		assert.ok(whole <= seen, `${lines} lines take ${whole} px and get ${seen}`);
	}
	await Promise.all([mia.context.close(), ann.leave()]);
});

for (const [locale, words] of [['en-GB', 'Canned texts'], ['de-DE', 'Textbausteine']]) {
	test(`WSP-1: the button for canned texts says what it is: ${locale}`, async () => {
		const mia = await atDesk(browser, stage, 'agent1', { locale, viewport: { width: 1280, height: 800 } });
		await mia.ready();
		for (const name of ['Ann', 'Bob', 'Cid']) await (await talking(mia, name)).leave();
		const button = mia.page.getByRole('button', { name: words, exact: true });
		const places = async () => {
			const boxes = await Promise.all(['attach', 'texts', 'send'].map((id) => mia.at(id).first().boundingBox()));
			for (let i = 1; i < boxes.length; i++) assert.ok(boxes[i - 1].x + boxes[i - 1].width <= boxes[i].x, `one button lies over another: ${JSON.stringify(boxes)}`);
			return boxes[1];
		};
		assert.match(await button.getAttribute('title'), /\/greet/);
		const alone = await places();
		await mia.at('split-3').click();
		await mia.page.locator('[data-testid=desk][data-split="3"]').waitFor();
		assert.equal(await button.count(), 3);
		assert.ok((await places()).width < alone.width, 'beside two others only the icon is seen');
		await button.first().click();
		await mia.at('texts-dialog').waitFor();
		await mia.context.close();
	});
}

test('WSP-1: a contact goes to a service or a colleague with a note', async () => {
	const mia = await atDesk(browser, stage, 'agent1');
	await mia.ready();
	const ann = await talking(mia, 'Ann');
	const omar = await atDesk(browser, stage, 'agent2');
	await omar.ready();
	await mia.at('transfer').click();
	await mia.at('handover-search').fill('omar');
	await mia.at('handover-choice').click();
	await mia.at('handover-note').fill('She waits since Monday');
	await mia.at('handover-submit').click();
	await mia.at('no-contacts').waitFor();
	assert.equal(await mia.at('notice').count(), 0, 'one\'s own doing is no news');
	assert.match(await omar.offer('Ann').getByTestId('offer-note').textContent(), /Mia Berg.*since Monday/);
	await omar.accept('Ann');
	assert.match(await omar.at('note').textContent(), /since Monday/);
	await omar.say('Good day');
	await ann.sees('agent', 'Good day');

	await omar.at('transfer').click();
	await omar.at('handover').locator('[data-key="s:billing"]').click();
	await omar.at('handover-submit').click();
	await mia.accept('Ann');
	await mia.talked(['Good day']);
	assert.match(await mia.at('details').textContent(), /Billing/);
	await mia.finish();
	assert.deepEqual([...mia.faults, ...omar.faults, ...ann.faults], []);
	await Promise.all([mia.leave(), omar.leave(), ann.leave()]);
});

test('WSP-1: a colleague is asked in private, joins the chat, and takes it over', async () => {
	const mia = await atDesk(browser, stage, 'agent1');
	await mia.ready();
	const ann = await talking(mia, 'Ann');
	await ann.say('twice charged');
	const omar = await atDesk(browser, stage, 'agent2');
	await omar.ready();
	assert.equal(await mia.at('audience').count(), 0);
	await mia.at('consult').click();
	await mia.at('handover').locator('[data-key="u:agent2"]').click();
	await mia.at('handover-note').fill('a refund?');
	await mia.at('handover-submit').click();
	await mia.page.locator('[data-testid=leg][data-state=offering]').waitFor();
	await omar.page.locator('[data-testid=offer][data-kind=consult]').waitFor();
	await omar.accept('Ann');
	await mia.page.locator('[data-testid=leg][data-state=joined]').waitFor();
	await omar.talked(['twice charged']);

	await exactly('who is asked talks in private', () => omar.at('composer-box').getAttribute('data-audience'), 'agents');
	assert.match(await omar.at('audience').textContent(), /only agents read this, Ann does not/);
	assert.equal(await omar.at('audience-customer').count(), 0, 'there is nothing to slip to');
	assert.equal(await omar.at('attach').count(), 0);
	await omar.write('the second one, yes');
	const secret = (agent) => agent.page.locator('[data-testid=message][data-private=true]');
	await secret(mia).filter({ hasText: 'the second one, yes' }).waitFor();
	assert.match(await secret(mia).textContent(), /Private/);

	await mia.at('composer').fill('one moment, Ann');
	await mia.page.keyboard.press('Alt+p');
	await exactly('another text, of its own', () => mia.at('composer').inputValue(), '');
	assert.match(await mia.at('send').textContent(), /agents/);
	await mia.at('composer').fill('thanks, secretly');
	await mia.page.reload();
	await mia.connected('online');
	assert.equal(await mia.at('composer-box').getAttribute('data-audience'), 'agents', 'a reload doesn\'t make it public');
	assert.equal(await mia.at('composer').inputValue(), 'thanks, secretly');
	await mia.page.keyboard.press('Alt+m');
	await mia.page.keyboard.press('Enter');
	await secret(omar).filter({ hasText: 'thanks, secretly' }).waitFor();
	await mia.at('audience-customer').click();
	assert.equal(await mia.at('composer').inputValue(), 'one moment, Ann');
	await mia.page.keyboard.press('Enter');
	await ann.sees('agent', 'one moment, Ann');

	await mia.at('leg-conference').click();
	await omar.page.locator('[data-testid=consultation][data-state=conference]').waitFor();
	assert.equal(await omar.at('composer-box').getAttribute('data-audience'), 'agents', 'private until the agent says otherwise');
	await omar.at('audience-customer').click();
	await omar.write('Omar here, it is on its way back');
	await ann.sees('agent', 'Omar here');
	await mia.at('leg-transfer').click();
	await mia.at('no-contacts').waitFor();
	await omar.at('disposition').waitFor();
	await omar.say('It is just me now');
	await ann.talked(['twice charged', 'one moment, Ann', 'Omar here, it is on its way back', 'It is just me now'], 'the customer saw no private word');
	assert.doesNotMatch(await ann.page.locator('pelago-chat').evaluate((e) => e.shadowRoot.textContent), /secretly|second one/);
	await omar.finish();
	assert.deepEqual([...mia.faults, ...omar.faults, ...ann.faults], []);
	await Promise.all([mia.leave(), omar.leave(), ann.leave()]);
});

test('WSP-1: who leaves while a private text is written leaves it private', async () => {
	const mia = await atDesk(browser, stage, 'agent1');
	await mia.ready();
	const ann = await talking(mia, 'Ann');
	const omar = await atDesk(browser, stage, 'agent2');
	await omar.ready();
	await mia.at('consult').click();
	await mia.at('handover').locator('[data-key="u:agent2"]').click();
	await mia.at('handover-submit').click();
	await omar.accept('Ann');
	await mia.at('audience-agents').click();
	await mia.at('composer').fill('she is difficult');
	await omar.at('close').click();
	await mia.page.locator('[data-testid=notice][data-kind=leg]').waitFor();
	await exactly('still private', () => mia.at('composer-box').getAttribute('data-audience'), 'agents');
	assert.match(await mia.at('audience').textContent(), /no other agent is here/);
	assert.equal(await mia.at('send').isDisabled(), true);
	await mia.at('composer').press('Enter');
	assert.equal(await mia.at('composer').inputValue(), 'she is difficult');
	await mia.at('audience-customer').click();
	assert.equal(await mia.at('composer').inputValue(), '');
	await mia.say('hello Ann');
	await ann.talked(['hello Ann']);

	await mia.at('consult').click();
	await mia.at('handover').locator('[data-key="u:agent2"]').click();
	await mia.at('handover-submit').click();
	await omar.offer('Ann').getByTestId('offer-reject').click();
	await mia.page.locator('[data-testid=notice]').filter({ hasText: 'can\'t help' }).waitFor();
	await mia.finish();
	assert.deepEqual([...mia.faults, ...omar.faults], []);
	await Promise.all([mia.leave(), omar.leave(), ann.leave()]);
});

test('WSP-1: context, history and earlier transcripts beside the conversation', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	await agent.ready();
	const before = await talking(agent, 'Eve Stone', { topic: 'billing', email: 'eve@example.org' });
	await before.say('my invoice is wrong');
	await agent.finish('Refunded');
	const eve = await talking(agent, 'Eve Stone', { email: 'eve@example.org' });
	await exactly('what services wrote is shown', async () => /gold since 2019/.test(await agent.at('details').textContent()), true);
	await agent.at('details-customer').focus();
	await agent.page.keyboard.press('ArrowRight');
	assert.equal(await agent.at('details-history').getAttribute('aria-selected'), 'true');
	const earlier = agent.at('earlier-contact');
	await earlier.waitFor();
	assert.equal(await earlier.count(), 1, 'the one that is open isn\'t history');
	assert.match(await earlier.textContent(), /Billing · Refunded/);
	await agent.at('earlier-open').click();
	await agent.at('earlier-transcript').filter({ hasText: 'my invoice is wrong' }).waitFor();
	await agent.finish();
	const ann = await talking(agent, 'Ann');
	await agent.at('details-history').click();
	await agent.at('history-none').waitFor();
	await agent.finish();
	assert.deepEqual(agent.faults, []);
	await Promise.all([agent.leave(), ann.leave(), eve.leave(), before.leave()]);
});

test('WSP-1: two and three conversations side by side', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	const { page } = agent;
	await agent.ready();
	const people = [];
	for (const name of ['Ann', 'Bob', 'Cyd', 'Dan']) people.push(await talking(agent, name));
	const pane = (name) => page.locator('[data-testid=conversation]').filter({ has: page.locator('h1', { hasText: name }) });
	await agent.tab('Ann').click();
	await agent.at('split-2').click();
	await exactly('two panes', () => agent.at('conversation').count(), 2);
	await pane('Bob').getByTestId('composer').click();
	await exactly('the pane that is worked on', () => pane('Bob').getAttribute('data-selected'), 'true');
	await page.keyboard.type('to Bob');
	await page.keyboard.press('Enter');
	await people[1].sees('agent', 'to Bob');
	await people[0].say('from Ann');
	await pane('Ann').getByTestId('message').filter({ hasText: 'from Ann' }).waitFor();
	assert.equal(await agent.tab('Ann').getByTestId('contact-unread').count(), 0, 'what is shown is read');
	assert.equal(await focused(page), 'composer', 'nobody takes the focus');
	await people[2].say('from Cyd');
	await exactly('what isn\'t shown is told', () => agent.tab('Cyd').getByTestId('contact-unread').textContent(), '1');
	await agent.at('split-3').click();
	await exactly('three panes', () => agent.at('conversation').count(), 3);
	for (const composer of await agent.at('composer').all()) assert.ok((await composer.boundingBox()).width > 180, 'there is room to write');
	await pane('Ann').getByTestId('composer').fill('1\n2\n3\n4\n5\n6');
	assert.ok((await pane('Ann').getByTestId('composer').boundingBox()).height > 110, 'the field grows');
	await exactly('the newest line stays in sight', () => pane('Ann').getByTestId('messages').evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight < 2), true);
	await pane('Ann').getByTestId('composer').press('Enter');
	await exactly('and shrinks', async () => (await pane('Ann').getByTestId('composer').boundingBox()).height < 70, true);
	await pane('Bob').getByTestId('composer').click();
	await page.keyboard.press('Alt+4');
	await exactly('the fourth takes the place of the selected one', () => pane('Dan').count(), 1);
	await exactly('and is at hand', () => pane('Dan').getByTestId('composer').evaluate((e) => e === document.activeElement), true);
	await page.reload();
	await agent.connected('online');
	await exactly('the split stays', () => agent.at('conversation').count(), 3);
	await agent.at('split-1').click();
	for (let left = 4; left > 0; left--) await agent.finish();
	assert.deepEqual(agent.faults, []);
	await Promise.all([agent.leave(), ...people.map((one) => one.leave())]);
});

test('WSP-1: all by keyboard, and the keys are told', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	const { page } = agent;
	await agent.ready();
	await page.keyboard.press('?');
	await agent.at('shortcuts-dialog').waitFor();
	assert.match(await agent.at('shortcuts-dialog').textContent(), /Alt\+A.*Accept the oldest offer/);
	await page.keyboard.press('Escape');
	await agent.at('shortcuts-dialog').waitFor({ state: 'detached' });

	const ann = await atShop(browser, stage, { name: 'Ann' });
	await ann.start({ topic: 'sales' });
	await agent.offer('Ann').waitFor();
	await page.keyboard.press('Alt+a');
	await exactly('the agent can write at once', () => focused(page), 'composer');
	await page.keyboard.type('really?');
	assert.equal(await agent.at('shortcuts-dialog').count(), 0, 'a question mark is a question mark');
	await page.keyboard.press('Enter');
	const bob = await atShop(browser, stage, { name: 'Bob' });
	await bob.start({ topic: 'sales' });
	await agent.offer('Bob').waitFor();
	assert.equal(await focused(page), 'composer', 'an offer doesn\'t take the focus');
	await page.keyboard.press('Alt+a');
	await agent.tab('Bob').waitFor();
	await page.keyboard.press('Alt+ArrowUp');
	await exactly('the other contact', () => agent.tab('Ann').getAttribute('aria-selected'), 'true');
	await agent.tab('Ann').focus();
	await page.keyboard.press('ArrowDown');
	await exactly('tabs by arrow keys', () => page.evaluate(() => document.activeElement.getAttribute('aria-selected')), 'true');
	assert.match(await page.evaluate(() => document.activeElement.textContent), /Bob/);

	await page.keyboard.press('Alt+t');
	await exactly('the search of the dialog is at hand', () => focused(page), 'handover-search');
	await page.keyboard.press('Escape');
	await exactly('the focus is where it was', () => focused(page), 'contact-tab');
	await page.keyboard.press('Alt+i');
	assert.equal(await focused(page), 'disposition');
	await page.keyboard.press('Alt+w');
	await page.locator('[data-testid=complete]:enabled').waitFor();
	await page.keyboard.press('Alt+w');
	await exactly('the next contact', () => agent.at('contact-tab').count(), 1);
	await exactly('the focus is not lost', () => page.evaluate(() => document.activeElement !== document.body), true);

	await agent.at('settings').click();
	await agent.at('setting-keys').setChecked(false, { force: true });
	await page.keyboard.press('Escape');
	await agent.at('settings-dialog').waitFor({ state: 'detached' });
	await page.keyboard.press('?');
	assert.equal(await agent.at('shortcuts-dialog').count(), 0, 'switched off');
	await agent.finish();
	assert.deepEqual(agent.faults, []);
	await Promise.all([agent.leave(), ann.leave(), bob.leave()]);
});

test('WSP-1: an offer calls by sound and notification, as the agent wants', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	const { page, context } = agent;
	await context.addInitScript(() => {
		const calls = { tones: 0, notes: [], asked: 0 };
		Object.assign(window, { calls });
		const start = OscillatorNode.prototype.start;
		OscillatorNode.prototype.start = function count(...values) { calls.tones++; return start.apply(this, values); };
		window.Notification = class {
			static permission = 'default';

			static requestPermission() { calls.asked++; window.Notification.permission = 'granted'; return Promise.resolve('granted'); }

			constructor(title, { body }) { calls.notes.push(`${title}: ${body}`); }

			close() { calls.notes.push('closed'); }
		};
		document.hasFocus = () => false;
	});
	await page.reload();
	await agent.connected('online');
	const calls = () => page.evaluate(() => window.calls);
	await agent.ready();
	assert.equal((await calls()).asked, 0, 'nobody is asked unasked');
	await agent.at('settings').click();
	await agent.at('setting-notifications').setChecked(true, { force: true });
	await exactly('asked once', async () => (await calls()).asked, 1);
	await agent.at('settings-close').click();
	const ann = await atShop(browser, stage, { name: 'Ann' });
	await ann.start({ topic: 'sales' });
	await agent.offer('Ann').waitFor();
	await exactly('it rings', async () => (await calls()).tones >= 2, true);
	await exactly('and rings again', async () => (await calls()).tones >= 4, true);
	await agent.accept('Ann');
	await exactly('told once, and taken away', async () => (await calls()).notes, ['Ann waits for you: New contact · sales', 'closed']);
	const { tones } = await calls();

	await agent.at('settings').click();
	await agent.at('setting-sound').setChecked(false, { force: true });
	await agent.at('settings-close').click();
	const bob = await atShop(browser, stage, { name: 'Bob' });
	await bob.start({ topic: 'sales' });
	await agent.offer('Bob').waitFor();
	await page.waitForFunction(() => window.calls.notes.length === 3);
	assert.equal((await calls()).tones, tones, 'muted');
	await agent.accept('Bob');
	await agent.finish();
	await agent.finish();
	assert.deepEqual(agent.faults, []);
	await Promise.all([agent.leave(), ann.leave(), bob.leave()]);
});

test('CHN-1 WSP-1: a page is pushed; the customer opens it by a click alone', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	await agent.ready();
	const ann = await talking(agent, 'Ann');
	await agent.at('push').click();
	await agent.at('push-url').fill('javascript:alert(1)');
	await agent.at('push-submit').click();
	await agent.at('push-dialog').filter({ hasText: 'isn\'t the address' }).waitFor();
	await agent.at('push-url').fill('shop.example/tents');
	await agent.at('push-name').fill('Our tents');
	await agent.at('push-submit').click();
	await agent.at('push-line').filter({ hasText: 'https://shop.example/tents' }).waitFor();
	const link = ann.at('chat-push-open');
	await link.waitFor();
	assert.deepEqual(await link.evaluate(({ href, rel, target }) => ({ href, rel, target })), { href: 'https://shop.example/tents', rel: 'noopener noreferrer', target: '_blank' });
	assert.equal(ann.context.pages().length, 1, 'nothing opens by itself');
	await agent.finish();
	assert.deepEqual([...agent.faults, ...ann.faults], []);
	await Promise.all([agent.leave(), ann.leave()]);
});

test('CHN-1 WSP-1: files by button, paste and drop, and why one isn\'t sent', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	const { page } = agent;
	await agent.ready();
	const ann = await talking(agent, 'Ann');
	const file = (name, size, mimeType = 'text/plain') => ({ name, mimeType, buffer: Buffer.alloc(size, 'x') });
	await agent.at('file-input').setInputFiles([file('list.txt', 1000)]);
	await agent.at('file-line').filter({ hasText: 'list.txt' }).waitFor();
	await ann.at('chat-file').filter({ hasText: 'list.txt' }).waitFor();
	const [download] = await Promise.all([page.waitForEvent('download'), agent.at('file-download').click()]);
	assert.equal(download.suggestedFilename(), 'list.txt');
	const [theirs] = await Promise.all([ann.page.waitForEvent('download'), ann.at('chat-file-open').click()]);
	assert.equal(theirs.suggestedFilename(), 'list.txt');

	const give = (type, target, name) => target.evaluate((element, [kind, fileName]) => {
		const data = new DataTransfer();
		data.items.add(new File(['pixels'], fileName, { type: 'image/png' }));
		const event = kind === 'paste' ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
			: new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
		element.dispatchEvent(event);
	}, [type, name]);
	await give('paste', agent.at('composer'), 'pasted.png');
	await agent.at('file-line').filter({ hasText: 'pasted.png' }).waitFor();
	await give('dragover', agent.at('messages'), 'dropped.png');
	await page.locator('.pl-dropzone').waitFor();
	await give('drop', agent.at('messages'), 'dropped.png');
	await agent.at('file-line').filter({ hasText: 'dropped.png' }).waitFor();
	await page.locator('.pl-dropzone').waitFor({ state: 'detached' });

	await agent.at('file-input').setInputFiles([file('big.txt', 1_000_001), file('page.html', 10, 'text/html'), file('empty.txt', 0)]);
	await exactly('each says why', () => agent.at('upload').evaluateAll((all) => all.map((one) => one.dataset.failed)), ['tooLarge', 'badType', 'empty']);
	assert.match(await agent.at('upload').first().textContent(), /big\.txt.*larger than 1 MB/);
	for (let left = 3; left > 0; left--) await agent.at('upload-drop').first().click();
	await exactly('forgotten', () => agent.at('upload').count(), 0);

	await agent.at('file-input').setInputFiles([file('refuse.txt', 10)]);
	await page.locator('[data-testid=upload][data-failed=refused]').filter({ hasText: 'was not accepted (this chat has 20 files already)' }).waitFor();
	await agent.at('upload-drop').click();
	await page.route('**/files?**', (route) => route.abort(), { times: 1 });
	await agent.at('file-input').setInputFiles([file('lost.txt', 10)]);
	await page.locator('[data-testid=upload][data-failed=lost]').waitFor();
	await agent.at('upload-again').click();
	await agent.at('file-line').filter({ hasText: 'lost.txt' }).waitFor();
	await exactly('on its way no more', () => agent.at('upload').count(), 0);

	await ann.at('chat-file-input').setInputFiles([file('mine.txt', 10)]);
	await agent.page.locator('[data-testid=file-line][data-from=customer]').waitFor();
	await agent.finish();
	await stage.play('uploads', { on: 0 });
	const bob = await talking(agent, 'Bob');
	assert.equal(await agent.at('attach').count(), 0, 'not offered, not shown');
	assert.equal(await bob.at('chat-attach').isVisible(), false);
	await stage.play('uploads', { on: 1 });
	await agent.finish();
	assert.deepEqual(agent.faults.filter((one) => !/ERR_FAILED|status of 409/.test(one)), []);
	await Promise.all([agent.leave(), ann.leave(), bob.leave()]);
});

test('WSP-1: the customer\'s lost connection is told', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	await agent.ready();
	const ann = await talking(agent, 'Ann');
	await ann.page.goto('about:blank');
	await agent.at('customer-away').waitFor();
	await ann.page.goto(`http://127.0.0.1:${stage.httpPort}/demo/`);
	await agent.at('customer-away').waitFor({ state: 'detached' });
	await agent.finish();
	await Promise.all([agent.leave(), ann.leave()]);
});

test('WSP-1: lost connections heal, and another tab takes over with a way back', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	await agent.ready();
	const ann = await talking(agent, 'Ann');
	await stage.play('down', { ms: 1500 });
	await agent.connected('lost');
	await agent.write('kept while away');
	await agent.connected('online');
	await ann.sees('agent', 'kept while away');
	const second = new AgentPage(await agent.context.newPage(), agent, stage, 'agent1');
	await second.come();
	await agent.connected('replaced');
	await agent.at('take-back').click();
	await agent.connected('online');
	await second.connected('replaced');
	await second.page.close();
	await agent.talked(['kept while away']);
	await agent.finish();
	await Promise.all([agent.leave(), ann.leave()]);
});

test('WSP-1: of a long transcript the beginning is fetched when it is wanted', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	await agent.ready();
	const ann = await talking(agent, 'Ann');
	for (const text of ['one', 'two', 'three', 'four']) await ann.say(text);
	await stage.play('transcript', { n: 2 });
	await agent.page.reload();
	await agent.connected('online');
	await agent.talked(['three', 'four']);
	await agent.at('earlier').click();
	await agent.talked(['one', 'two', 'three', 'four']);
	assert.equal(await agent.at('earlier').count(), 0);
	await agent.finish();
	assert.deepEqual(agent.faults, []);
	await Promise.all([agent.leave(), ann.leave()]);
});

test('WSP-1: an agent who is logged out by others is told, and comes back', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	await agent.ready();
	await stage.play('out');
	await agent.connected('out');
	await agent.at('connection-banner').filter({ hasText: 'You are logged out' }).waitFor();
	await agent.at('take-back').click();
	await agent.connected('online');
	await agent.inState('NotReady');
	assert.deepEqual(agent.faults, []);
	await agent.leave();
});

test('WSP-1: while the tab can keep nothing, the work goes on', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	const { page } = agent;
	await agent.ready();
	const ann = await talking(agent, 'Ann');
	await page.evaluate(() => {
		for (let size = 1 << 20; size > 8; size >>= 1) {
			try {
				for (let i = 0; ; i++) sessionStorage.setItem(`full ${size} ${i}`, 'x'.repeat(size));
			} catch { /* as full as it gets by pieces of this size */ }
		}
	});
	await agent.say('a text that has no place left to be kept');
	await agent.at('composer').fill('a draft that has none');
	await ann.say('I hear you');
	await agent.sees('customer', 'I hear you');
	await agent.finish();
	assert.deepEqual(agent.faults, []);
	await Promise.all([agent.leave(), ann.leave()]);
});

test('WSP-1: what was half written goes with the contact', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	await agent.ready();
	const ann = await talking(agent, 'Ann');
	await agent.at('composer').fill('about her illness');
	await agent.finish();
	await agent.at('no-contacts').waitFor();
	assert.doesNotMatch(await agent.page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage })), /illness/);
	await Promise.all([agent.leave(), ann.leave()]);
});

test('WSP-1: a transcript of 5,000 messages stays quick, and all of it can be read', async () => {
	const agent = await atDesk(browser, stage, 'agent1');
	const { page } = agent;
	await agent.ready();
	const ann = await talking(agent, 'Ann');
	const text = 'typed while five thousand lie above';
	const perKey = async () => {
		const began = Date.now();
		await agent.at('composer').pressSequentially(text);
		return (Date.now() - began) / text.length;
	};
	const before = await perKey();
	await agent.at('composer').fill('');
	await stage.play('fill', { n: 5000 });
	await page.reload();
	await agent.connected('online');
	await agent.sees('customer', 'message 5000');
	assert.ok(Number(await agent.at('messages').getAttribute('data-lines')) >= 4990);
	assert.ok(await agent.at('message').count() <= 200, 'only a window of it is in the document');
	const now = await perKey();
	assert.ok(now < 2 * before + 20, `${now.toFixed(1)} ms a key, ${before.toFixed(1)} ms without a transcript`);
	await page.keyboard.press('Enter');
	await agent.sees('agent', text);

	const log = agent.at('messages');
	const top = () => log.evaluate((e) => Number(e.querySelector('[data-seq]').dataset.seq));
	for (let tries = 0; await top() > 4700 && tries < 30; tries++) await log.evaluate((e) => e.scrollTo(0, 100));
	assert.ok(await top() <= 4700, `scrolled to ${await top()}`);
	assert.ok(await agent.at('message').count() <= 200);
	const place = await log.evaluate((e) => {
		const line = [...e.querySelectorAll('[data-seq]')].find((one) => one.getBoundingClientRect().top > e.getBoundingClientRect().top + 50);
		return [line.dataset.seq, Math.round(line.getBoundingClientRect().top)];
	});
	await ann.say('while you read');
	await exactly('what is read stays in its place', () => log.evaluate((e, seq) => Math.round(e.querySelector(`[data-seq="${seq}"]`).getBoundingClientRect().top), place[0]), place[1]);
	await agent.at('to-end').click();
	await agent.sees('customer', 'while you read');
	assert.equal(await agent.at('to-end').count(), 0);
	await agent.finish();
	assert.deepEqual(agent.faults, []);
	await Promise.all([agent.leave(), ann.leave()]);
});
