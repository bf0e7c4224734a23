/*
 * transfer.test.mjs — contacts that go from agent to agent, and agents who ask each other, over the outer protocols:
 * transfer, consult, conference, private talk, wrap-up, pending states, and kill -9 in the midst of each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { isAlive, startInstance, until } from './lib/instance.mjs';
import { Agent, Customer, token } from './lib/chat.mjs';

let pelago;

before(async () => {
	pelago = await startInstance({ demo: true });
});
after(() => pelago?.stop({ keep: process.env.PELAGO_KEEP }));

async function get(path, user) {
	const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}${path}`, { headers: { authorization: `Bearer ${await token(pelago, user)}` } });
	return { status: answer.status, body: await answer.json() };
}

/* Agents who are at work; none of them takes an offer by itself. */
async function atWork(...users) {
	const agents = await Promise.all(users.map((user) => Agent.signIn(pelago, user)));
	for (const agent of agents) await agent.ready();
	return agents;
}

async function take(agent, contactId) {
	await agent.until((a) => a.offers.has(contactId), `the offer of ${contactId}`);
	const offer = agent.offers.get(contactId);
	agent.accept(contactId);
	await agent.until((a) => a.contacts.get(contactId)?.state === 'active', `the contact ${contactId}`);
	return offer;
}

/* A customer who talks with the only agent at work. */
async function served(agent, name = 'Ann') {
	const customer = new Customer(pelago, { name, topic: 'sales' });
	await customer.opened();
	await take(agent, customer.contactId);
	return customer;
}

/* An agent of that user who is asked, and has joined. */
async function asked(agent, customer, other) {
	const { contactId } = customer;
	const had = agent.frames.length;
	agent.send({ type: 'consult', contactId, to: { user: other.user }, note: 'may I?' });
	await agent.until((a) => a.frames.slice(had).some((f) => f.type === 'consult'), 'the consultation');
	const { legId } = agent.frames.slice(had).find((f) => f.type === 'consult');
	await take(other, legId);
	await agent.until((a) => a.legs.get(legId)?.state === 'joined', 'joined');
	return legId;
}

async function frameOf(peer, condition, what = condition.toString()) {
	await peer.until((p) => p.frames.some(condition), what);
	return peer.frames.findLast(condition);
}

async function refused(agent, frame, code, words) {
	const had = agent.errors.length;
	agent.send(frame);
	await agent.until((a) => a.errors.length > had, `${frame.type} to be refused`);
	assert.deepEqual([agent.errors.at(-1).code, words.test(agent.errors.at(-1).message)], [code, true], JSON.stringify(agent.errors.at(-1)));
}

/* Sends a frame after which the agent is logged out; the page doesn't come back. */
async function leave(agent, frame) {
	const out = new Promise((resolve) => agent.on('received', ({ type, state }) => type === 'state' && state === 'LoggedOut' && resolve()));
	agent.wanted = undefined;
	agent.ended = true;
	agent.send(frame);
	await out;
	agent.end();
}

async function goHome(...agents) {
	for (const agent of agents) await leave(agent, { type: 'logout', force: true });
}

/* RTG-8: nobody is occupied, and nothing waits, once all is over. */
async function nothingIsLeft() {
	await until('nothing waits, rings or is talked over', async () => {
		const { body } = await get('/services/WorkAssignment/queues', 'supervisor');
		return body.waiting === 0 && body.offered === 0 && body.active === 0;
	});
	await until('nobody has a contact by what agents see', async () => {
		const { body } = await get('/services/UnifiedAgentController/agents', 'supervisor');
		return body.items.every((agent) => agent.contacts === 0 && !agent.pending && !agent.logoutPending);
	});
}

