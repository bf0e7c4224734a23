/*
 * customer.test.mjs — the customer's side: reloads and tabs, leaving the queue, closed doors, the end and what is
 * asked behind it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, Customer, token } from './lib/chat.mjs';
import { freePort, startInstance, until } from './lib/instance.mjs';

const CCS = 'CustomerControllerService';
let pelago;

before(async () => {
	pelago = await startInstance({ demo: true });
});
after(() => pelago?.stop());

const tokens = new Map();

async function http(method, path, user, body) {
	if (!tokens.has(user)) tokens.set(user, await token(pelago, user));
	const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/${path}`, {
		method,
		headers: { authorization: `Bearer ${tokens.get(user)}`, ...(body && { 'content-type': 'application/json' }) },
		body: body && JSON.stringify(body),
	});
	const text = await answer.text();
	return { status: answer.status, body: text && JSON.parse(text) };
}

const recordOf = async (contactId) => (await http('GET', `OCPDataServices/contacts/${contactId}`, 'supervisor')).body;
const shutdown = async () => (await http('GET', `${CCS}/shutdown`, 'supervisor')).body;
const closedOf = (customer) => customer.frames.find((frame) => frame.type === 'closed');

async function refusal(customer) {
	await customer.until((c) => c.errors.length > 0, 'an error');
	return customer.errors.at(-1).code;
}

async function served(user, options) {
	const agent = await Agent.signIn(pelago, user, { autoAccept: true });
	await agent.ready();
	const customer = new Customer(pelago, options);
	await customer.opened();
	await agent.until((a) => a.contacts.has(customer.contactId), 'the contact');
	await customer.until((c) => c.has('joined'), 'joined');
	return { agent, customer };
}

/* Nothing is offered to who isn't there any more. */
async function leave(agent) {
	agent.wanted = undefined;
	agent.send({ type: 'logout', force: true });
	await agent.until((a) => a.state === 'LoggedOut', 'LoggedOut');
	agent.end();
}

/* What the node would write: the service's attributes, in force within a second. */
async function setAttributes(attributes) {
	const path = `${pelago.data}/services/${CCS}/config.json`;
	const config = JSON.parse(await readFile(path, 'utf8'));
	await writeFile(path, JSON.stringify({ ...config, attributes }));
	await sleep(1000);
	return () => writeFile(path, JSON.stringify(config));
}

const presence = (agent, contactId) => agent.frames.filter((f) => f.type === 'presence' && f.contactId === contactId).map((f) => f.customer);

test('CHN-1: a customer reloads fifty times and misses nothing; the agent notices nothing', { timeout: 90000 }, async () => {
	const { agent, customer } = await served('agent1', { name: 'Ann', topic: 'sales' });
	const said = [];
	for (let i = 0; i < 50; i++) {
		said.push(`message ${i}`);
		const durable = agent.say(customer.contactId, said.at(-1));
		customer.resumed = false;
		if (i % 2) customer.socket.terminate();
		else customer.socket.close();
		await customer.until((c) => c.resumed, 'resumed');
		await durable;
	}
	await customer.until((c) => c.texts('agent').length === said.length, 'all messages');
	assert.deepEqual(customer.texts('agent'), said);
	await sleep(6000); /* longer than the agent is spared */
	assert.deepEqual(presence(agent, customer.contactId), []);
	customer.end();
	await agent.until((a) => presence(a, customer.contactId).at(-1) === 'away', 'away');
	await agent.finish(customer.contactId);
	await leave(agent);
});

test('CHN-1: two tabs resume at once, both get all, and one may go', { timeout: 60000 }, async () => {
	const { agent, customer } = await served('agent2', { name: 'Bob', topic: 'sales' });
	const other = new Customer(pelago, {});
	Object.assign(other, { contactId: customer.contactId, resumeToken: customer.resumeToken });
	const resumed = customer.socket;
	customer.resumed = false;
	resumed.terminate();
	await Promise.all([customer.until((c) => c.resumed, 'resumed'), other.until((c) => c.resumed, 'resumed')]);
	await agent.say(customer.contactId, 'to both');
	await customer.say('from the first');
	await other.say('from the second');
	for (const tab of [customer, other]) {
		await tab.until((c) => c.texts('customer').length === 2 && c.texts('agent').length === 1, 'all of it');
		assert.deepEqual(tab.frames.map((f) => f.seq), tab.frames.map((_, i) => i + 1));
	}
	other.end();
	await sleep(6000);
	assert.deepEqual(presence(agent, customer.contactId), []);
	await customer.say('the first goes on');
	await agent.finish(customer.contactId);
	await customer.until((c) => c.has('closed'), 'closed');
	customer.end();
	await leave(agent);
});

