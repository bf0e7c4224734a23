/*
 * faults.test.mjs — processes are killed under a chat: people see it for a moment and lose nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance, until } from '../scenario/lib/instance.mjs';
import { atDesk } from './lib/agent.mjs';
import { launchBrowser } from './lib/browser.mjs';
import { atShop } from './lib/customer.mjs';

/* What a browser says by itself when a connection breaks; all else is a fault of ours. */
const broken = /WebSocket connection to .* failed|net::ERR_CONNECTION|net::ERR_EMPTY_RESPONSE|net::ERR_ABORTED|status of 503/;

let pelago;
let browser;
let agent;
let ann;
const talked = [];

before(async () => {
	[pelago, browser] = await Promise.all([startInstance({ demo: true }), launchBrowser()]);
	agent = await atDesk(browser, pelago, 'agent1');
	await agent.ready();
	ann = await atShop(browser, pelago, { name: 'Ann' });
	await ann.start({ topic: 'sales' });
	await agent.accept('Ann');
});
after(async () => {
	await browser?.close();
	await pelago?.stop();
});

async function kill(name) {
	const pid = (await pelago.processes())[name];
	assert.ok(pid, `${name} runs`);
	process.kill(pid, 'SIGKILL');
	return () => until(`${name} is back`, async () => {
		const now = (await pelago.processes().catch(() => ({})))[name];
		return now && now !== pid;
	});
}

/* Looked for in the page, in every frame that is drawn: it may be there for a moment only. */
function sawTrouble() {
	return Promise.all([
		agent.page.waitForFunction(() => document.querySelector('[data-testid=connection-banner][data-connection=lost]')),
		ann.page.waitForFunction(() => {
			const root = document.querySelector('pelago-chat').shadowRoot;
			return root.querySelector('[data-testid=chat-panel][data-online=false]') && root.querySelector('[data-testid=chat-status][data-tone=warning]');
		}),
	]);
}

/* Both write while the process is away; then all is there once, in each one's order, the same for both. */
async function bothWriteThrough(name) {
	const own = { customer: [], agent: [] };
	for (let n = 1; n <= 3; n++) {
		own.customer.push(`customer ${n}, ${name}`);
		own.agent.push(`agent ${n}, ${name}`);
		await Promise.all([ann.write(own.customer.at(-1)), agent.write(own.agent.at(-1))]);
	}
	for (const person of [ann, agent]) {
		for (const from of ['customer', 'agent']) {
			await until(`${name}: ${from} is read`, async () => (await person.texts(from)).includes(own[from].at(-1)));
		}
	}
	for (const from of ['customer', 'agent']) {
		assert.deepEqual((await ann.texts(from)).filter((text) => text.endsWith(name)), own[from], `${from}'s words in their order, once`);
	}
	talked.splice(0, Infinity, ...await ann.texts('customer', 'agent'));
	await ann.talked(talked);
	await agent.talked(talked);
	assert.deepEqual(await agent.messages(), await ann.messages());
}

async function allIsCalm() {
	await agent.connected('online');
	await agent.at('connection-banner').waitFor({ state: 'detached' });
	await ann.page.locator('[data-testid=chat-panel][data-online=true][data-ready=true]').waitFor();
	await ann.page.locator('[data-testid=chat-status][data-tone=calm]').waitFor();
	assert.equal(await agent.at('notice').count(), 0);
	for (const { faults } of [ann, agent]) assert.deepEqual(faults.filter((text) => !broken.test(text)), []);
}

test('PLT-60 CHN-1: the edge is killed: a banner comes and goes, what was written meanwhile arrives once', async () => {
	const saw = sawTrouble();
	const back = await kill('edge');
	await saw;
	await bothWriteThrough('edge');
	await back();
	await allIsCalm();
});

for (const name of ['CustomerControllerService', 'nats-server', 'AgentControllerService', 'UnifiedAgentController']) {
	test(`PLT-60 CHN-1: ${name} is killed: what was written meanwhile arrives once, in order`, async () => {
		const back = await kill(name);
		await bothWriteThrough(name);
		await back();
		await allIsCalm();
	});
}

test('PLT-60 PLT-15: all is stopped and started again: what was written meanwhile arrives once', async () => {
	const saw = sawTrouble();
	assert.equal((await pelago.pelago(['down'])).status, 0);
	await saw;
	const wrote = bothWriteThrough('down and up');
	await agent.page.locator('[data-testid=message-pending]').nth(2).waitFor();
	await ann.page.locator('[data-testid=chat-message-pending]').nth(2).waitFor();
	assert.equal((await pelago.up()).status, 0);
	await wrote;
	await allIsCalm();
});

test('PLT-60: an offer is accepted while the service that decides it is away', async () => {
	const bob = await atShop(browser, pelago, { name: 'Bob' });
	await bob.start({ topic: 'billing' });
	await agent.offer('Bob').waitFor();
	const back = await kill('UCMService');
	await agent.accept('Bob');
	await back();
	await agent.say('here I am');
	await bob.sees('agent', 'here I am');
	await agent.finish();
	await bob.inPhase('closed');
	await agent.tab('Ann').click();
	await bob.leave();
});

test('PLT-60: the chat goes on to its end after all of this', async () => {
	await agent.finish('Resolved');
	await ann.inPhase('closed');
	await agent.leave();
});