test('RTG-4 WSP-1: a contact goes to a service, to a user, and back, with what was written', { timeout: 60000 }, async () => {
	const [ann] = await atWork('agent1');
	const customer = await served(ann);
	const { contactId } = customer;
	const [bob] = await atWork('agent2');

	ann.send({ type: 'transfer', contactId, to: { service: 'Billing' }, note: 'wants an invoice' });
	assert.equal((await frameOf(ann, (f) => f.type === 'withdrawn')).reason, 'transferred');
	const offer = await take(bob, contactId);
	assert.deepEqual(offer.note, { text: 'wants an invoice', from: { id: 'agent1', name: ann.session.agent.name } });
	assert.equal(offer.service, 'Billing');
	assert.deepEqual((await frameOf(bob, (f) => f.type === 'assigned')).note, offer.note);
	await bob.say(contactId, 'here it is');
	await customer.until((c) => c.texts('agent').includes('here it is'), 'the answer');
	assert.deepEqual(customer.frames.filter((f) => ['joined', 'left'].includes(f.type)).map((f) => [f.type, f.participant.name]), [
		['joined', ann.session.agent.name], ['left', ann.session.agent.name], ['joined', bob.session.agent.name]]);

	/* late, twice, and of another's contact */
	await refused(ann, { type: 'message', contactId, clientId: 'late', text: 'still here?' }, 'conflict', /completed/);
	await refused(ann, { type: 'close', contactId }, 'conflict', /completed/);
	await refused(ann, { type: 'consult', contactId, to: { user: 'agent2' } }, 'conflict', /transferred/);
	ann.send({ type: 'transfer', contactId, to: { service: 'Billing' } }); /* the answer to the first may have been lost */
	const [eve] = await atWork('agent3');
	await refused(eve, { type: 'transfer', contactId, to: { user: 'agent1' } }, 'unauthorized', /isn't yours/);

	/* to the one who had it before, whoever else is free */
	bob.send({ type: 'transfer', contactId, to: { user: 'agent1' } });
	await take(ann, contactId);
	assert.equal(ann.frames.findLast((f) => f.type === 'offer').note, undefined);
	assert.equal(eve.offers.size, 0);
	assert.equal(ann.errors.length, 3, 'the second transfer was answered as the first');
	await ann.finish(contactId);
	await customer.until((c) => c.has('closed'), 'closed');
	const { body } = await until('the history tells it', async () => {
		const kept = await get(`/services/OCPDataServices/contacts/${contactId}`, 'supervisor');
		return kept.body.disposition === 'Resolved' && kept;
	});
	assert.deepEqual(body.offers.map((o) => [o.agentId, o.reason]), [['agent1', 'transferred'], ['agent2', 'transferred'], ['agent1', 'completed']]);
	await goHome(ann, bob, eve);
	customer.end();
	await nothingIsLeft();
});

test('RTG-4: what cannot be transferred is said in words, and changes nothing', { timeout: 60000 }, async () => {
	const [ann] = await atWork('agent1');
	const customer = await served(ann);
	const { contactId } = customer;
	await goHome(...await atWork('agent4'));
	for (const type of ['transfer', 'consult']) {
		await refused(ann, { type, contactId, to: { user: 'agent1' } }, 'badRequest', /yourself/);
		await refused(ann, { type, contactId, to: { user: 'agent4' } }, 'conflict', /not logged in/);
		await refused(ann, { type, contactId, to: { user: 'agent19' } }, 'badRequest', /ever logged in/);
		await refused(ann, { type, contactId, to: { user: 'x'.repeat(1000) } }, 'badRequest', /to/);
		await refused(ann, { type, contactId, to: {} }, 'badRequest', /wanted/);
		await refused(ann, { type, contactId, to: 'Sales' }, 'badRequest', /to/);
		await refused(ann, { type, contactId }, 'badRequest', /to/);
		await refused(ann, { type, contactId, to: { service: 'Sales', user: 'agent2' } }, 'badRequest', /to/);
		await refused(ann, { type, contactId, to: { service: 7 } }, 'badRequest', /service/);
		await refused(ann, { type, contactId, to: { service: 'Sales' }, note: 'x'.repeat(5000) }, 'badRequest', /note/);
		await refused(ann, { type, contactId: randomUUID(), to: { service: 'Sales' } }, 'unauthorized', /isn't yours/);
	}
	await refused(ann, { type: 'transfer', contactId, to: { leg: contactId } }, 'badRequest', /no consultation/);
	await refused(ann, { type: 'conference', contactId, legId: contactId }, 'unauthorized', /isn't yours/);
	await refused(ann, { type: 'release', contactId }, 'badRequest', /legId/);
	await refused(ann, { type: 'extend', contactId }, 'conflict', /wrap-up/);
	for (const url of ['javascript:alert(1)', 'https://bank.example@evil.example/', '', 7]) await refused(ann, { type: 'push', contactId, clientId: randomUUID(), url }, 'badRequest', /url/);
	const talk = { type: 'message', contactId, clientId: 't1', text: 'x', private: true };
	await refused(ann, { ...talk, private: 'yes' }, 'badRequest', /private/);
	await refused(ann, { ...talk, text: ' ' }, 'badRequest', /text/);
	await refused(ann, { ...talk, text: 'x'.repeat(9000) }, 'tooLarge', /text/);
	await refused(ann, { ...talk, clientId: undefined }, 'badRequest', /clientId/);
	await refused(ann, { ...talk, contactId: randomUUID() }, 'unauthorized', /isn't yours/);
	await refused(ann, { type: 'push', contactId, clientId: 'p1', url: 'https://shop.example/', title: ['x'] }, 'badRequest', /title/);
	await refused(ann, { type: 'push', contactId, url: 'https://shop.example/' }, 'badRequest', /clientId/);
	await refused(ann, { type: 'logout', force: 'yes' }, 'badRequest', /force/);
	await refused(ann, { type: 'state', state: 'NotReady', reason: 'fishing' }, 'badRequest', /reason/);
	await ann.say(contactId, 'I am still here');
	await customer.until((c) => c.texts('agent').includes('I am still here'), 'the answer');
	assert.equal(customer.has('left'), false);
	await ann.finish(contactId);
	await goHome(ann);
	customer.end();
	await nothingIsLeft();
});

test('WSP-1: an agent is asked, declines, is asked again, talks in private, and comes into the chat', { timeout: 60000 }, async () => {
	const [ann] = await atWork('agent1');
	const customer = await served(ann);
	const { contactId } = customer;
	const [bob] = await atWork('agent2');
	await customer.say('I want a discount');

	ann.send({ type: 'consult', contactId, to: { user: 'agent2' } });
	await bob.until((b) => b.offers.size === 1, 'an offer');
	const [declined] = bob.offers.values();
	assert.deepEqual([declined.kind, declined.parentId, declined.from.id, declined.customer.name], ['consult', contactId, 'agent1', 'Ann']);
	bob.send({ type: 'reject', contactId: declined.contactId });
	bob.offers.delete(declined.contactId);
	await ann.until((a) => a.legs.get(declined.contactId)?.state === 'declined', 'declined');

	/* a service is asked: not the one who asks, though that one is free, too */
	ann.send({ type: 'consult', contactId, to: { service: 'Sales' } });
	await bob.until((b) => b.offers.size === 1 && !b.offers.has(declined.contactId), 'an offer');
	const [put] = bob.offers.values();
	assert.deepEqual([put.kind, put.service, ann.offers.size], ['consult', 'Sales', 0]);
	ann.send({ type: 'release', contactId, legId: put.contactId });
	await bob.until((b) => b.offers.size === 0, 'withdrawn');
	await ann.until((a) => a.legs.get(put.contactId)?.state === 'ended', 'ended');

	const legId = await asked(ann, customer, bob);
	const leg = bob.contacts.get(legId);
	assert.ok(leg.frames.some((f) => f.text === 'I want a discount'), 'the chat is seen');
	assert.equal((await frameOf(bob, (f) => f.type === 'assigned')).note.text, 'may I?');
	assert.deepEqual(ann.legs.get(legId).participant, { id: 'agent2', name: bob.session.agent.name });
	await customer.say('Are you there?');
	await bob.until(() => leg.frames.some((f) => f.text === 'Are you there?'), 'the chat is watched');
	await bob.whisper(legId, 'ten per cent');
	await ann.whisper(contactId, 'he asked before');
	await bob.until(() => leg.talk.length === 2, 'private talk');
	await ann.until((a) => a.contacts.get(contactId).talk.length === 2, 'private talk');
	await refused(bob, { type: 'message', contactId: legId, clientId: 'm1', text: 'Hello!' }, 'conflict', /private/);
	await refused(bob, { type: 'push', contactId: legId, clientId: 'p1', url: 'https://shop.example/' }, 'conflict', /private/);
	await refused(bob, { type: 'conference', contactId, legId }, 'unauthorized', /isn't yours/);
	assert.equal(customer.frames.filter((f) => f.type === 'joined').length, 1, 'the customer sees nobody else');

	ann.send({ type: 'conference', contactId, legId });
	await bob.until((b) => b.legs.get(legId)?.state === 'conference', 'conference');
	await bob.say(legId, 'Ten per cent, then.');
	await customer.until((c) => c.texts('agent').includes('Ten per cent, then.'), 'the answer');
	await bob.whisper(legId, 'not more');
	await ann.until((a) => a.contacts.get(contactId).talk.length === 3, 'private talk');

	/* pages that come back have it all */
	ann.socket.terminate();
	bob.socket.terminate();
	await Promise.all([ann, bob].map((agent) => {
		agent.session = undefined;
		return agent.until((a) => a.session, 'session');
	}));
	const [mine] = ann.session.contacts, [his] = bob.session.contacts;
	assert.deepEqual(mine.legs.map((l) => [l.legId, l.state, l.participant.id]), [[legId, 'conference', 'agent2']]);
	assert.deepEqual([his.contactId, his.parentId, his.kind, his.leg, his.from.id], [legId, contactId, 'consult', 'conference', 'agent1']);
	assert.deepEqual([mine.private.length, his.private.length], [3, 3]);

	bob.send({ type: 'close', contactId: legId });
	await bob.until((b) => b.contacts.get(legId).state === 'over', 'over');
	await ann.until((a) => a.legs.get(legId).state === 'ended', 'ended');
	await customer.until((c) => c.has('left'), 'left');
	await refused(bob, { type: 'message', contactId: legId, clientId: 'm2', text: 'x', private: true }, 'conflict', /over/);
	await ann.say(contactId, 'Anything else?');
	await ann.finish(contactId);
	await customer.until((c) => c.has('closed'), 'closed');

	/* PLT-60: nothing private ever came near the customer; the history has it, marked */
	const wire = JSON.stringify([customer.frames, customer.volatile]);
	for (const secret of ['ten per cent', 'he asked before', 'not more', 'private', legId]) assert.equal(wire.includes(secret), false, secret);
	const { body } = await until('the history tells it', async () => {
		const kept = await get(`/services/OCPDataServices/contacts/${contactId}`, 'supervisor');
		return kept.body.disposition === 'Resolved' && kept;
	});
	assert.deepEqual(body.transcript.filter((item) => item.private).map((item) => item.text), ['ten per cent', 'he asked before', 'not more']);
	assert.deepEqual(body.steps.filter((s) => s.event === 'leg.state').map((s) => s.reason), ['offering', 'declined', 'offering', 'ended', 'offering', 'joined', 'conference', 'ended']);
	assert.equal((await get(`/services/OCPDataServices/contacts/${legId}`, 'supervisor')).status, 404, 'a consultation is no contact of its own');
	await goHome(ann, bob);
	customer.end();
	await nothingIsLeft();
});

test('WSP-1: who was asked takes the contact over at once, and what is open ends with the contact', { timeout: 60000 }, async () => {
	const [ann] = await atWork('agent1');
	const customer = await served(ann);
	const { contactId } = customer;
	const [bob, cid] = await atWork('agent2', 'agent3');
	const legId = await asked(ann, customer, bob);
	await ann.whisper(contactId, 'yours?');
	ann.send({ type: 'transfer', contactId, to: { leg: legId }, note: 'as we said' });
	await frameOf(ann, (f) => f.type === 'withdrawn' && f.reason === 'transferred');
	await bob.until((b) => b.contacts.get(contactId)?.state === 'active' && b.contacts.get(legId).state === 'over', 'the contact');
	const assigned = bob.frames.findLast((f) => f.type === 'assigned');
	assert.deepEqual([assigned.contactId, assigned.note.text, assigned.private.length], [contactId, 'as we said', 1]);
	assert.equal(bob.frames.some((f) => f.type === 'offer' && f.contactId === contactId), false, 'no second offer');
	await bob.say(contactId, 'Now it is me.');
	await customer.until((c) => c.texts('agent').includes('Now it is me.'), 'the answer');
	await bob.until((b) => b.contacts.get(contactId).frames.some((f) => f.text === 'Now it is me.'), 'the chat is watched on');
	assert.equal(customer.frames.filter((f) => f.type === 'joined').length, 2);

	/* one is in the chat, another one is rung, and a service is looked for, when the customer goes */
	const inChat = await asked(bob, customer, cid);
	bob.send({ type: 'conference', contactId, legId: inChat });
	await cid.until((c) => c.legs.get(inChat)?.state === 'conference', 'conference');
	bob.send({ type: 'consult', contactId, to: { user: 'agent1' } });
	await ann.until((a) => [...a.offers.values()].some((o) => o.kind === 'consult'), 'an offer');
	const ringing = [...ann.offers.values()].find((o) => o.kind === 'consult').contactId;
	customer.send({ type: 'close' });
	await cid.until((c) => c.contacts.get(inChat).state === 'over', 'over');
	await ann.until((a) => !a.offers.has(ringing), 'withdrawn');
	await bob.until((b) => b.contacts.get(contactId).state === 'wrapup', 'wrap-up');
	ann.accept(ringing);
	await ann.until((a) => a.errors.length > 0, 'an error');
	assert.equal(ann.errors.at(-1).code, 'conflict');
	bob.send({ type: 'complete', contactId });
	await nothingIsLeft();
	await goHome(ann, bob, cid);
	customer.end();
});

test('RTG-4 WSP-1: who is asked and does not answer is made not ready; a contact in wrap-up can be extended', { timeout: 90000 }, async () => {
	const [ann] = await atWork('agent1');
	const customer = await served(ann);
	const { contactId } = customer;
	const [bob] = await atWork('agent2');
	ann.send({ type: 'consult', contactId, to: { user: 'agent2' } });
	await bob.until((b) => b.offers.size === 1, 'an offer');
	await frameOf(ann, (f) => f.type === 'consult' && f.state === 'noAnswer', 'no answer');
	assert.equal((await frameOf(bob, (f) => f.type === 'withdrawn')).reason, 'noAnswer');
	await bob.until((b) => b.state === 'NotReady', 'NotReady');
	assert.equal(bob.frames.findLast((f) => f.type === 'state').reason, 'noAnswer');

	/* not ready, and logged out, after the contact; a page whose clock is a day off is told the server's */
	ann.wanted = undefined;
	const day = 86400000;
	ann.send({ type: 'state', state: 'NotReady', reason: 'break', at: new Date(Date.now() + day).toISOString(), sinceMs: Date.now() + day });
	let state = await frameOf(ann, (f) => f.type === 'state' && f.pending);
	assert.deepEqual([state.state, state.working, state.logoutPending], ['NotReady', true, false]);
	assert.ok(Math.abs(state.nowMs - Date.now()) < 60000 && state.sinceMs <= state.nowMs);
	ann.send({ type: 'message', contactId, clientId: 'yesterday', text: 'late?', at: new Date(Date.now() - day).toISOString() });
	const said = await until('the message', async () => customer.frames.find((f) => f.text === 'late?'));
	assert.ok(Math.abs(Date.parse(said.at) - Date.now()) < 60000);
	ann.send({ type: 'close', contactId, disposition: 'Resolved' });
	const closed = await frameOf(ann, (f) => f.type === 'closed' && f.wrapUpSeconds !== undefined);
	assert.equal(closed.extensionsLeft, 2);
	for (const left of [1, 0]) {
		ann.send({ type: 'extend', contactId });
		const longer = await frameOf(ann, (f) => f.type === 'wrapup' && f.extensionsLeft === left);
		assert.ok(longer.wrapUpSeconds > closed.wrapUpSeconds);
	}
	await refused(ann, { type: 'extend', contactId }, 'conflict', /no more extensions/);

	ann.socket.terminate();
	ann.session = undefined;
	await ann.until((a) => a.session, 'session');
	const [mine] = ann.session.contacts;
	assert.deepEqual([ann.session.state, ann.session.pending, ann.session.working, mine.state, mine.extensionsLeft], ['NotReady', true, true, 'wrapup', 0]);
	assert.ok(mine.wrapUpSeconds > 60 && mine.wrapUpSeconds <= closed.wrapUpSeconds + 120);
	ann.send({ type: 'logout' });
	state = await frameOf(ann, (f) => f.type === 'state' && f.logoutPending);
	await leave(ann, { type: 'complete', contactId }); /* logged out after the last contact */
	await nothingIsLeft();
	await goHome(bob);
	customer.end();
});

test('WSP-1: a user has a time of his own to answer, and to wrap up', { timeout: 60000 }, async () => {
	const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/UCAStoreService/users/agent4`, {
		method: 'PUT',
		headers: { authorization: `Bearer ${await token(pelago, 'admin')}`, 'content-type': 'application/json' },
		body: JSON.stringify({ offerSeconds: 55, wrapUpSeconds: 99 }),
	});
	assert.equal(answer.status, 200);
	const [mia] = await atWork('agent4');
	const customer = await served(mia);
	const { contactId } = customer;
	assert.equal(mia.frames.findLast((f) => f.type === 'offer').expiresInSeconds, 55);
	mia.send({ type: 'close', contactId, disposition: 'Resolved' });
	assert.equal((await frameOf(mia, (f) => f.type === 'closed' && f.wrapUpSeconds !== undefined)).wrapUpSeconds, 99);
	mia.send({ type: 'complete', contactId });
	await nothingIsLeft();
	await goHome(mia);
	customer.end();
});

test('RTG-8: two agents accept one offer; accepts meet withdrawals; everything comes twice', { timeout: 90000 }, async (t) => {
	const [ann] = await atWork('agent1');
	const customer = await served(ann);
	const { contactId } = customer;
	const [bob, cid] = await atWork('agent2', 'agent3');
	let joined = 0, withdrawn = 0;
	for (let i = 0; i < 20; i++) {
		ann.send({ type: 'consult', contactId, to: { user: 'agent2' } });
		ann.send({ type: 'consult', contactId, to: { user: 'agent2' } });
		await bob.until((b) => b.offers.size > 0, 'an offer');
		const [{ contactId: legId, offerId }] = bob.offers.values();
		assert.equal(bob.offers.size, 1, 'the same question twice is one');
		cid.send({ type: 'accept', contactId: legId, offerId }); /* not cid's */
		const moves = [() => bob.send({ type: 'accept', contactId: legId, offerId }), () => ann.send({ type: 'release', contactId, legId })];
		if (i % 2) moves.reverse();
		for (const move of moves) move();
		for (const move of moves) move();
		await ann.until((a) => a.legs.get(legId)?.state === 'ended', 'ended');
		await bob.until((b) => !b.offers.has(legId) && b.contacts.get(legId)?.state !== 'active', 'nothing open');
		if (ann.frames.some((f) => f.type === 'consult' && f.legId === legId && f.state === 'joined')) joined++;
		else withdrawn++;
	}
	t.diagnostic(`${joined} accepts came first, ${withdrawn} withdrawals`);
	assert.ok(cid.errors.length >= 20 && cid.errors.every((e) => e.code === 'unauthorized'));
	assert.equal(cid.contacts.size, 0);
	await ann.finish(contactId);
	ann.send({ type: 'complete', contactId });
	ann.send({ type: 'complete', contactId });
	await nothingIsLeft();
	await goHome(ann, bob, cid);
	customer.end();
});

test('PLT-60: kill -9 of whoever has a part in it, in the midst of each step, and nothing is lost, doubled or left', { timeout: 240000 }, async (t) => {
	const parts = ['UCMService', 'AgentControllerService', 'UnifiedAgentController', 'CustomerControllerService', 'WorkAssignment', 'edge', 'nats-server'];
	const kill = async (name) => {
		const pid = (await pelago.processes())[name];
		if (pid && isAlive(pid)) process.kill(pid, 'SIGKILL'); /* else the last kill is still being seen to */
	};
	for (const part of parts) {
		const [ann] = await atWork('agent1');
		const customer = await served(ann, part);
		const { contactId } = customer;
		const [bob] = await atWork('agent2');
		bob.autoAccept = true;
		const said = customer.say('before');
		await kill(part);
		await said;

		await ann.insist({ type: 'consult', contactId, to: { user: 'agent2' }, note: part }, (a) => [...a.legs.values()].some((l) => l.contactId === contactId), 'consultation');
		await kill(part);
		await ann.until((a) => [...a.legs.values()].some((l) => l.contactId === contactId && l.state === 'joined'), 'joined');
		const { legId } = [...ann.legs.values()].find((l) => l.contactId === contactId);
		await bob.until((b) => b.contacts.get(legId)?.state === 'active', 'the consultation');

		const whispers = [ann.whisper(contactId, 'w1'), bob.whisper(legId, 'w2')];
		await kill(part);
		await Promise.all(whispers);

		ann.send({ type: 'conference', contactId, legId });
		await kill(part);
		await ann.insist({ type: 'conference', contactId, legId }, (a) => a.legs.get(legId)?.state === 'conference', 'conference');
		const spoken = bob.say(legId, 'from the leg');
		await kill(part);
		await spoken;

		ann.send({ type: 'transfer', contactId, to: { leg: legId }, note: 'yours' });
		await kill(part);
		await ann.insist({ type: 'transfer', contactId, to: { leg: legId }, note: 'yours' }, (a) => a.contacts.get(contactId)?.state !== 'active' || !a.session.contacts.some((c) => c.contactId === contactId && c.state === 'active') && a.frames.some((f) => f.type === 'withdrawn' && f.contactId === contactId), 'hand-over');
		await bob.until((b) => b.contacts.get(contactId)?.state === 'active', 'the contact');

		ann.autoAccept = true;
		bob.send({ type: 'transfer', contactId, to: { user: 'agent1' }, note: 'and back' });
		await kill(part);
		await bob.insist({ type: 'transfer', contactId, to: { user: 'agent1' }, note: 'and back' }, () => ann.contacts.get(contactId)?.state === 'active' || ann.offers.has(contactId), 'transfer');
		await ann.until((a) => a.contacts.get(contactId)?.state === 'active' && a.contacts.get(contactId).note?.text === 'and back', 'the contact again');

		const last = ann.say(contactId, 'after');
		await kill(part);
		await last;
		await customer.say('thanks');
		await ann.finish(contactId);
		await customer.until((c) => c.has('closed'), 'closed');

		/* exact: each word once, in order, on every side and in the history */
		assert.deepEqual(customer.frames.filter((f) => f.type === 'message' && f.from !== 'bot' && f.from !== 'system').map((f) => f.text), ['before', 'from the leg', 'after', 'thanks'], part);
		assert.deepEqual(customer.frames.filter((f) => ['joined', 'left'].includes(f.type)).map((f) => `${f.type} ${f.participant.name}`), [
			`joined ${ann.session.agent.name}`, `joined ${bob.session.agent.name}`, `left ${ann.session.agent.name}`, `left ${bob.session.agent.name}`, `joined ${ann.session.agent.name}`], part);
		assert.deepEqual(ann.contacts.get(contactId).talk.map((f) => f.text).sort(), ['w1', 'w2'], part);
		assert.equal(JSON.stringify(customer.frames).includes('"w1"'), false);
		const { body } = await until('the history tells it', async () => {
			const kept = await get(`/services/OCPDataServices/contacts/${contactId}`, 'supervisor').catch(() => ({ body: {} }));
			return kept.body.disposition === 'Resolved' && kept;
		});
		assert.deepEqual(body.transcript.filter((item) => item.private).map((item) => item.text).sort(), ['w1', 'w2'], part);
		await nothingIsLeft();
		const { body: { items } } = await get('/services/UnifiedAgentController/agents', 'agent1');
		assert.deepEqual(items.map((agent) => [agent.id, agent.state]), [['agent1', 'Ready'], ['agent2', 'Ready']], `${part}: states`);
		t.diagnostic(`${part}: longest loss of a connection ${Math.max(ann.longestGap, bob.longestGap, customer.longestGap)} ms`);
		await goHome(ann, bob);
		customer.end();
	}
});