test('CHN-1: who leaves the queue without a word has abandoned it, also when the edge was killed', { timeout: 120000 }, async () => {
	const restore = await setAttributes({ away_s: 1, abandon_s: 3 });
	const [leaves, stays, lost] = ['Cid', 'Dan', 'Eve'].map((name) => new Customer(pelago, { name, topic: 'support' }));
	await Promise.all([leaves, stays, lost].map((c) => c.opened()));
	leaves.end();
	const record = await until('the chat is abandoned', async () => {
		const kept = await recordOf(leaves.contactId);
		return kept.state === 'closed' && kept;
	});
	assert.deepEqual([record.closeReason, record.abandoned, record.offHours], ['timeout', true, false]);
	assert.ok(!stays.has('closed') && !lost.has('closed'));

	lost.ended = true; /* doesn't come back */
	process.kill((await pelago.processes()).edge, 'SIGKILL');
	await stays.until((c) => c.resumed, 'the other is back');
	await until('no edge asks for the lost one', async () => (await recordOf(lost.contactId)).abandoned === true, 80000);
	await stays.say('still here');
	assert.ok(!stays.has('closed'));
	stays.send({ type: 'close' });
	await stays.until((c) => c.has('closed'), 'closed');
	stays.end();
	await restore();
});

test('CHN-1: who writes nothing is asked whether somebody is there; then the chat ends', { timeout: 60000 }, async () => {
	const restore = await setAttributes({ idle_s: 8, idle_warn_s: 4 });
	const customer = new Customer(pelago, { name: 'Fay', topic: 'support' });
	await customer.opened();
	await customer.until((c) => c.texts('system').length === 1, 'the question');
	assert.match(customer.texts('system')[0], /still there.* 1 min/);
	await customer.until((c) => c.has('closed'), 'closed');
	assert.equal(closedOf(customer).reason, 'timeout');
	assert.equal((await recordOf(customer.contactId)).abandoned, false);
	customer.end();
	await restore();
});

test('CHN-1 RTG-5: off hours the customer is told so and the chat ends; nobody is asked for', async () => {
	const definition = (await http('GET', 'UCAStoreService/resources/services/Billing', 'admin')).body;
	const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
	const closed = { ...definition, hours: { week: { [days[(new Date().getUTCDay() + 3) % 7]]: [['00:00', '24:00']] } } };
	const agent = await Agent.signIn(pelago, 'agent3');
	await agent.ready();
	assert.equal((await http('PUT', 'UCAStoreService/resources/services/Billing', 'admin', closed)).status, 200);
	const customer = await until('the doors are closed', async () => {
		const one = new Customer(pelago, { name: 'Gus', topic: 'billing' });
		await one.opened();
		await one.until((c) => c.has('closed') || c.texts('bot').length > 0, 'an answer');
		if (closedOf(one)?.offHours) return one;
		one.send({ type: 'close' });
		one.end();
		return undefined;
	});
	assert.equal(customer.texts('system').length, 1);
	assert.match(customer.texts('system')[0], /We are closed/);
	assert.ok(customer.frames.findIndex((f) => f.from === 'system') < customer.frames.indexOf(closedOf(customer)), 'said before the end');
	assert.ok(closedOf(customer).opensAtMs > Date.now() + 86400000);
	assert.deepEqual([closedOf(customer).reason, customer.has('survey'), agent.offers.has(customer.contactId)], ['timeout', false, false]);
	const record = await until('the history knows', async () => {
		const kept = await recordOf(customer.contactId);
		return kept.state === 'closed' && kept;
	});
	assert.deepEqual([record.offHours, record.abandoned, record.offers], [true, false, []]);
	assert.equal((await http('PUT', 'UCAStoreService/resources/services/Billing', 'admin', definition)).status, 200);
	customer.end();
	await leave(agent);
});

