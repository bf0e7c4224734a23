/*
 * chat.test.mjs — one chat, from the customer's first word to its transcript, over the outer protocols.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance, until } from './lib/instance.mjs';
import { Agent, Customer, token } from './lib/chat.mjs';

let pelago;

before(async () => {
	pelago = await startInstance({ demo: true });
});
after(() => pelago?.stop());

async function get(path, user) {
	const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}${path}`, { headers: { authorization: `Bearer ${await token(pelago, user)}` } });
	return { status: answer.status, body: await answer.json() };
}

test('CHN-1 RTG-1 CTX-2: a chat is routed, offered, accepted, talked over, closed; its transcript is kept', async () => {
	const customer = new Customer(pelago, { name: 'Ann', email: 'ann@example.org', topic: 'sales', attributes: { Language: 'English' }, context: { basket: 'tent' } });
	await customer.opened();
	await customer.until((c) => c.volatile.some((f) => f.type === 'queued'), 'a place in the queue');
	const agent = await Agent.signIn(pelago, 'agent1');
	assert.equal(agent.state, 'NotReady');
	await agent.ready();
	await agent.until((a) => a.offers.has(customer.contactId), 'an offer');
	const offer = agent.offers.get(customer.contactId);
	assert.equal(offer.channel, 'chat');
	assert.equal(offer.service, 'Sales');
	assert.equal(offer.customer.name, 'Ann');
	assert.ok(offer.expiresInSeconds > 0);
	agent.accept(customer.contactId);
	await agent.until((a) => a.contacts.has(customer.contactId), 'the contact');
	await customer.until((c) => c.has('joined'), 'joined');

	await customer.say('Is the tent waterproof?');
	await agent.until((a) => a.contacts.get(customer.contactId).frames.some((f) => f.text === 'Is the tent waterproof?'), 'the question');
	await agent.say(customer.contactId, 'Up to 3,000 mm.');
	await customer.until((c) => c.texts('agent').includes('Up to 3,000 mm.'), 'the answer');
	await agent.finish(customer.contactId, 'Resolved');
	await customer.until((c) => c.has('closed'), 'closed');
	assert.equal(customer.frames.find((f) => f.type === 'closed').reason, 'agent');
	assert.ok(customer.texts('bot').length > 0, 'the workflow greeted the customer');

	const kept = await until('the history has the contact', async () => {
		const { status, body } = await get(`/services/OCPDataServices/contacts/${customer.contactId}`, 'supervisor');
		return status === 200 && body.disposition === 'Resolved' && body;
	});
	const texts = kept.transcript.filter((item) => item.text).map((item) => item.text);
	assert.ok(texts.includes('Is the tent waterproof?') && texts.includes('Up to 3,000 mm.'));
	agent.end();
	customer.end();
});

test('CHN-1: repeats, another\'s resume token and hostile frames get an error, and break nothing', async () => {
	const customer = new Customer(pelago, { name: 'Bob', topic: 'billing' });
	await customer.opened();
	const clientId = await customer.say('once');
	customer.repeated.add(clientId);
	customer.send({ type: 'message', clientId, text: 'once' });
	await customer.say('twice');
	assert.deepEqual(customer.texts('customer'), ['once', 'twice']);

	const thief = new Customer(pelago, { name: 'Eve' });
	await thief.opened();
	for (const [frame, code] of [
		[{ type: 'resume', contactId: customer.contactId, resumeToken: thief.resumeToken, after: 0 }, 'unauthorized'],
		[{ type: 'resume', contactId: thief.contactId, resumeToken: thief.resumeToken, after: 9999 }, 'badRequest'],
		[{ type: 'nonsense' }, 'badRequest'],
		[{ type: 'message', clientId: 'x'.repeat(65), text: 'a' }, 'badRequest'],
		[{ type: 'message', clientId: 'c1', text: '' }, 'badRequest'],
		[{ type: 'message', clientId: 'c2', text: 'a'.repeat(70000) }, 'tooLarge'],
	]) {
		const had = thief.errors.length;
		thief.send(frame);
		await thief.until((c) => c.errors.length > had, `an error for ${JSON.stringify(frame).slice(0, 80)}`);
		assert.equal(thief.errors.at(-1).code, code, JSON.stringify(frame).slice(0, 80));
	}
	customer.send({ type: 'close' });
	await customer.until((c) => c.has('closed'), 'closed');
	assert.equal(customer.frames.at(-1).reason, 'customer');
	thief.end();
	customer.end();
});

test('PLT-50: without a good token nobody gets in', async () => {
	for (const bad of ['', 'x', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZ2VudDEiLCJyb2xlcyI6WyJhZ2VudCJdfQ.', `${await token(pelago, 'agent2')}x`]) {
		const agent = new Agent(pelago, 'agent2', bad);
		await agent.until((a) => a.errors.length > 0, 'an error');
		assert.equal(agent.errors[0].code, 'unauthorized');
		agent.end();
	}
	const { status } = await get('/services/OCPDataServices/contacts/none', 'agent3');
	assert.ok([403, 404].includes(status), `status ${status}`);
	const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/api/v1/clusters`);
	assert.equal(answer.status, 401);
	assert.match(answer.headers.get('content-type'), /application\/problem\+json/);
});

test('PLT-14: each service runs where it belongs', async () => {
	const { stdout } = await pelago.pelago(['service', 'list', '--json']);
	const places = Object.fromEntries(JSON.parse(stdout).map(({ name, cluster, state }) => [name, `${cluster} ${state}`]));
	assert.deepEqual(places, {
		UCAStoreService: 'Cluster1_CC Installed',
		UCMService: 'Cluster1_CC Installed',
		EngagementDesigner: 'Cluster1_CC Installed',
		ContextStore: 'Cluster1_CC Installed',
		EventingConnector: 'Cluster1_CC Installed',
		WorkAssignment: 'Cluster1_CC Installed',
		AuthorizationService: 'Cluster2_UAC Installed',
		UnifiedAgentController: 'Cluster2_UAC Installed',
		CustomerControllerService: 'Cluster3_OCP Installed',
		AgentControllerService: 'Cluster3_OCP Installed',
		AutomationController: 'Cluster3_OCP Installed',
		OCPDataServices: 'Cluster3_OCP Installed',
		SolutionConfiguration: 'Provisioning Installed',
		EventStreaming: ' Loaded',
		PacketMetric: ' Loaded',
	});
});

test('RTG-4: an offer that nobody answers is taken back, and goes to another agent', { timeout: 90000 }, async () => {
	const slow = await Agent.signIn(pelago, 'agent4');
	await slow.ready();
	const customer = new Customer(pelago, { name: 'Cid', topic: 'support' });
	await customer.opened();
	await slow.until((a) => a.offers.has(customer.contactId), 'an offer');
	const quick = await Agent.signIn(pelago, 'agent5', { autoAccept: true });
	await quick.ready();
	await slow.until((a) => a.frames.some((f) => f.type === 'withdrawn' && f.reason === 'noAnswer'), 'withdrawn', 60000);
	await slow.until((a) => a.state === 'NotReady', 'NotReady');
	await quick.until((a) => a.contacts.has(customer.contactId), 'the contact');
	slow.accept(customer.contactId);
	await slow.until((a) => a.errors.length > 0, 'an error');
	assert.ok(['conflict', 'unauthorized'].includes(slow.errors[0].code));
	await quick.finish(customer.contactId);
	for (const peer of [slow, quick, customer]) peer.end();
});
