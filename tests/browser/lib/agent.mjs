/*
 * agent.mjs — an agent at the desk in Workspaces.
 *
 *   const mia = await atDesk(browser, pelago, 'agent1');      signed in
 *   await mia.ready();
 *   await mia.accept('Ann');
 *   await mia.say('Good day, Ann');            resolves once it stands in the transcript
 *   await mia.finish('Resolved');
 *   await mia.leave();                         signs out
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exactly, messagesOf, newPerson } from './browser.mjs';

export async function passwordOf(pelago, user) {
	if (pelago.password) return pelago.password; /* the stand-in has one for all */
	return JSON.parse(await readFile(join(pelago.data, 'demo-users.json'), 'utf8'))[user];
}

/* Fills the form that any page leads to while nobody is signed in. */
export async function signIn(page, user, password) {
	await page.getByTestId('signin-username').fill(user);
	await page.getByTestId('signin-password').fill(password);
	await page.getByTestId('signin-submit').click();
}

export async function atDesk(browser, pelago, user, options = {}) {
	const person = await newPerson(browser, pelago, options);
	const desk = new AgentPage(person.page, person, pelago, user);
	await desk.come();
	return desk;
}

export class AgentPage {
	constructor(page, { context, faults }, pelago, user) {
		Object.assign(this, { page, context, faults, pelago, user });
	}

	at(id) {
		return this.page.getByTestId(id);
	}

	async come() {
		await this.page.goto('/workspaces/');
		await signIn(this.page, this.user, await passwordOf(this.pelago, this.user));
		await this.connected('online');
	}

	async connected(connection) {
		await this.page.locator(`[data-testid=desk][data-connection=${connection}]`).waitFor();
	}

	async inState(state) {
		await this.page.locator(`[data-testid=state][data-state=${state}]`).waitFor();
	}

	async ready() {
		await this.at('state').click();
		await this.at('state-ready').click();
		await this.inState('Ready');
	}

	offer(customer) {
		return this.at('offer').filter({ hasText: customer });
	}

	tab(customer) {
		return this.at('contact-tab').filter({ hasText: customer });
	}

	async accept(customer) {
		await this.offer(customer).getByTestId('offer-accept').click();
		await this.tab(customer).waitFor();
		await this.tab(customer).click();
		await this.page.locator('[data-testid=conversation][data-phase=active]').waitFor();
	}

	async write(text) {
		await this.at('composer').fill(text);
		await this.at('composer').press('Enter');
	}

	async say(text) {
		await this.write(text);
		await this.sees('agent', text);
	}

	async sees(from, text) {
		await this.page.locator(`[data-testid=message][data-from=${from}]`).filter({ hasText: text }).waitFor();
	}

	contactId() {
		return this.at('conversation').getAttribute('data-contact-id');
	}

	messages() {
		return messagesOf(this.at('message'));
	}

	async texts(...from) {
		return (await this.messages()).filter((m) => from.includes(m.from)).map((m) => m.text);
	}

	/* Nothing is missing, doubled or out of order, and nothing waits to be sent. */
	async talked(wanted, what = `${this.user} sees the whole conversation`) {
		await exactly(what, () => this.texts('customer', 'agent'), wanted);
		await exactly(`${what}, sent`, () => this.at('message-pending').count(), 0);
	}

	async close(disposition) {
		await this.at('disposition').selectOption(disposition);
		await this.at('close').click();
		await this.page.locator('[data-testid=conversation][data-phase=wrapup]').waitFor();
	}

	async complete(contactId) {
		await this.at('complete').click();
		await this.page.locator(`[data-testid=contact-tab][data-contact-id="${contactId}"]`).waitFor({ state: 'detached' });
	}

	async finish(disposition = 'Resolved') {
		const contactId = await this.contactId();
		await this.close(disposition);
		await this.complete(contactId);
		return contactId;
	}

	/* Signed out, the agent gets no more offers: those of the next test are for others. */
	async leave() {
		await this.at('sign-out').click();
		await this.at('sign-out-confirm').or(this.at('signin-form')).first().waitFor();
		if (await this.at('sign-out-confirm').isVisible()) await this.at('sign-out-confirm').click();
		await this.at('signin-form').waitFor();
		await this.context.close();
	}
}