test('CHN-1: a survey after the end is answered once; the history has it', { timeout: 60000 }, async () => {
	const { agent, customer } = await served('agent4', { name: 'Hal', topic: 'sales' });
	for (const answers of [{ rating: 3 }, {}]) {
		const had = customer.errors.length;
		customer.send({ type: 'survey', clientId: 's0', answers });
		await customer.until((c) => c.errors.length > had, 'an error');
		assert.equal(customer.errors.at(-1).code, 'conflict');
	}
	await agent.finish(customer.contactId);
	await customer.until((c) => c.has('survey'), 'the survey');
	const { questions } = customer.frames.find((f) => f.type === 'survey');
	assert.ok(questions.length > 0);
	for (const answers of [{}, [], 'good', null, { rating: 99 }, { rating: '5' }, { rating: { a: 1 } }, { other: 1 }, { comment: 'x'.repeat(2001) }]) {
		const had = customer.errors.length;
		customer.send({ type: 'survey', clientId: 's0', answers });
		await customer.until((c) => c.errors.length > had, 'an error');
		assert.equal(customer.errors.at(-1).code, answers?.comment ? 'tooLarge' : 'badRequest', JSON.stringify(answers));
	}
	process.kill((await pelago.processes())[CCS], 'SIGKILL');
	for (let left = 100; !customer.has('surveyed'); left--) {
		assert.ok(left > 0, 'the answers are not taken');
		customer.send({ type: 'survey', clientId: 's1', answers: { rating: 4, comment: 'Quick.' } });
		customer.repeated.add('s1');
		await sleep(100);
	}
	customer.send({ type: 'survey', clientId: 's2', answers: { rating: 1 } });
	await customer.until((c) => c.errors.at(-1).clientId === 's2', 'an error');
	assert.equal(customer.errors.at(-1).code, 'conflict');
	const record = await until('the history has the answers', async () => {
		const kept = await recordOf(customer.contactId);
		return kept.survey && kept;
	});
	assert.deepEqual(record.survey.answers.map(({ id, value }) => [id, value]), [['rating', 4], ['comment', 'Quick.']]);
	assert.equal(record.steps.filter(({ event }) => event === 'contact.surveyed').length, 1);
	customer.end();
	await leave(agent);
});

/* PLT-24: it is an attribute, whoever sets it. */
const setShutdown = async (on, set) => {
	const answer = await set();
	await until(`Shutdown Mode is ${on ? 'on' : 'off'}`, async () => (await shutdown()).on === on);
	return answer;
};
const byAttribute = (name, on) => async () => {
	const { status, stderr } = await pelago.pelago(['attribute', 'set', name, String(on), '--cluster', 'Cluster3_OCP']);
	assert.equal(status, 0, stderr);
};

test('Shutdown Mode refuses new chats, and those that run go on', async () => {
	const { agent, customer } = await served('agent5', { name: 'Ida', topic: 'support' });
	assert.deepEqual([(await http('PUT', `${CCS}/shutdown`, 'agent5', { on: true })).status, (await shutdown()).on], [403, false]);
	assert.equal((await setShutdown(true, () => http('PUT', `${CCS}/shutdown`, 'supervisor', { on: true }))).body.on, true);
	const shown = JSON.parse((await pelago.pelago(['attribute', 'get', 'Shutdown Mode', '--json'])).stdout);
	assert.deepEqual([shown.effective, shown.origin], [true, 'cluster']);
	const late = new Customer(pelago, { name: 'Joe' });
	assert.equal(await refusal(late), 'notAccepting');
	process.kill((await pelago.processes())[CCS], 'SIGKILL');
	await customer.say('we go on');
	const later = new Customer(pelago, { name: 'Kim' });
	assert.equal(await refusal(later), 'notAccepting');
	const told = await shutdown();
	assert.deepEqual([told.on, told.by, told.served >= 1], [true, 'supervisor', true]);
	await agent.finish(customer.contactId);
	await customer.until((c) => c.has('closed'), 'closed');
	assert.equal((await setShutdown(false, () => http('PUT', `${CCS}/shutdown`, 'admin', { on: false }))).body.on, false);
	await setShutdown(true, byAttribute('Shutdown Mode', true));
	const last = new Customer(pelago, { name: 'Lee' });
	assert.equal(await refusal(last), 'notAccepting');
	last.end();
	await setShutdown(false, byAttribute('Shutdown Mode', false));
	for (const peer of [late, later]) {
		peer.send(peer.request);
		await peer.opened();
		peer.send({ type: 'close' });
		await peer.until((c) => c.has('closed'), 'closed');
	}
	for (const peer of [customer, late, later]) peer.end();
	await leave(agent);
});

