/*
 * chat.test.mjs — a customer at the shop's widget and an agent at the desk, from sign-in to the kept transcript.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance, until } from '../scenario/lib/instance.mjs';
import { token } from '../scenario/lib/chat.mjs';
import { AgentPage, atDesk, passwordOf, signIn } from './lib/agent.mjs';
import { exactly, launchBrowser, newPerson } from './lib/browser.mjs';
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

/* Signs in with a wrong password first; gives the agent's desk. */
async function comeWithAMistake(user) {
	const person = await newPerson(browser, pelago);
	const { page, faults } = person;
	const asked = [];
	page.on('request', (request) => {
		const url = new URL(request.url());
		if (url.pathname.startsWith('/services/AuthorizationService/')) asked.push({ url, form: new URLSearchParams(request.postData() ?? '') });
	});
	await page.goto('/workspaces/');
	await signIn(page, user, 'not-the-password');
	await page.getByTestId('signin-error').waitFor();
	assert.equal(faults.length, 1, faults.join('\n')); /* the browser's own line about the status 401 */
	assert.match(faults[0], /status of 401/);
	faults.length = 0;
	assert.equal(new URL(page.url()).pathname, '/signin/');

	await signIn(page, user, await passwordOf(pelago, user));
	await page.locator('[data-testid=desk][data-connection=online]').waitFor();
	assert.equal(new URL(page.url()).search, '', 'the code is gone from the address');
	const request = asked.find(({ url }) => url.pathname.endsWith('/authorize') && url.searchParams.has('code_challenge'));
	assert.equal(request.url.searchParams.get('code_challenge_method'), 'S256');
	const { form } = asked.find(({ url }) => url.pathname.endsWith('/token'));
	assert.equal(form.get('grant_type'), 'authorization_code');
	assert.ok(form.get('code_verifier').length >= 43);
	assert.ok(!form.has('password'));
	return new AgentPage(page, person, pelago, user);
}

test('CHN-1 RTG-1 PLT-53: customer and agent talk from the first word to the kept transcript', async () => {
	const ann = await atShop(browser, pelago, { name: 'Ann Gray' });
	await ann.start({ topic: 'sales', email: 'ann@example.org' });
	await ann.page.locator('[data-testid=chat-message][data-from=bot]').first().waitFor();

	const agent = await comeWithAMistake('agent1');
	await agent.inState('NotReady');
	await agent.at('no-contacts').waitFor();
	await agent.at('go-ready').click();
	await agent.inState('Ready');

	const offer = agent.offer('Ann Gray');
	await offer.waitFor();
	assert.match(await offer.textContent(), /Sales/);
	assert.match(await offer.getByTestId('offer-countdown').textContent(), /\d+ s/);
	assert.match(await agent.page.title(), /\(1\)/);
	await agent.accept('Ann Gray');
	await exactly('the agent went to the customer', () => ann.at('chat-joined').count(), 1);
	assert.match(await agent.at('details').textContent(), /ann@example\.org/);
	assert.match(await agent.at('details').textContent(), /\/demo\//);

	await ann.at('chat-input').pressSequentially('Is the ');
	await agent.at('customer-typing').waitFor();
	await ann.say('Is the tent <b>waterproof</b>?\nAnd light? ⛺');
	await agent.sees('customer', 'Is the tent');
	await agent.at('customer-typing').waitFor({ state: 'detached' });
	await agent.at('composer').pressSequentially('Up to');
	await exactly('the customer sees that the agent writes', async () => (await ann.at('chat-typing').textContent()) !== '', true);
	await agent.say('Up to 3,000 mm, and 1.6 kg.');
	await ann.sees('agent', 'Up to 3,000 mm');
	await exactly('the agent doesn\'t write any more', () => ann.at('chat-typing').textContent(), '');
	const wanted = ['Is the tent <b>waterproof</b>?\nAnd light? ⛺', 'Up to 3,000 mm, and 1.6 kg.'];
	await ann.talked(wanted);
	await agent.talked(wanted);

	const contactId = await agent.contactId();
	await agent.close('Resolved');
	await ann.inPhase('closed');
	assert.notEqual(await ann.at('chat-closed').textContent(), '');
	assert.ok(parseInt(await agent.at('wrapup-countdown').textContent(), 10) > 20, 'there is time for the wrap-up');
	await exactly('the end is told once', () => agent.at('closed-line').count(), 1);
	assert.equal(await agent.at('composer').count(), 0, 'nobody writes into a closed chat');
	assert.equal(await agent.at('disposition').inputValue(), 'Resolved');
	await agent.complete(contactId);
	await agent.at('no-contacts').waitFor();
	await agent.inState('Ready');

	const kept = await until('the history has the contact', async () => {
		const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/OCPDataServices/contacts/${contactId}`, { headers: { authorization: `Bearer ${await token(pelago, 'supervisor')}` } });
		const body = await answer.json();
		return answer.ok && body.disposition === 'Resolved' && body;
	});
	const texts = kept.transcript.filter((item) => item.from === 'customer' || item.from === 'agent').map((item) => item.text);
	assert.deepEqual(texts, wanted);

	await ann.at('chat-fresh').click();
	await ann.at('chat-form').waitFor();
	await agent.leave();
	assert.deepEqual(ann.faults, []);
	assert.deepEqual(agent.faults, []);
	await ann.leave();
});

test('CHN-1: an offer that is rejected goes to somebody else; the customer ends the chat', async () => {
	const first = await atDesk(browser, pelago, 'agent1');
	await first.ready();
	const bob = await atShop(browser, pelago, { name: 'Bob Stone' });
	await bob.start({ topic: 'billing' });
	await first.offer('Bob Stone').waitFor();
	const second = await atDesk(browser, pelago, 'agent2');
	await second.ready();
	await first.offer('Bob Stone').getByTestId('offer-reject').click();
	await first.offer('Bob Stone').waitFor({ state: 'detached' });
	await second.accept('Bob Stone');
	await bob.say('I was charged twice');
	await second.sees('customer', 'I was charged twice');

	await bob.at('chat-end').click();
	await bob.at('chat-end-no').click();
	await bob.inPhase('chat');
	await bob.at('chat-end').click();
	await bob.at('chat-end-yes').click();
	await bob.inPhase('closed');
	await second.at('closed-line').waitFor();
	await second.at('disposition').selectOption('FollowUp');
	await second.complete(await second.contactId());
	assert.deepEqual([...first.faults, ...second.faults, ...bob.faults], []);
	await Promise.all([first.leave(), second.leave(), bob.leave()]);
});

test('CHN-1 PLT-50: the same over HTTPS, in another language', async () => {
	const there = { baseURL: `https://localhost:${pelago.httpsPort}`, ignoreHTTPSErrors: true, locale: 'de-DE' };
	const agent = await atDesk(browser, pelago, 'agent3', there);
	assert.equal(await agent.at('go-ready').textContent(), 'Bereit melden');
	await agent.ready();
	const eva = await atShop(browser, pelago, { name: 'Eva', ...there });
	await eva.start({ topic: 'sales' });
	await agent.accept('Eva');
	await eva.say('Grüß Gott, schöne Zelte!');
	await agent.say('Guten Tag, was wünschen Sie?');
	await eva.talked(['Grüß Gott, schöne Zelte!', 'Guten Tag, was wünschen Sie?']);
	await agent.talked(['Grüß Gott, schöne Zelte!', 'Guten Tag, was wünschen Sie?']);
	await agent.finish();
	await eva.inPhase('closed');
	assert.deepEqual([...agent.faults, ...eva.faults], []);
	await Promise.all([agent.leave(), eva.leave()]);
});
