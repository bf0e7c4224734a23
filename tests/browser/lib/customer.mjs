/*
 * customer.mjs — a customer at the widget of the demo shop.
 *
 *   const ann = await atShop(browser, pelago, { name: 'Ann' });
 *   await ann.start({ topic: 'sales' });
 *   await ann.say('Good day');                 resolves once it stands in the transcript
 *   await ann.texts('agent')                   → ['Good day, Ann']
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { exactly, messagesOf, newPerson } from './browser.mjs';

export async function atShop(browser, pelago, { name, path = '/demo/', ...options }) {
	const person = await newPerson(browser, pelago, options);
	await person.page.goto(path);
	return new CustomerPage(person, name);
}

class CustomerPage {
	constructor({ context, page, faults }, name) {
		Object.assign(this, { context, page, faults, name });
	}

	at(id) {
		return this.page.getByTestId(id);
	}

	async open() {
		await this.at('chat-launcher').click();
		await this.at('chat-panel').waitFor();
	}

	async start({ topic = 'sales', email = '' } = {}) {
		await this.open();
		await this.at('chat-name').fill(this.name);
		if (email) await this.at('chat-email').fill(email);
		await this.at('chat-topic').selectOption(topic);
		await this.at('chat-start').click();
		await this.inPhase('chat');
	}

	async inPhase(phase) {
		await this.page.locator(`[data-testid=chat-panel][data-phase=${phase}]`).waitFor();
	}

	async write(text) {
		await this.at('chat-input').fill(text);
		await this.at('chat-input').press('Enter');
	}

	async say(text) {
		await this.write(text);
		await this.sees('customer', text);
	}

	async sees(from, text) {
		await this.page.locator(`[data-testid=chat-message][data-from=${from}]`).filter({ hasText: text }).waitFor();
	}

	messages() {
		return messagesOf(this.at('chat-message'));
	}

	async texts(...from) {
		return (await this.messages()).filter((m) => from.includes(m.from)).map((m) => m.text);
	}

	/* Nothing is missing, doubled or out of order, and nothing waits to be sent. */
	async talked(wanted, what = `${this.name} sees the whole conversation`) {
		await exactly(what, () => this.texts('customer', 'agent'), wanted);
		await exactly(`${what}, sent`, () => this.at('chat-message-pending').count(), 0);
	}

	async leave() {
		await this.context.close();
	}
}