/* PLT-24 */
test('Authorization Service Address is tried: a wrong one is an alarm, a right one ends it', async () => {
	const set = (address) => pelago.pelago(['attribute', 'set', 'Authorization Service Address', address, '--cluster', 'Cluster3_OCP']);
	const alarms = async () => JSON.parse((await pelago.pelago(['alarm', 'list', '--json'])).stdout).filter((one) => one.key === 'authorization.unreachable');
	assert.equal((await set('https://x')).status, 2);
	assert.equal((await set(`localhost:${await freePort()}`)).status, 0);
	await until('the wrong address is told', async () => (await alarms()).length === 1);
	assert.equal((await set(`localhost:${pelago.httpsPort}`)).status, 0);
	await until('the right one ends it', async () => (await alarms()).length === 0);
});

/* PLT-24 */
test('Close all Chatrooms as an attribute closes what is open, once', async () => {
	const open = new Customer(pelago, { name: 'Max' });
	await open.opened();
	await byAttribute('Close all Chatrooms', true)();
	await open.until((c) => c.has('closed'), 'closed');
	assert.equal(closedOf(open).reason, 'shutdown');
	const later = new Customer(pelago, { name: 'Moe' });
	await later.opened();
	await byAttribute('Close all Chatrooms', false)();
	await later.say('still here');
	later.send({ type: 'close' });
	await later.until((c) => c.has('closed'), 'closed');
	for (const peer of [open, later]) peer.end();
});

test('PLT-60: Close all Chatrooms goes on after a kill; each chat is closed once, its transcript kept', { timeout: 120000 }, async () => {
	const customers = Array.from({ length: 320 }, (_, i) => new Customer(pelago, { name: `Customer ${i}`, topic: 'support' }));
	await Promise.all(customers.map((customer) => customer.opened()));
	await Promise.all(customers.map((customer, i) => customer.say(`last words ${i}`)));
	assert.equal((await http('POST', `${CCS}/close-all`, 'supervisor')).status, 403);
	const started = await http('POST', `${CCS}/close-all`, 'admin');
	process.kill((await pelago.processes())[CCS], 'SIGKILL');
	assert.deepEqual([started.status, started.body.closeAll.total], [202, customers.length]);
	const late = new Customer(pelago, { name: 'Late' });
	await late.opened();
	const done = await until('all are closed', async () => {
		const { closeAll } = await shutdown();
		return closeAll.state === 'done' && closeAll;
	}, 60000);
	assert.deepEqual([done.closed, done.left], [customers.length, 0]);
	await Promise.all(customers.map((customer) => customer.until((c) => c.has('closed'), 'closed')));
	assert.ok(customers.every((customer) => closedOf(customer).reason === 'shutdown'));
	assert.ok(!late.has('closed'));
	for (const [i, customer] of customers.entries()) {
		const record = await until('the transcript is kept', async () => {
			const kept = await recordOf(customer.contactId);
			return kept.state === 'closed' && kept;
		});
		assert.equal(record.transcript.filter(({ text }) => text === `last words ${i}`).length, 1);
		assert.equal(record.steps.filter(({ event }) => event === 'contact.closed').length, 1);
	}
	late.send({ type: 'close' });
	await late.until((c) => c.has('closed'), 'closed');
	for (const peer of [late, ...customers]) peer.end();
});
