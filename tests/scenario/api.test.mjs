/*
 * api.test.mjs — docs/api says what the server does: every route and frame is documented, every answer and frame
 * is as documented.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Agent, Customer, token } from './lib/chat.mjs';
import { makeBundle } from './lib/bundle.mjs';
import { makeRelease } from './lib/release.mjs';
import { build, run, startInstance, until } from './lib/instance.mjs';
import { joinHost } from './lib/join.mjs';
import { checker, resolve } from './lib/schema.mjs';

const root = new URL('../../', import.meta.url);
const load = async (path) => JSON.parse(await readFile(new URL(path, root), 'utf8'));
const openapi = await load('docs/api/openapi.json');
const asyncapi = await load('docs/api/asyncapi.json');
const manifests = await Promise.all([
	load('platform/manager/manifest.json'),
	...(await readdir(new URL('services', root), { withFileTypes: true }))
		.filter((entry) => entry.isDirectory() && entry.name !== 'test')
		.map(({ name }) => load(`services/${name}/manifest.json`)),
]);
const routes = manifests.flatMap((manifest) => manifest.routes);
const health = ['/healthz', '/readyz', '/metrics'].map((path) => ({ http: 'GET', path, auth: 'none' })); /* the edge's own */
const check = { openapi: checker(openapi), asyncapi: checker(asyncapi) };
const follow = (document, value) => (value.$ref ? resolve(document, value.$ref) : value);
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const BYTES = 'application/octet-stream';
const PROBLEM = 'application/problem+json';

const operations = Object.entries(openapi.paths).flatMap(([path, methods]) =>
	Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })));
const byId = Object.fromEntries(operations.map((operation) => [operation.operationId, operation]));

let pelago;
let kept; /* ids of a contact that has ended */

before(async () => {
	pelago = await startInstance({ demo: true });
});
after(() => pelago?.stop());

/* ---- the documents by themselves ---- */

test('openapi.json has the routes of all manifests, and no others', () => {
	const wanted = [...routes.filter((route) => route.http), ...health];
	const name = ({ http, method, path }) => `${http ?? method} ${path}`;
	assert.deepEqual(operations.map(name).sort(), wanted.map(name).sort());
	assert.equal(new Set(Object.keys(byId)).size, operations.length, 'operationIds are unique');
	for (const route of wanted) {
		const operation = operations.find((one) => name(one) === name(route));
		const params = (operation.parameters ?? []).map((parameter) => follow(openapi, parameter));
		assert.deepEqual([...operation['x-roles'] ?? []].sort(), [...route.roles ?? []].sort(), `roles of ${name(route)}`);
		assert.equal(operation.security === undefined, route.auth !== 'none', `security of ${name(route)}`);
		assert.deepEqual(params.filter((one) => one.in === 'path').map((one) => one.name), [...route.path.matchAll(/{(\w+)}/g)].map((m) => m[1]), `parameters of ${name(route)}`);
		if (operation.requestBody) assert.deepEqual(Object.keys(operation.requestBody.content), [{ form: FORM, blob: BYTES }[route.body] ?? JSON_TYPE], `body of ${name(route)}`);
		else assert.ok(route.http === 'GET' || route.body === 'none' || !route.maxBytes, `${name(route)} has a body`);
	}
});

test('schemas use no unknown keyword, and examples fit them', () => {
	for (const [name, document] of Object.entries({ openapi, asyncapi })) {
		for (const schema of Object.values(document.components.schemas)) check[name].keywords(schema);
		(function visit(value, path) {
			if (typeof value !== 'object' || value === null) return;
			if (typeof value.$ref === 'string') resolve(document, value.$ref);
			if (value.in && value.schema) check[name].keywords(value.schema);
			if (value.schema && 'example' in value) assert.deepEqual(check[name](value.schema, value.example), [], `example of ${path}`);
			if (value.schema && !value.in && !path.includes('/headers/') && path.includes('/content/')) assert.ok('example' in value, `${path} has no example`);
			if (value.payload?.$ref) {
				assert.ok(value.examples.length > 0, `${path} has no example`);
				for (const example of value.examples) assert.deepEqual(check[name](value.payload, example.payload), [], `example of ${path}`);
			}
			for (const [key, part] of Object.entries(value)) if (key !== 'examples' && key !== 'example') visit(part, `${path}/${key}`);
		})(document, name);
	}
});

test('the checker of schemas refuses what is wrong, and what it does not know', () => {
	const of = checker({ s: { type: 'string' } });
	for (const [schema, good, bad] of [
		[{ type: 'integer', minimum: 1, maximum: 3 }, [1, 3], [0, 4, 1.5, '1', null]],
		[{ type: ['string', 'null'] }, ['', null], [0, {}, []]],
		[{ type: 'object', required: ['a'], properties: { a: { const: 1 } } }, [{ a: 1, b: 2 }], [{}, { a: 2 }, []]],
		[{ type: 'object', properties: { a: {} }, additionalProperties: { type: 'string' } }, [{ a: 1, b: '' }], [{ b: 1 }]],
		[{ type: 'array', maxItems: 2, items: { $ref: '#/s' } }, [[], ['a']], [[1], ['a', 'b', 'c'], {}]],
		[{ enum: ['a', 1] }, ['a', 1], ['1', null]],
		[{ oneOf: [{ type: 'integer' }, { minimum: 5 }] }, [1, 5.5, 'x'], [5, 1.5]],
		[{ pattern: '^a+$', minLength: 2, maxLength: 3 }, ['aa', 7], ['a', 'aaaa', 'ab']],
	]) {
		for (const value of good) assert.deepEqual(of(schema, value), [], JSON.stringify([schema, value]));
		for (const value of bad) assert.notDeepEqual(of(schema, value), [], JSON.stringify([schema, value]));
	}
	assert.throws(() => of({ format: 'email' }, 'x'), /unknown keyword format/);
	assert.throws(() => of.keywords({ items: { properties: { a: { not: {} } } } }), /unknown keyword not/);
	assert.throws(() => of.keywords({ $ref: '#/t' }), /leads nowhere/);
	assert.throws(() => of.keywords({ oneOf: [{ type: 'text' }] }), /unknown type/);
});

/* ---- frames ---- */

/* Whose frames: 'customerSends' …; → the messages of that operation. */
const messagesOf = (operation) => asyncapi.operations[operation].messages.map((ref) => follow(asyncapi, resolve(asyncapi, ref.$ref)));
const seen = Object.fromEntries(Object.keys(asyncapi.operations).map((operation) => [operation, new Map()]));

function record(peer, who) {
	peers.push(peer);
	const keep = (operation) => (frame) => {
		if (!seen[operation].has(frame.type)) seen[operation].set(frame.type, []);
		seen[operation].get(frame.type).push(frame);
	};
	peer.on('sent', keep(`${who}Sends`));
	peer.on('received', keep(`${who}Gets`));
	return peer;
}

const peers = []; /* what a failed test leaves open would keep this process alive */
after(() => peers.forEach((peer) => peer.end()));

const agentOf = async (user, options) => {
	const agent = record(new Agent(pelago, user, await token(pelago, user), options), 'agent');
	await agent.until((a) => a.session, 'session');
	return agent;
};
const received = (peer, type, condition = () => true) => new Promise((found) => {
	peer.on('received', function look(frame) {
		if (frame.type !== type || !condition(frame)) return;
		peer.off('received', look);
		found(frame);
	});
});
/* Nonsense that a peer gets an error for; it isn't among the documented frames. */
async function spoil(peer, frame) {
	const had = peer.errors.length;
	peer.socket.send(JSON.stringify(frame));
	await peer.until((p) => p.errors.length > had, 'an error');
	return peer.errors.at(-1);
}

test('asyncapi.json has the frames of all manifests, and no others', () => {
	const sockets = routes.filter((route) => route.websocket);
	assert.deepEqual(Object.values(asyncapi.channels).map((channel) => channel.address).sort(), sockets.map((route) => route.websocket).sort());
	for (const { action, channel, messages } of Object.values(asyncapi.operations)) {
		if (action !== 'receive') continue;
		const { address } = resolve(asyncapi, channel.$ref);
		const served = messages.map((ref) => follow(asyncapi, resolve(asyncapi, ref.$ref))).filter((message) => !message['x-planned']);
		assert.deepEqual(served.map((message) => message.name).sort(), Object.keys(sockets.find((route) => route.websocket === address).frames).sort(), address);
	}
});

/* Agents get these while a chat ends, unless they are told of the end first; but transcripts hold them. */
const others = new Set(['survey', 'surveyed']);
/* What customers get only by chance: their own coming back, if the edge follows the chat again before it is told. */
const chance = new Set(['presence']);

/* CHN-1: a file each way; each side fetches the other's. */
async function exchangeFiles(customer, agent) {
	const { contactId, resumeToken } = customer;
	const own = { 'pelago-resume-token': resumeToken };
	const path = { contactId };
	const came = [received(customer, 'file'), received(agent, 'file')];
	const sending = { path, query: { name: 'order.txt', clientId: 'f1' }, body: 'two tents', type: 'text/plain', headers: own };
	const { value: sent } = await good('sendFile', sending);
	assert.deepEqual((await Promise.all(came)).map(({ file, seq }) => ({ ...file, seq })), [sent, sent]);
	assert.deepEqual((await good('sendFile', sending)).value, sent);
	const back = received(customer, 'file');
	await good('agentSendFile', { path, query: { name: 'offer.csv', clientId: 'f1' }, body: '1;2', type: 'text/csv', user: 'agent3' });
	assert.equal((await good('chatFile', { path: { contactId, fileId: (await back).file.id }, headers: own })).value, '1;2');
	const mine = { contactId, fileId: sent.id };
	assert.equal((await good('agentFile', { path: mine, user: 'agent3' })).value, 'two tents');
	kept = mine;

	await bad(401, 'unauthorized', 'sendFile', { ...sending, headers: {} });
	await bad(401, 'unauthorized', 'chatFile', { path: mine, headers: { 'pelago-resume-token': 'x' } });
	await bad(404, 'notFound', 'chatFile', { path: { contactId, fileId: 'x' }, headers: own });
	await bad(400, 'badRequest', 'sendFile', { ...sending, query: { name: 'a.txt' } });
	await bad(400, 'badRequest', 'sendFile', { ...sending, query: { name: 'a.txt', clientId: 'f2' }, body: undefined });
	await bad(413, 'tooLarge', 'sendFile', { ...sending, query: { name: 'a.txt', clientId: 'f2' }, body: 'x'.repeat(11 << 20) });
	await bad(415, 'badRequest', 'sendFile', { ...sending, query: { name: 'a.exe', clientId: 'f2' } });
	await bad(415, 'badRequest', 'agentSendFile', { path, query: { name: 'a.png', clientId: 'f2' }, body: 'GIF89a', type: 'image/png', user: 'agent3' });
	await bad(404, 'notFound', 'agentSendFile', { path, query: { name: 'a.txt', clientId: 'f2' }, body: 'x', user: 'agent5' });
	await bad(404, 'notFound', 'agentFile', { path: mine, user: 'agent5' });
}

test('every frame of a chat is as documented, and every documented frame comes', { timeout: 60000 }, async () => {
	const customer = record(new Customer(pelago, { name: 'Ann', email: 'ann@example.org', topic: 'sales', attributes: { Language: 'English' }, context: { basket: 'tent' } }), 'customer');
	const [first] = await Promise.all([agentOf('agent1'), customer.opened(), received(customer, 'queued')]);
	const { contactId } = customer;
	assert.equal((await spoil(customer, { type: 'nonsense' })).code, 'badRequest');
	assert.equal((await spoil(first, { type: 'transfer', contactId, to: { service: 'Sales' } })).code, 'unauthorized'); /* not this agent's */

	/* one rejects, another takes it */
	const started = received(first, 'state', (frame) => frame.working && frame.reason === 'startWork');
	first.send({ type: 'startWork' });
	await started;
	await first.ready();
	await first.until((a) => a.offers.has(contactId), 'an offer');
	first.send({ type: 'reject', contactId, offerId: first.offers.get(contactId).offerId });
	const second = await agentOf('agent2', { autoAccept: true });
	await Promise.all([received(customer, 'joined'), received(second, 'assigned'), second.ready()]);
	await second.until((a) => a.contacts.has(contactId), 'the contact');
	await customer.say('Is the tent waterproof?');
	await second.say(contactId, 'Up to 3,000 mm.');
	const typed = [received(customer, 'typing', (frame) => frame.from === 'agent'), received(second, 'typing', (frame) => frame.from === 'customer')];
	customer.send({ type: 'typing', on: true });
	second.send({ type: 'typing', contactId, on: true });
	await Promise.all(typed);

	/* the customer goes for a while */
	const away = received(second, 'presence', (frame) => frame.customer === 'away');
	customer.ended = true;
	customer.socket.terminate();
	await away;
	const back = received(second, 'presence', (frame) => frame.customer === 'connected');
	customer.ended = false;
	customer.connect();
	await back;

	/* the customer's connection is lost; the agent goes to another page, and logs out */
	const resumed = received(customer, 'resumed');
	customer.socket.terminate();
	await resumed;
	assert.equal((await spoil(customer, { type: 'resume', contactId, resumeToken: 'wrong', after: 0 })).code, 'unauthorized');
	second.ended = true;
	const replaced = received(second, 'replaced');
	const page = await agentOf('agent2');
	await replaced;
	assert.equal(page.session.contacts[0].state, 'active');
	page.ended = true;
	const left = [received(customer, 'left'), received(page, 'state', (frame) => frame.state === 'LoggedOut')];
	const pending = received(page, 'state', (frame) => frame.logoutPending);
	page.send({ type: 'logout' });
	await pending;
	page.send({ type: 'logout', force: true });
	await Promise.all(left);

	/* a third finishes it */
	const third = await agentOf('agent3', { autoAccept: true });
	await third.ready();
	await third.until((a) => a.contacts.has(contactId), 'the contact');

	/* asks a fourth, brings that one into the chat, shows a page */
	const fourth = await agentOf('agent4', { autoAccept: true });
	await fourth.ready();
	third.send({ type: 'consult', contactId, to: { user: 'agent4' }, note: 'may I?' });
	const { legId } = await received(third, 'consult', (frame) => frame.state === 'joined');
	await fourth.until((a) => a.contacts.has(legId), 'the consultation');
	await third.whisper(contactId, 'a discount of 10 %?');
	await fourth.until((a) => a.contacts.get(legId).talk.length === 1, 'what was said among agents');
	const inChat = received(third, 'joined');
	third.send({ type: 'conference', contactId, legId });
	await inChat;
	const shown = [received(customer, 'push'), received(third, 'push')];
	third.send({ type: 'push', contactId, clientId: 'p1', url: 'https://shop.example/tents', title: 'Tents' });
	await Promise.all(shown);
	await exchangeFiles(customer, third);
	fourth.socket.close();
	await received(fourth, 'session', (frame) => frame.contacts[0]?.leg === 'conference');
	const outOfChat = received(third, 'left');
	third.send({ type: 'release', contactId, legId });
	await outOfChat;
	/* hands it to the fourth, who gives it back */
	third.send({ type: 'transfer', contactId, to: { user: 'agent4' }, note: 'wants a discount' });
	await received(fourth, 'assigned', (frame) => frame.note?.text === 'wants a discount');
	fourth.send({ type: 'transfer', contactId, to: { user: 'agent3' } });
	await received(third, 'assigned');
	fourth.ended = true;
	const gone4 = received(fourth, 'state', (frame) => frame.state === 'LoggedOut');
	fourth.send({ type: 'logout' });
	await gone4;
	third.wanted = 'NotReady'; /* also after it comes back */
	third.send({ type: 'state', state: 'NotReady', reason: 'Break' });
	const wrapUp = received(third, 'closed', (frame) => frame.wrapUpSeconds !== undefined);
	third.send({ type: 'close', contactId, disposition: 'Resolved' });
	await wrapUp;
	await customer.until((c) => c.has('survey'), 'the survey');
	assert.equal((await spoil(customer, { type: 'survey', clientId: 's1', answers: { rating: 6 } })).code, 'badRequest');
	assert.equal((await spoil(customer, { type: 'survey', clientId: 's1', answers: 'good' })).code, 'badRequest');
	customer.send({ type: 'survey', clientId: 's1', answers: { rating: 5, comment: 'Quick.' } });
	await customer.until((c) => c.has('surveyed'), 'the answers are kept');
	const longer = received(third, 'wrapup');
	third.send({ type: 'extend', contactId });
	await longer;
	third.socket.close();
	await received(third, 'session', (frame) => frame.contacts[0]?.state === 'wrapup');
	third.send({ type: 'complete', contactId, disposition: 'Resolved' });

	/* another customer doesn't wait for the answer */
	const hasty = record(new Customer(pelago, { name: 'Ann', email: 'ann@example.org' }), 'customer');
	await hasty.opened();
	await first.until((a) => a.offers.has(hasty.contactId), 'an offer');
	first.socket.close();
	await received(first, 'session', (frame) => frame.contacts[0]?.state === 'offered');
	const withdrawn = received(first, 'withdrawn', (frame) => frame.contactId === hasty.contactId);
	hasty.send({ type: 'close' });
	assert.equal((await withdrawn).reason, 'customerLeft');

	first.ended = true;
	const out = received(first, 'state', (frame) => frame.state === 'LoggedOut');
	first.send({ type: 'logout' });
	await out;

	/* the edge goes away */
	const gone = [received(customer, 'reconnect'), received(third, 'reconnect')];
	process.kill((await pelago.processes()).edge, 'SIGTERM');
	await Promise.all(gone);
	for (const peer of [third, customer, hasty]) peer.end();

	for (const [operation, frames] of Object.entries(seen)) {
		const documented = messagesOf(operation).filter((message) => !message['x-planned']);
		const names = documented.map((message) => message.name);
		assert.deepEqual([...frames.keys()].filter((type) => !names.includes(type)), [], `${operation}: documented`);
		assert.deepEqual(names.filter((type) => !frames.has(type) && !(operation === 'agentGets' && others.has(type)) && !(operation === 'customerGets' && chance.has(type))), [], `${operation}: seen`);
		for (const { name, payload } of documented) {
			for (const frame of frames.get(name) ?? []) {
				assert.deepEqual(check.asyncapi(payload, frame), [], `${operation} ${JSON.stringify(frame)}`);
				assert.deepEqual(check.asyncapi(payload, { ...frame, later: [1] }), [], 'unknown members are allowed');
			}
		}
	}
});

/* ---- HTTP ---- */

const tokens = new Map();
const succeeded = new Set();

/* The edge may be on its way back from the restart that another test made. */
async function reached(url, options) {
	for (let left = 100; ; left--) {
		try {
			return await fetch(url, options);
		} catch (error) {
			if (left === 0) throw error;
			await sleep(100);
		}
	}
}

/* Makes a call; its answer must be one that the document has. */
async function call(id, { path = {}, query = {}, user, bearer, body, form, type, headers = {} } = {}) {
	const operation = byId[id];
	const url = new URL(operation.path.replace(/{(\w+)}/g, (_, name) => encodeURIComponent(path[name])), `http://127.0.0.1:${pelago.httpPort}`);
	for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
	if (user && !tokens.has(user)) tokens.set(user, await token(pelago, user));
	if (user) bearer = tokens.get(user);
	const answer = await reached(url, {
		method: operation.method,
		redirect: 'manual',
		headers: { ...(bearer && { authorization: `Bearer ${bearer}` }), ...(body && { 'content-type': type ?? JSON_TYPE }), ...headers },
		body: form ? new URLSearchParams(form) : body && (typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)),
	});
	const what = `${operation.method} ${url.pathname}${url.search}: ${answer.status}`;
	const text = await answer.text();
	assert.ok(operation.responses[answer.status], `${what} is not documented: ${text}`);
	const response = follow(openapi, operation.responses[answer.status]);
	const media = (answer.headers.get('content-type') ?? '').split(';')[0];
	for (const [name, header] of Object.entries(response.headers ?? {})) assert.deepEqual(check.openapi(header.schema, answer.headers.get(name)), [], `${what} ${name}`);
	if (!response.content) {
		assert.equal(text, '', what);
	} else {
		const documented = response.content[media] ?? response.content['*/*'];
		assert.ok(documented, `${what} ${media} is not documented`);
		const value = media.endsWith('json') ? JSON.parse(text) : text;
		assert.deepEqual(check.openapi(documented.schema, value), [], `${what} ${text}`);
		if (media === PROBLEM) assert.equal(value.status, answer.status, what);
		answer.value = value;
	}
	if (answer.status < 400) succeeded.add(id);
	else if (media !== JSON_TYPE) assert.equal(media, PROBLEM, what);
	return { status: answer.status, value: answer.value, headers: answer.headers, media };
}

async function good(id, options) {
	const answer = await call(id, options);
	assert.ok(answer.status < 400, `${id}: ${answer.status} ${JSON.stringify(answer.value)}`);
	return answer;
}

async function bad(status, error, id, options) {
	const { status: got, value, media } = await call(id, options);
	assert.deepEqual([got, media === PROBLEM ? value.code : value.error], [status, error], `${id} ${JSON.stringify(options)}`);
}

test('tokens: each grant, good and bad, is answered as documented', { timeout: 60000 }, async () => {
	const users = JSON.parse(await readFile(`${pelago.data}/demo-users.json`, 'utf8'));
	const login = { grant_type: 'password', username: 'agent1', password: users.agent1 };
	await until('the edge is back', () => call('readyz').then(({ status }) => status === 200, () => false));
	await until('tokens are given', async () => (await call('token', { form: login })).status === 200);

	const { value: got } = await good('token', { form: login });
	const { value: next } = await good('token', { form: { grant_type: 'refresh_token', refresh_token: got.refresh_token } });
	assert.notEqual(next.refresh_token, got.refresh_token);
	await bad(400, 'invalid_grant', 'token', { form: { ...login, password: 'wrong' } });
	await bad(400, 'invalid_grant', 'token', { form: { ...login, username: 'nobody' } });
	await bad(400, 'invalid_grant', 'token', { form: { grant_type: 'refresh_token', refresh_token: 'wrong' } });
	await bad(400, 'invalid_request', 'token', { form: { grant_type: 'password', username: 'agent1' } });
	await bad(400, 'invalid_request', 'token', {});
	await bad(400, 'unsupported_grant_type', 'token', { form: { grant_type: 'implicit' } });
	await bad(401, 'invalid_client', 'token', { form: { grant_type: 'client_credentials', client_id: 'x', client_secret: 'wrong' } });
	await bad(415, 'badRequest', 'token', { body: login });
	await bad(413, 'tooLarge', 'token', { form: { grant_type: 'x'.repeat(20000) } });

	const verifier = randomBytes(32).toString('base64url');
	const ask = {
		username: 'agent1', password: users.agent1, client_id: 'pelago-web', redirect_uri: '/workspaces/', state: 's',
		code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
	};
	const codeOf = async () => new URL((await good('authorize', { body: ask })).value.redirect, 'http://x').searchParams.get('code');
	const exchange = async (more) => ({ form: { grant_type: 'authorization_code', code: await codeOf(), client_id: 'pelago-web', redirect_uri: '/workspaces/', code_verifier: verifier, ...more } });
	await good('token', await exchange());
	await bad(400, 'invalid_grant', 'token', await exchange({ code_verifier: 'x'.repeat(43) }));
	await bad(400, 'invalid_grant', 'token', await exchange({ code: 'wrong' }));
	await bad(401, 'unauthorized', 'authorize', { body: { ...ask, password: 'wrong' } });
	await bad(400, 'badRequest', 'authorize', { body: { ...ask, redirect_uri: 'https://elsewhere.example/' } });
	await bad(400, 'badRequest', 'authorize', { body: '{"a":' });
	await bad(415, 'badRequest', 'authorize', { body: 'a', type: 'text/plain' });
	const { headers } = await good('authorizePage', { query: { client_id: 'pelago-web', state: 'a b' } });
	assert.equal(headers.get('location'), '/signin/?client_id=pelago-web&state=a%20b');
	await bad(400, 'badRequest', 'authorizePage', { query: { state: 'x'.repeat(600) } });

	await good('jwks');
	const introspect = async (one) => (await good('introspect', { user: 'admin', form: { token: one } })).value.active;
	assert.equal(await introspect(next.access_token), true);
	await good('revoke', { form: { token: next.refresh_token } });
	await good('revoke', { form: { token: 'unknown' } });
	assert.equal(await introspect(next.access_token), false);
	await bad(400, 'invalid_request', 'revoke', { form: { a: 'b' } });
	await bad(400, 'badRequest', 'introspect', { user: 'admin', form: { a: 'b' } });
	await bad(403, 'unauthorized', 'introspect', { user: 'agent1', form: { token: 'x' } });

	const guess = { form: { ...login, username: 'agent20', password: 'wrong' } };
	await until('agent20 is locked', async () => (await call('token', guess)).status === 429);
	await bad(429, 'temporarily_unavailable', 'token', guess);
	await bad(429, 'rateLimited', 'authorize', { body: { ...ask, username: 'agent20' } });
});

/* PLT-20 to 24 */
async function attributes() {
	const admin = (more) => ({ user: 'admin', ...more });
	const { value: { version } } = await good('attributes', admin({ query: { service: 'ucmservice', cluster: 'cluster1_cc', limit: 2 } }));
	const set = (value, expected) => admin({ body: { expected, note: 'a try', changes: [{ service: 'UCMService', attribute: 'offer time', value }] } });
	const { value: first } = await good('commitAttributes', set('30 s', version));
	assert.deepEqual(first.changes.map(({ level, key, was, became }) => [level, key, was, became]), [['global', 'offer_timeout_s', null, 30]]);
	await bad(409, 'conflict', 'commitAttributes', set(40, version));
	await bad(400, 'badRequest', 'commitAttributes', set(4000, first.version));
	await bad(400, 'badRequest', 'commitAttributes', admin({ body: { changes: [] } }));
	await bad(404, 'notFound', 'commitAttributes', admin({ body: { expected: 0, changes: [{ attribute: 'none', value: 1 }] } }));
	await bad(404, 'notFound', 'attributes', admin({ query: { cluster: 'none' } }));
	await bad(403, 'unauthorized', 'attributes', { user: 'supervisor' });
	await good('attributesHistory', admin({ query: { service: 'UCMService', attribute: 'Offer Time' } }));

	const gold = { name: 'Gold' };
	assert.equal((await good('makeProfile', admin({ body: { ...gold, title: 'The best' } }))).status, 201);
	await bad(409, 'conflict', 'makeProfile', admin({ body: { name: 'gold' } }));
	await good('makeProfile', admin({ body: { name: 'Silver & more' } }));
	await bad(400, 'badRequest', 'makeProfile', admin({ body: { name: 'a/b' } }));
	await good('changeProfile', admin({ path: gold, body: { title: 'The very best' } }));
	const inProfile = admin({ body: { expected: first.version, changes: [{ level: 'profile', place: 'Gold', service: 'UCMService', attribute: 'Offer Time', value: 50 }] } });
	await bad(409, 'conflict', 'commitAttributes', inProfile);
	const ucm = { ...gold, service: 'UCMService' };
	await good('setProfileService', admin({ path: ucm, body: { version: 'latest' } }));
	await good('commitAttributes', inProfile);
	const agent = { ...gold, kind: 'user', id: 'agent1' };
	await good('assignProfile', admin({ path: agent }));
	await good('assignProfile', admin({ path: { ...gold, kind: 'endpoint', id: '+49 30 1' } }));
	assert.deepEqual((await good('profile', admin({ path: gold }))).value.users, ['agent1']);
	await bad(409, 'conflict', 'deleteProfile', admin({ path: gold }));
	await good('unassignProfile', admin({ path: agent }));
	await bad(404, 'notFound', 'unassignProfile', admin({ path: agent }));
	await good('removeProfileService', admin({ path: ucm }));
	await bad(404, 'notFound', 'profile', admin({ path: { name: 'none' } }));
	await good('makeProfile', admin({ body: { name: 'Brass' } }));
	await good('deleteProfile', admin({ path: { name: 'Brass' } }));
	await good('profiles', admin());

	const { value: areas } = await good('solutionAttributes', admin({ query: { limit: 200 } }));
	assert.deepEqual(areas.items.find((one) => one.name === 'Audit Kept').targets.map((one) => one.service), ['AuthorizationService', 'ContextStore']);
	const { value: both } = await good('setSolutionAttributes', admin({ body: { expected: areas.version, changes: [{ area: 'Audit', name: 'Audit Kept', value: 14 }] } }));
	assert.deepEqual(both.changes.map((one) => [one.service, one.became]), [['AuthorizationService', 14], ['ContextStore', 14]]);
	await bad(404, 'notFound', 'setSolutionAttributes', admin({ body: { expected: both.version, changes: [{ area: 'Audit', name: 'none', value: 1 }] } }));
	const { value: file } = await good('exportSolution', admin());
	assert.equal(file.values.length, 2);
	await good('importSolution', admin({ body: { file } }));
	const { value: all } = await good('exportAttributes', admin());
	assert.equal(all.values.length, 4); /* Offer Time, Shutdown Mode, and the two */
	await bad(400, 'badRequest', 'importSolution', admin({ body: { file: all } }));
	await bad(409, 'conflict', 'importAttributes', admin({ body: { file: { ...all, format: 2 } } }));
	await good('importAttributes', admin({ body: { file: all, apply: true, expected: both.version } }));
	await good('revertAttributes', admin({ body: { to: version, expected: both.version } }));
	await bad(400, 'badRequest', 'revertAttributes', admin({ body: { to: 1000, expected: both.version } }));
}
/* PLT-10, 11, 12 */
test('bundles, installs and plans answer as documented', { timeout: 60000 }, async () => {
	const folder = await mkdtemp(join(tmpdir(), 'pelago-bundles-'));
	const maker = { key: join(build, 'bundles/development.key') };
	const bytes = await readFile(await makeBundle(folder, { name: 'Sample', cluster: 5 }, maker));
	const sending = { user: 'admin', body: bytes, type: 'application/zip' };
	await good('loadBundle', sending);
	await good('loadBundle', sending); /* again */
	await bad(409, 'conflict', 'loadBundle', { ...sending, body: bytes.subarray(0, 2000) });
	await bad(403, 'unauthorized', 'loadBundle', { ...sending, user: 'agent1' });
	assert.ok((await good('bundles', { user: 'admin' })).value.items.some((one) => one.name === 'Sample'));
	const path = { name: 'Sample', version: '0.1.0' };
	assert.equal((await good('preferBundle', { user: 'admin', path })).value.preferred, true);
	await bad(404, 'notFound', 'preferBundle', { user: 'admin', path: { ...path, version: '9.0.0' } });

	const services = [{ name: 'Sample' }];
	const shown = (await good('installServices', { user: 'admin', body: { services, dryRun: true } })).value;
	assert.equal(shown.state, 'planned');
	await bad(404, 'notFound', 'plan', { user: 'admin', path: { id: shown.id } });
	await bad(400, 'badRequest', 'installServices', { user: 'admin', body: { services: [] } });
	await bad(404, 'notFound', 'installServices', { user: 'admin', body: { services: [{ name: 'Nothing' }] } });
	const over = async (id, state) => until(`the plan is ${state}`, async () => (await good('plan', { user: 'admin', path: { id } })).value.state === state);
	const { id } = (await good('installServices', { user: 'admin', body: { services } })).value;
	await over(id, 'done');
	await bad(409, 'conflict', 'deleteBundle', { user: 'admin', path });
	await bad(409, 'conflict', 'resumePlan', { user: 'admin', path: { id } });
	await good('plans', { user: 'admin' });
	await good('services', { user: 'admin' });
	await good('uninstallServices', { user: 'admin', body: { services, dryRun: true } });
	const { id: second } = (await good('uninstallServices', { user: 'admin', body: { services, force: true, dropData: true } })).value;
	await over(second, 'done');
	await bad(409, 'conflict', 'undoPlan', { user: 'admin', path: { id: second } }); /* its database is gone */

	/* one that ends at once */
	const broken = await readFile(await makeBundle(folder, { name: 'Broken', cluster: 5, program: '#!/bin/false\n' }, maker));
	await good('loadBundle', { ...sending, body: broken });
	const { id: third } = (await good('installServices', { user: 'admin', body: { services: [{ name: 'Broken' }] } })).value;
	await over(third, 'failed');
	await good('resumePlan', { user: 'admin', path: { id: third } });
	await over(third, 'failed');
	await good('undoPlan', { user: 'admin', path: { id: third } });
	await over(third, 'undone');
	await good('deleteBundle', { user: 'admin', path });
	await good('deleteBundle', { user: 'admin', path: { name: 'Broken', version: '0.1.0' } });
	await rm(folder, { recursive: true });
});

/* UPG-1 */
test('releases answer as documented', { timeout: 60000 }, async () => {
	const folder = await mkdtemp(join(tmpdir(), 'pelago-releases-'));
	const maker = { key: join(build, 'bundles/development.key') };
	const bytes = await readFile(await makeRelease(folder, { version: '0.2.0' }, maker));
	const sending = { user: 'admin', body: bytes, type: 'application/zip' };
	assert.equal((await good('loadRelease', sending)).value.version, '0.2.0');
	await good('loadRelease', sending); /* again */
	await bad(409, 'conflict', 'loadRelease', { ...sending, body: bytes.subarray(0, 2000) });
	await bad(403, 'unauthorized', 'loadRelease', { ...sending, user: 'agent1' });
	for (const version of ['0.4.0', '0.3.0']) await good('loadRelease', { ...sending, body: await readFile(await makeRelease(folder, { version }, maker)) });
	assert.deepEqual((await good('releases', { user: 'admin' })).value.items.map((one) => one.version), ['0.2.0', '0.3.0', '0.4.0']);
	const path = { version: '0.2.0' };
	const { members, manifest } = (await good('release', { user: 'admin', path })).value;
	assert.deepEqual(members.map((one) => one.hash), [manifest.services[0].sha256, manifest.platform[0].sha256]);
	await bad(404, 'notFound', 'release', { user: 'admin', path: { version: '0.9.0' } });
	await good('deleteRelease', { user: 'admin', path });
	await bad(404, 'notFound', 'deleteRelease', { user: 'admin', path });
	await rm(folder, { recursive: true });
});

/* UPG-2, 5, 7, 9, 10, 62, 63: with programs that end at once, so that it is taken back; a whole one is told in upgrade.test.mjs */
test('upgrades answer as documented', { timeout: 60000 }, async () => {
	const folder = await mkdtemp(join(tmpdir(), 'pelago-upgrades-'));
	const none = { added: [], changed: [], removed: [] };
	const changes = { services: none, workflows: none, tasks: none, attributes: none, interfaces: { ...none, removed: ['GET /api/v1/clusters'] } };
	const bytes = await readFile(await makeRelease(folder, { version: '0.2.0', changes }, { key: join(build, 'bundles/development.key') }));
	assert.equal((await good('upgrade', { user: 'admin' })).value.state, 'none');
	await bad(404, 'notFound', 'upgradeReport', { user: 'admin' });
	await bad(404, 'notFound', 'upgradeReport', { user: 'admin', query: { version: '0.9.0' } });
	await bad(409, 'conflict', 'finalizeUpgrade', { user: 'admin' });
	await good('loadRelease', { user: 'admin', body: bytes, type: 'application/zip' });
	const wish = { version: '0.2.0', mode: 'rolling', configuration: 'DigitalOnly-100', options: ['Chat'] };
	const asked = (over) => ({ user: 'admin', body: { ...wish, ...over } });
	const result = async (key, over) => (await good('checkUpgrade', asked(over))).value.checks.find((one) => one.key === key).result;
	assert.equal(await result('release-notes'), 'inhibit');
	assert.equal(await result('options', { options: [] }), 'inhibit');
	assert.deepEqual((await good('checkUpgrade', asked({ options: null }))).value.options, ['Chat']);
	assert.equal(await result('draining', { mode: 'window' }), 'inhibit');
	await bad(400, 'badRequest', 'checkUpgrade', asked({ configuration: 'DigitalOnly-10' }));
	await bad(400, 'badRequest', 'checkUpgrade', asked({ options: ['Chatt'] }));
	await bad(400, 'badRequest', 'checkUpgrade', asked({ options: [1] }));
	await bad(400, 'badRequest', 'checkUpgrade', asked({ group: 2 }));
	await bad(400, 'badRequest', 'checkUpgrade', asked({ mode: 'fast' }));
	await bad(400, 'badRequest', 'checkUpgrade', asked({ clusters: { 1: 'Nowhere' } }));
	await bad(404, 'notFound', 'checkUpgrade', asked({ version: '0.9.0' }));
	assert.equal((await good('planUpgrade', asked())).value.state, 'planned');
	await good('clusters', { user: 'admin' });
	await until('this test was seen using what goes', async () => {
		const { value } = await good('upgradeReport', { user: 'admin', query: { version: '0.2.0' } });
		return value.interfaces[0].users.some(({ kind, user }) => kind === 'client' && user !== '');
	});
	await bad(409, 'conflict', 'runUpgrade', asked());
	await bad(400, 'badRequest', 'acknowledgeRelease', { user: 'admin', body: { version: 'new' } });
	await good('acknowledgeRelease', { user: 'admin', body: { version: '0.2.0' } });
	await bad(404, 'notFound', 'unprofileService', { user: 'admin', body: { profile: 'None', service: 'EngagementDesigner' } });
	const profile = { name: 'Upgraded', service: 'EngagementDesigner' };
	await good('makeProfile', { user: 'admin', body: { name: profile.name } });
	await good('setProfileService', { user: 'admin', path: profile, body: {} });
	assert.equal(await result('service-profiles', { mode: 'window' }), 'inhibit');
	await good('unprofileService', { user: 'admin', body: { profile: profile.name, service: profile.service } });
	assert.equal(await result('service-profiles', { mode: 'window' }), 'pass');
	await good('deleteProfile', { user: 'admin', path: { name: profile.name } });
	await until('nothing inhibits it', async () => (await good('checkUpgrade', asked())).value.inhibits === 0);
	await good('runUpgrade', asked());
	await good('resumeUpgrade', { user: 'admin' }); /* it goes on by itself */
	await good('rollBackUpgrade', { user: 'admin' });
	await until('it is taken back', async () => (await good('upgrade', { user: 'admin' })).value.state === 'undone');
	assert.equal((await good('upgradeReport', { user: 'admin' })).value.state, 'undone');
	await bad(409, 'conflict', 'resumeUpgrade', { user: 'admin' });
	await bad(409, 'conflict', 'rollBackUpgrade', { user: 'admin' });
	await bad(409, 'conflict', 'finalizeUpgrade', { user: 'admin' });
	await good('deleteRelease', { user: 'admin', path: { version: '0.2.0' } });
	await rm(folder, { recursive: true });
});

/* A version of `chat` on which nobody who waits has a place; one that is but called otherwise, to which they go and back. */
async function migrations() {
	const one = record(new Customer(pelago, { name: 'Dora' }), 'customer');
	await one.opened();
	await until('the contact waits', async () => (await call('decisions', { user: 'supervisor', path: one })).value.waiting);
	const as = { user: 'designer', path: { name: 'chat' } };
	const over = async ({ value: { id } }) => {
		await until('the migration is over', async () => (await good('migration', { user: 'designer', path: { id } })).value.endedMs);
		return (await good('migration', { user: 'designer', path: { id } })).value;
	};
	const { value: { xml } } = await good('workflow', { ...as, query: { version: 1 } });
	const bare = xml.replace(/<bpmn:process id="(\w+)"[^]*<\/bpmn:process>[^]*/, '<bpmn:process id="$1" isExecutable="true"><bpmn:startEvent id="S"/><bpmn:endEvent id="E"/>'
		+ '<bpmn:sequenceFlow id="F" sourceRef="S" targetRef="E"/></bpmn:process></bpmn:definitions>');
	for (const text of [bare, xml.replace('name="Chat"', 'name="Other"')]) await good('importWorkflow', { user: 'designer', body: { xml: text, name: 'chat', deploy: text !== bare } });
	const looked = await over(await good('migrate', { ...as, body: { from: 1, to: 2, dryRun: true } }));
	assert.ok(looked.stuck >= 2 && looked.stuck === looked.looked, JSON.stringify(looked));
	kept.migrationId = looked.id;
	await good('migrationInstances', { user: 'designer', path: looked });
	const moved = await over(await good('migrate', { ...as, body: { from: 1, to: 3 } }));
	assert.deepEqual([moved.state, moved.moved, moved.stuck], ['MOVED', looked.looked, 0]);
	assert.equal((await over(await good('undoMigration', { user: 'designer', path: moved }))).undone, moved.moved);
	await bad(409, 'conflict', 'undoMigration', { user: 'designer', path: moved });
	await bad(400, 'badRequest', 'migrate', { ...as, body: { from: 1, to: 1 } });
	await bad(404, 'notFound', 'migrate', { ...as, body: { from: 1, to: 99 } });
	await good('migrations', { user: 'designer', query: { workflow: 'chat', limit: 1 } });
	one.send({ type: 'close' });
	await one.until((c) => c.has('closed'), 'closed');
	one.end();
}

/* A workflow that a clock starts six times, each at once an incident; files of decisions. */
async function incidents() {
	const as = (more) => ({ user: 'designer', ...more });
	const xml = `<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:z="http://camunda.org/schema/zeebe/1.0" targetNamespace="x"><b:process id="job">
		<b:startEvent id="S"><b:timerEventDefinition><b:timeCycle>R6/PT0.1S</b:timeCycle></b:timerEventDefinition></b:startEvent>
		<b:serviceTask id="T"><b:extensionElements><z:taskDefinition type="ContextStore.get" retries="1"/></b:extensionElements></b:serviceTask>
		<b:endEvent id="E"/><b:sequenceFlow id="F" sourceRef="S" targetRef="T"/><b:sequenceFlow id="G" sourceRef="T" targetRef="E"/></b:process></b:definitions>`;
	await good('importWorkflow', as({ body: { xml, deploy: true } }));
	let items;
	await until('six can\'t go on', async () => (({ value: { items } } = await good('incidents', as())), items.length === 6));
	const ids = items.map(({ instanceId }) => instanceId);
	const { value: whole } = await good('instance', as({ path: { id: ids[0] } }));
	assert.deepEqual(whole.incidents.map(({ element, code, attempts }) => [element, code, attempts]), [['T', 'badInput', 1]]);
	assert.equal((await good('incidents', as({ query: { instanceId: ids[0] } }))).value.items.length, 1);
	await good('retryIncident', as({ path: { id: ids[0] } }));
	await good('skipIncident', as({ path: { id: ids[1] }, body: { token: items[1].token } }));
	await bad(409, 'conflict', 'skipIncident', as({ path: { id: ids[1] } }));
	await good('dropIncident', as({ path: { id: ids[2] } }));
	await good('cancelInstance', as({ path: { id: ids[3] } }));
	await bad(409, 'conflict', 'cancelInstance', as({ path: { id: ids[3] } }));
	const ended = await Promise.all(ids.map(async (id) => (await good('instance', as({ path: { id } }))).value.status));
	assert.deepEqual(ended, ['RUNNING', 'COMPLETED', 'COMPLETED', 'CANCELLED', 'RUNNING', 'RUNNING']);

	const dmn = (id) => `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="D" namespace="x"><decision id="${id}" name="${id}"><literalExpression><text>1</text></literalExpression></decision></definitions>`;
	for (const id of ['one', 'two']) await good('importDecision', as({ body: { xml: dmn(id), deploy: true } }));
	await bad(400, 'badRequest', 'importDecision', as({ body: { xml: '<a/>' } }));
	await good('decisionFiles', as({ query: { limit: 1 } }));
	assert.equal((await good('decisionFile', as({ path: { name: 'two' }, query: { version: 1 } }))).value.xml, dmn('two'));
}

test('each route answers as documented', { timeout: 60000 }, async () => {
	const { contactId } = kept;
	for (const id of ['healthz', 'readyz', 'metrics']) await good(id);
	for (const id of ['clusters', 'nodes', 'services']) await good(id, { user: 'admin' });
	await writeFile(`${pelago.data}/procs/alarms.json`, JSON.stringify({ alarms: [{ key: 'bus.frozen', subject: '', reason: 'tried' }] }));
	for (const name of ['one', 'two']) await good('setAlarmReceiver', { user: 'admin', path: { name }, body: { kind: 'webhook', url: 'http://127.0.0.1:9/', secret: 'a secret of some length', enabled: name === 'one' } });
	await bad(400, 'badRequest', 'setAlarmReceiver', { user: 'admin', path: { name: 'three' }, body: { kind: 'pigeon' } });
	await good('testAlarmReceiver', { user: 'admin', path: { name: 'one' } });
	await bad(409, 'conflict', 'testAlarmReceiver', { user: 'admin', path: { name: 'two' } });
	await good('alarmReceivers', { user: 'admin' });
	await good('setAlarmReceiver', { user: 'admin', path: { name: 'gone' }, body: { kind: 'snmp', address: 'nms.example', community: 'sea', enabled: false } });
	await good('removeAlarmReceiver', { user: 'admin', path: { name: 'gone' } });
	await until('there are alarms', async () => (await call('alarms', { user: 'supervisor', query: { state: 'raised' } })).value.items.length > 2);
	await bad(400, 'badRequest', 'alarms', { user: 'supervisor', query: { state: 'some' } });
	const [{ id: alarm }] = (await good('alarms', { user: 'supervisor' })).value.items;
	await good('acknowledgeAlarm', { user: 'admin', path: { id: alarm } });
	assert.equal((await good('alarm', { user: 'supervisor', path: { id: alarm } })).value.acknowledgedBy, 'admin');
	await good('replication', { user: 'admin' });
	await good('resyncNode', { user: 'admin', path: { node: 'node-common' } });
	assert.equal((await good('resyncNodes', { user: 'admin' })).value.nodes, 6);
	assert.equal((await good('runTests', { user: 'admin', body: { node: 'node-common', dryRun: true } })).value.state, 'planned');
	assert.equal((await good('runTests', { user: 'admin', body: { node: 'node-common' } })).value.count, 1);
	await bad(404, 'notFound', 'runTests', { user: 'admin', body: { node: 'none' } });
	await until('there are results', async () => (await call('tests', { user: 'admin', query: { node: 'node-common' } })).value.items.length > 2);
	await until('all have run', async () => (await call('testRuns', { user: 'admin' })).value.items.every((run) => run.state !== 'Running'));
	await good('setTestSchedule', { user: 'admin', body: { hours: 12 } });
	assert.equal((await good('testSchedule', { user: 'admin' })).value.hours, 12);
	await bad(400, 'badRequest', 'setTestSchedule', { user: 'admin', body: { hours: -1 } });
	await good('eventingBrokers', { user: 'admin' });
	await good('eventingDestinations', { user: 'admin', query: { limit: 1 } });
	await good('logs', { user: 'admin', query: { contact: contactId, limit: 1 } });
	await bad(400, 'badRequest', 'logs', { user: 'admin', query: { contact: '../x' } });
	await bad(400, 'badRequest', 'logs', { user: 'admin' });
	const name = 'Cluster5_Connectors';
	await good('cluster', { user: 'admin', path: { name } });
	assert.equal((await good('denyCluster', { user: 'admin', path: { name } })).value.state, 'Denying');
	assert.equal((await good('acceptCluster', { user: 'admin', path: { name } })).value.state, 'Accepting');
	const { value: trail } = await good('audit', { user: 'admin', query: { limit: 200 } });
	const mine = trail.items.filter((item) => !/^(plan|bundle|release|upgrade|profile)\./.test(item.action)); /* those are tried above */
	assert.deepEqual([mine.map((item) => item.action), trail.cursor], [['cluster.accept', 'cluster.deny', 'test.schedule', 'test.run', ...Array(2).fill('replication.resync'), 'alarm.acknowledge', 'alarm-receiver.remove', ...Array(3).fill('alarm-receiver.set')], null]);
	const { value: newest } = await good('audit', { user: 'admin', query: { limit: 1 } });
	const { value: older } = await good('audit', { user: 'admin', query: { limit: 1, cursor: newest.cursor } });
	assert.deepEqual([...newest.items, ...older.items], trail.items.slice(0, 2));

	const { value: some } = await good('users', { user: 'supervisor', query: { limit: 2 } });
	await good('users', { user: 'supervisor', query: { limit: 2, cursor: some.cursor, role: 'agent' } });
	await good('user', { user: 'supervisor', path: { id: 'agent1' } });
	await good('setUser', { user: 'admin', path: { id: 'new' }, body: { name: 'New', rank: 2, workSelection: 'skillLevel', roles: ['agent'], capacity: { total: 1 }, attributes: [{ name: 'Language.English', proficiency: 1 }], offerSeconds: 5 } });
	await bad(400, 'badRequest', 'setUser', { user: 'admin', path: { id: 'new' }, body: { roles: ['king'] } });

	const service = { kind: 'services', name: 'Returns & more' };
	await good('setResource', { user: 'admin', path: service, body: { priority: 3, overflow: { seconds: 60, service: 'Support' } } });
	await bad(400, 'badRequest', 'setResource', { user: 'admin', path: service, body: { hours: { week: { someday: [] } } } });
	await bad(404, 'notFound', 'resources', { user: 'admin', path: { kind: 'cars' } });
	await good('resource', { user: 'supervisor', path: service });
	await good('resources', { user: 'supervisor', path: { kind: 'texts' } });
	await good('deleteResource', { user: 'admin', path: service });
	await bad(404, 'notFound', 'resource', { user: 'admin', path: service });
	await good('desk', { user: 'agent1' });

	const path = { id: 'basket-1' };
	const entry = { data: { basket: 'tent' }, groupId: 'shop', aliasIds: ['b1'] };
	await good('createContext', { user: 'admin', query: { touchpoint: 'shop', lease: 60 }, body: { contextId: path.id, ...entry } });
	await bad(409, 'conflict', 'createContext', { user: 'admin', body: { contextId: path.id, ...entry } });
	await bad(413, 'tooLarge', 'createContext', { user: 'admin', body: { data: { text: 'x'.repeat(150000) } } });
	await good('updateContext', { user: 'admin', path, body: { data: { basket: null }, groupId: null } });
	await good('upsertContext', { user: 'admin', path, body: entry });
	await good('context', { user: 'admin', path: { id: 'b1' } });
	await good('contexts', { user: 'admin', query: { key: 'basket', value: 'tent', groupId: 'shop', limit: 1, since: 1 } });
	await good('contexts', { user: 'admin', query: { alias: 'b1', touchpoint: 'desk' } });
	await good('contextGroup', { user: 'admin', path: { group: 'shop' } });
	await good('setContextKey', { user: 'admin', path: { ...path, key: 'size' }, body: { value: 2 } });
	await good('contextKey', { user: 'admin', path: { ...path, key: 'size' } });
	await good('deleteContextKey', { user: 'admin', path: { ...path, key: 'size' } });
	await good('renewContext', { user: 'admin', path, query: { lease: 90 } });
	await good('updateContextByAlias', { user: 'admin', query: { alias: 'b1' }, body: { groupId: 7 } });
	await good('contextAudit', { user: 'admin', path, query: { limit: 2 } });
	await good('contextAuditOf', { user: 'admin', path });
	await good('createContext', { user: 'admin', body: { contextId: 5, aliasId: 'five' }, query: { rid: '0', rules: 'true', shortid: 'false' } });
	await bad(400, 'badRequest', 'createContext', { user: 'admin', body: {}, query: { shortid: 'maybe' } });
	await good('deleteContextByAlias', { user: 'admin', query: { alias: 'five' } });
	await bad(404, 'notFound', 'updateContext', { user: 'admin', path: { id: 'none' }, body: entry });
	for (const contextId of ['kept-1', 'kept-2']) for (const basket of ['tent', 'stove']) await good('upsertContext', { user: 'admin', path: { id: contextId }, body: { groupId: 'kept', data: { basket } } });
	await good('deleteContext', { user: 'admin', path });
	await bad(404, 'notFound', 'deleteContext', { user: 'admin', path });

	const subscriber = { user: 'admin', path: { id: 'crm' } };
	await good('setSubscription', { ...subscriber, body: { url: 'https://192.0.2.1/contexts', operations: ['delete'] } });
	await good('subscriptions', { user: 'admin' });
	await good('subscription', subscriber);
	await bad(400, 'badRequest', 'setSubscription', { ...subscriber, body: { url: 'file:///etc/passwd' } });
	await good('deleteSubscription', subscriber);

	await until('the history has the contact', async () => (await call('contactRecord', { user: 'supervisor', path: { id: contactId } })).value.disposition === 'Resolved');
	await good('recordFile', { user: 'supervisor', path: { id: contactId, fileId: kept.fileId } });
	await bad(404, 'notFound', 'recordFile', { user: 'agent1', path: { id: contactId, fileId: 'none' } });
	const { value: records } = await good('contactRecords', { user: 'supervisor', query: { limit: 1 } });
	await good('contactRecords', { user: 'supervisor', query: { cursor: records.cursor, state: 'closed', since: 1 } });
	await good('customerHistory', { user: 'supervisor', query: { customer: 'ann@example.org' } });
	await bad(404, 'notFound', 'customerHistory', { user: 'supervisor', query: { customer: 'none' } });
	await bad(400, 'badRequest', 'customerHistory', { user: 'supervisor' });
	await good('contactTranscript', { user: 'agent1', path: { id: contactId }, query: { limit: 1 } });
	const { value: found } = await good('customers', { user: 'agent1', query: { q: 'Ann', limit: 1 } });
	assert.equal(found.items[0].id, 'ann@example.org');
	await good('customers', { user: 'agent1' });
	const { value: other } = await good('makeCustomer', { user: 'agent1', body: { name: 'A. Lee', addresses: [{ kind: 'phone', value: '+49 30 1' }], attributes: { language: 'de' } } });
	await good('changeCustomer', { user: 'agent1', path: other, body: { name: 'Ann Lee', addAddresses: [{ kind: 'xmpp', value: 'ann@jab' }] } });
	await bad(409, 'conflict', 'makeCustomer', { user: 'agent1', body: { addresses: [{ kind: 'phone', value: '+49301' }] } });
	const ann = { user: 'supervisor', path: { id: 'ann@example.org' } };
	const { value: { mergeId } } = await good('mergeCustomers', { ...ann, body: { customer: other.id } });
	assert.equal((await good('customer', { user: 'agent1', path: other })).value.id, 'ann@example.org');
	await good('customerContacts', { user: 'agent1', path: other, query: { limit: 1 } });
	await good('splitCustomers', { ...ann, body: { mergeId } });
	await bad(409, 'conflict', 'splitCustomers', { ...ann, body: { mergeId } });
	await good('exportCustomer', ann);
	await good('exportCustomer', { ...ann, query: { cursor: '["known",""]' } });
	await bad(400, 'badRequest', 'exportCustomer', { ...ann, query: { cursor: 'x' } });
	const { value: { erasureId } } = await good('eraseCustomer', { user: 'admin', path: other });
	await until('the erasure is done', async () => (await good('erasure', { user: 'supervisor', path: { id: erasureId } })).value.state === 'done');
	await bad(404, 'notFound', 'customer', { user: 'agent1', path: other });
	const { value: contacts } = await good('contacts', { user: 'supervisor', query: { limit: 1 } });
	await good('contacts', { user: 'supervisor', query: { cursor: contacts.cursor, state: 'ended' } });
	await good('contact', { user: 'supervisor', path: { contactId } });
	await good('agents', { user: 'agent4', query: { limit: 1 } });
	await bad(400, 'badRequest', 'agents', { user: 'supervisor', query: { limit: 'x' } });
	assert.equal((await good('setShutdown', { user: 'supervisor', body: { on: true } })).value.by, 'supervisor');
	assert.equal((await good('setShutdown', { user: 'admin', body: { on: false } })).value.on, false);
	await bad(400, 'badRequest', 'setShutdown', { user: 'admin', body: { on: 'yes' } });
	assert.equal((await good('closeAll', { user: 'admin' })).status, 202);
	await until('all chats are closed', async () => (await good('shutdown', { user: 'supervisor' })).value.closeAll.state === 'done');
	await good('queues', { user: 'supervisor' });
	const { value: why } = await good('decisions', { user: 'supervisor', path: { contactId } });
	assert.equal(why.items.length, 5); /* rejected, logged out, had, transferred, back */
	const waiting = record(new Customer(pelago, { name: 'Cid' }), 'customer'); /* nobody is ready */
	await waiting.opened();
	await until('the contact waits', async () => (await call('decisions', { user: 'supervisor', path: waiting })).value.waiting);
	await good('queues', { user: 'supervisor' });
	await good('contact', { user: 'supervisor', path: waiting });
	const { value: running } = await good('instances', { user: 'designer', query: { contactId: waiting.contactId } });
	await good('instance', { user: 'designer', path: running.items[0] });
	await migrations();
	waiting.send({ type: 'close' });
	await waiting.until((c) => c.has('closed'), 'closed');
	waiting.end();

	const { value: page } = await good('instances', { user: 'designer', query: { limit: 1 } });
	await good('instances', { user: 'designer', query: { cursor: page.cursor, workflow: 'chat' } });
	const { value: ended } = await good('instances', { user: 'designer', query: { contactId } });
	await good('instance', { user: 'designer', path: ended.items[0] });
	await good('workflows', { user: 'designer', query: { limit: 1 } });
	const { value: workflow } = await good('workflow', { user: 'designer', path: { name: 'chat' }, query: { version: 1 } });
	await good('importWorkflow', { user: 'designer', body: { xml: workflow.xml, name: 'copy', deploy: true } });
	await bad(400, 'badRequest', 'importWorkflow', { user: 'designer', body: { xml: '<a/>' } });
	await good('rules', { user: 'designer' });
	await events();
	await incidents();

	await attributes();
});

/* EDR-15: the catalogue of events, an event of another system, and the rule that it meets */
async function events() {
	const designer = (more) => ({ user: 'designer', ...more });
	const [family, type, name] = ['Orders', 'DELAYED', 'Orders.DELAYED'];
	const schema = { type: 'object', required: ['order'], properties: { order: { type: 'string' } } };
	await good('registerEventType', designer({ body: { family, type, version: 1, title: 'Late', schema } }));
	await bad(409, 'conflict', 'registerEventType', designer({ body: { family, type, version: 1, schema: {} } }));
	await bad(400, 'badRequest', 'registerEventType', designer({ body: { family, type, version: 2, schema: { if: {} } } }));
	await good('eventTypes', designer());
	await good('eventType', designer({ path: { name } }));

	const body = { event: name, workflow: 'copy', filters: [{ path: 'event.payload.order', is: 'startsWith', value: '47' }] };
	const { value: rule } = await good('addRule', designer({ body }));
	await bad(400, 'badRequest', 'addRule', designer({ body: { ...body, filters: [{ path: 'event.key', is: 'like' }] } }));
	assert.equal((await good('setRule', designer({ path: rule, body: { ...body, enabled: false } }))).value.enabled, false);
	await bad(404, 'notFound', 'setRule', designer({ path: { id: 'none' }, body }));
	await good('rules', designer());

	const event = { family, type, id: '1', payload: { order: '12' } };
	const { value: taken } = await good('postEvent', designer({ body: event }));
	const { value: again } = await good('postEvent', designer({ body: event }));
	assert.deepEqual([again.eventId, again.repeated], [taken.eventId, true]);
	await good('postedEvent', designer({ path: { id: taken.eventId } }));
	await bad(409, 'conflict', 'postEvent', designer({ body: { ...event, key: 'k' } }));
	await bad(400, 'badRequest', 'postEvent', designer({ body: { ...event, id: '2', payload: { order: 12 } } }));
	await bad(404, 'notFound', 'postEvent', designer({ body: { ...event, id: '2', type: 'NONE' } }));
	await bad(413, 'tooLarge', 'postEvent', designer({ body: { ...event, id: '2', payload: { order: 'x'.repeat(70000) } } }));

	await good('deleteRule', designer({ path: rule }));
	await bad(404, 'notFound', 'deleteRule', designer({ path: rule }));
	assert.equal((await good('withdrawEventType', designer({ path: { name }, body: { version: 1 } }))).value.rules, 0);
	await bad(409, 'conflict', 'postEvent', designer({ body: { ...event, id: '2' } }));
}

/* ---- lists ---- */

const schemaOf = ({ responses }) => responses[200]?.content?.[JSON_TYPE]?.schema;
const isList = (operation) => schemaOf(operation) && 'items' in (follow(openapi, schemaOf(operation)).properties ?? {});
const isFew = ({ operationId }) => operationId === 'subscriptions'; /* at most five, on one page */
const isEither = ({ operationId }) => operationId === 'contexts'; /* a list, or with `alias` one context: as its clients know it */
const isBundle = ({ operationId }) => operationId === 'exportCustomer'; /* of several kinds and services, in pages by their bytes */
const lists = operations.filter((operation) => (isList(operation) && !isBundle(operation) && !isFew(operation)) || isEither(operation));
const byStandard = ['jwks', 'introspect', 'token']; /* RFC 7517, 7662, 6749 */
const composed = ['desk']; /* several lists at once */

test('all lists are documented alike, and all single items are bare', () => {
	assert.equal(lists.length, 43);
	for (const operation of operations.filter((one) => schemaOf(one) && !isEither(one) && !isFew(one) && !isBundle(one) && !byStandard.includes(one.operationId))) {
		const { operationId: id, parameters = [] } = operation;
		const { type, required, properties } = follow(openapi, schemaOf(operation));
		const named = Object.fromEntries(parameters.map((one) => [follow(openapi, one).name, one.$ref]));
		const wanted = isList(operation) ? ['#/components/parameters/limit', '#/components/parameters/cursor'] : [undefined, undefined];
		assert.equal(type, 'object', id);
		assert.deepEqual([named.limit, named.cursor], wanted, id);
		if (isList(operation)) {
			assert.deepEqual(required.slice(0, 2), ['items', 'cursor'], id);
			assert.deepEqual([properties.items.type, properties.cursor.$ref], ['array', '#/components/schemas/Cursor'], id);
		} else if (!composed.includes(id)) {
			const first = Object.keys(properties ?? {})[0];
			assert.ok(!first || !['object', 'array'].includes(follow(openapi, properties[first]).type), `${id} is wrapped in ${first}`);
		}
	}
});

/* What a list of the instance is asked with; those who may. */
const asked = (operation) => ({
	user: operation['x-roles'].includes('supervisor') ? 'supervisor' : 'admin',
	path: { ...kept, kind: 'reasons', id: { contactTranscript: kept.contactId, customerContacts: 'ann@example.org', migrationInstances: kept.migrationId }[operation.operationId] ?? 'kept-1', group: 'kept' },
	query: { customerHistory: { customer: 'ann@example.org' }, logs: { contact: kept.contactId } }[operation.operationId] ?? {},
});
const page = async ({ operationId: id, ...operation }, query) => {
	const { query: always, ...who } = asked({ operationId: id, ...operation });
	return (await good(id, { ...who, query: { ...always, ...query } })).value;
};
const idOf = ({ at, text, kind, subject, consumer, test, node, id, offerId, contactId, instanceId, name, version, service, channel, code, seq }) => JSON.stringify([at, text, kind, subject, consumer, test, node, id, offerId, contactId, instanceId, name, version, service, channel, code, seq]);

test('each list is paged through item by item', { timeout: 60000 }, async () => {
	const someone = await agentOf('agent5');
	after(() => someone.end());
	const ids = ({ items }) => items.map(idOf);
	for (const operation of lists) {
		const { operationId: id } = operation;
		let whole, found;
		/* of a list that changes meanwhile, as alarms do, once more */
		do {
			whole = await page(operation, { limit: 200 });
			assert.equal(whole.cursor, null, id);
			assert.ok(whole.items.length > (['rules', 'agents', 'eventingBrokers'].includes(id) ? 0 : 1), `${id} has ${whole.items.length}`);
			found = [];
			for (let cursor; cursor !== null;) {
				const part = await page(operation, { limit: 1, ...(cursor && { cursor }) });
				assert.equal(part.items.length, 1, id);
				found.push(...part.items);
				({ cursor } = part);
				assert.ok(found.length <= whole.items.length + 10, `${id} has an end`);
			}
		} while (!isDeepStrictEqual(ids(await page(operation, { cursor: '', limit: 200 })), ids(whole)));
		assert.deepEqual(found.map(idOf), ids(whole), id);
		assert.deepEqual(ids(await page(operation, { cursor: '', limit: whole.items.length })), ids(whole), id);
	}
});

test('a cursor goes on where it was when rows come', async () => {
	const add = (id) => good('setUser', { user: 'admin', path: { id }, body: { name: id, roles: ['agent'], attributes: [] } });
	const all = (await page(byId.users, { limit: 200 })).items.map((user) => user.id);
	const first = await page(byId.users, { limit: 3 });
	await add('aaa');
	await add('zzz');
	const rest = await page(byId.users, { limit: 200, cursor: first.cursor });
	assert.deepEqual([...first.items, ...rest.items].map((user) => user.id), [...all, 'zzz']);
});

test('a hostile limit or cursor is refused on each list, with the reason', { timeout: 120000 }, async () => {
	const cursors = {};
	for (const operation of lists) cursors[operation.operationId] = (await page(operation, { limit: 1 })).cursor ?? `${operation.operationId}:x`;
	await Promise.all(lists.map(async (operation) => {
		const { operationId: id } = operation;
		const { query, ...who } = asked(operation);
		const refused = async (more, reason) => {
			const { status, value } = await call(id, { ...who, query: { ...query, ...more } });
			assert.deepEqual([status, value.code], [400, 'badRequest'], `${id} ${JSON.stringify(more)} ${JSON.stringify(value)}`);
			assert.match(value.detail, reason, id);
		};
		for (const limit of ['0', '-1', '201', '99999999999999999999', '1.5', '1e2', '0x1', ' 1', '1 ', '+1', 'many', '']) await refused({ limit }, /^limit: must be /);
		const [name] = cursors[id].split(':');
		const at = (key) => `${name}:${Buffer.from(key).toString('base64url')}`;
		const others = Object.values(cursors).filter((cursor) => !cursor.startsWith(`${name}:`));
		for (const cursor of [name, `${name}:`, `${name}:\n`, `${name}:😀`, `${name}:a=`, at('a\0b'), at([0xff]), at('x'.repeat(1200)), 'x', ':', "' or 1=1 --", 'x'.repeat(1500), ...others]) await refused({ cursor }, /^cursor: /);
		await refused({ cursor: 'x'.repeat(2500) }, /^query: a part is longer than 2047 bytes/);
		/* a place that no item has is a place nevertheless; where it can't be one it is refused */
		for (const odd of ["' or 1=1 --", '%', '\n\x01', '9'.repeat(400), '\u{10ffff}', '1:', '1:😀', '-9223372036854775808:']) {
			const { status, value } = await call(id, { ...who, query: { ...query, cursor: at(odd) } });
			if (status !== 200) assert.deepEqual([status, value.detail], [400, 'cursor: not one of this list'], `${id} ${odd}`);
		}
	}));
});

/* A public key as nats-server writes it: base32 of prefix, key and CRC-16/XMODEM. */
function busKey() {
	const raw = Buffer.concat([Buffer.from([160]), randomBytes(32)]);
	let crc = 0;
	for (const byte of raw) {
		crc ^= byte << 8;
		for (let i = 0; i < 8; i++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
	}
	const bits = [...raw, crc & 255, crc >> 8].map((byte) => byte.toString(2).padStart(8, '0')).join('');
	return bits.match(/.{5}/g).map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[parseInt(five, 2)]).join('');
}

async function certificateRequest() {
	const { status, stdout, stderr } = await run('openssl', ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=x', '-keyout', '/dev/null', '-out', '-']);
	assert.equal(status, 0, stderr);
	return stdout.slice(stdout.indexOf('-----BEGIN CERTIFICATE REQUEST'));
}

test('PLT-3: clusters, nodes, joining and the solution are answered as documented', { timeout: 60000 }, async () => {
	const admin = (more) => ({ user: 'admin', ...more });
	const name = 'Cluster4_CoBrowse';
	const node = 'node-cobrowse';
	const { value: authority } = await good('authority');
	const newToken = async (minutes) => (await good('joinToken', admin({ path: { name }, body: { minutes } }))).value.token.split(',')[1];
	const version = (await good('nodes', admin())).value.items[0].version;
	const wish = { secret: await newToken(5), version, bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
		request: await certificateRequest(), addresses: ['192.0.2.9'], keys: { node: busKey(), ContextStore: busKey() } };
	for (const [status, code, change] of [
		[400, 'badRequest', { request: 'x' }],
		[400, 'badRequest', { addresses: ['a b'] }],
		[400, 'badRequest', { addresses: Array(9).fill('a') }],
		[400, 'badRequest', { keys: {} }],
		[400, 'badRequest', { keys: { node: wish.keys.node.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A')) } }],
		[400, 'badRequest', { keys: { node: 'U" } #' } }],
		[400, 'badRequest', { keys: { node: wish.keys.node, edge: wish.keys.node } }],
		[400, 'badRequest', { secret: undefined }],
		[403, 'unauthorized', { secret: 'wrong' }],
		[409, 'conflict', { version: '999.0.0' }],
	]) await bad(status, code, 'join', { body: { ...wish, ...change } });
	const own = /# edge\n\s*nkey: (U\w+)/.exec(await readFile(`${pelago.data}/bus/nats.conf`, 'utf8'))[1];
	await bad(409, 'conflict', 'join', { body: { ...wish, keys: { node: own } } });
	const { value: joined } = await good('join', { body: wish });
	assert.equal(joined.authority, authority.pem);
	assert.deepEqual([joined.node, joined.cluster], [`${node}-2`, name]);
	assert.equal((await good('join', { body: wish })).value.node, joined.node, 'an answer that was lost');
	await bad(403, 'unauthorized', 'join', { body: { ...wish, keys: { node: busKey() } } });
	await bad(409, 'conflict', 'drainNode', admin({ path: { name: node } }));
	await bad(409, 'conflict', 'restartNode', admin({ path: { name: joined.node } }));
	await good('removeNode', admin({ path: { name: joined.node } }));

	const host = await joinHost(pelago, name);
	await until('it is stable', async () => (await good('nodes', admin())).value.items.some((one) => one.name === host.node && one.state === 'Stable'));
	assert.equal((await good('drainNode', admin({ path: { name: node } }))).value.draining, true);
	await bad(409, 'conflict', 'drainNode', admin({ path: { name: host.node } }));
	assert.equal((await good('acceptNode', admin({ path: { name: node } }))).value.draining, false);
	assert.equal((await good('restartNode', admin({ path: { name: host.node }, body: { dryRun: true } }))).value.state, 'planned');
	assert.equal((await good('restartNode', admin({ path: { name: host.node } }))).value.state, 'running');
	await bad(409, 'conflict', 'restartCluster', admin({ path: { name }, body: { together: true } }));
	const hasRestarted = async () => (await good('plans', admin({ query: { kind: 'restart' } }))).value.items[0].state === 'done';
	await until('it has restarted', hasRestarted);
	await good('restartCluster', admin({ path: { name }, body: { together: true } }));
	await until('they have restarted', hasRestarted);
	assert.equal((await good('addressCluster', admin({ path: { name }, body: { address: 'contact.example.org' } }))).value.address, 'contact.example.org');
	for (const address of ['a b', '-a.example', 'a..b', '1.2.3', '127.0.0.1', 'localhost', `${'a'.repeat(64)}.example`, ':::'])
		await bad(400, 'badRequest', 'addressCluster', admin({ path: { name }, body: { address } }));
	await bad(409, 'conflict', 'addressCluster', admin({ path: { name }, body: { address: node } }));
	await bad(409, 'conflict', 'addressCluster', admin({ path: { name: 'provisioning' }, body: { address: 'CONTACT.example.org' } }));
	for (const address of ['2001:db8::7', '']) assert.equal((await good('addressCluster', admin({ path: { name }, body: { address } }))).value.address, address);
	await good('certificates', admin());
	assert.equal((await good('renewCertificates', admin({ body: { cluster: name, dryRun: true } }))).value.state, 'planned');
	await bad(404, 'notFound', 'renewCertificates', admin({ body: { cluster: 'None' } }));
	await bad(400, 'badRequest', 'renewCertificates', admin({ body: { cluster: name, node } }));
	const { id } = (await good('renewCertificates', admin({ body: { cluster: name } }))).value;
	await until('they are renewed', async () => (await good('plan', admin({ path: { id } }))).value.state === 'done');
	await host.stop();

	await good('renameCluster', admin({ path: { name }, body: { name: 'Browsing' } }));
	await bad(400, 'badRequest', 'renameCluster', admin({ path: { name: 'browsing' }, body: { name: 'a/b' } }));
	await bad(409, 'conflict', 'renameCluster', admin({ path: { name: 'browsing' }, body: { name: 'provisioning' } }));
	await bad(400, 'badRequest', 'joinToken', admin({ path: { name: 'browsing' }, body: { minutes: 1441 } }));
	assert.equal((await good('setSite', admin({ body: { mode: 'Deny' } }))).value.site, 'Deny');
	await bad(400, 'badRequest', 'setSite', admin({ body: { mode: 'Off' } }));
	assert.equal((await good('setSite', admin({ body: { mode: 'Active' } }))).value.site, 'Active');
	await good('stopSolution', admin());
	await good('startSolution', admin());
	await until('it has started', async () => (await good('solution', { user: 'admin' }).catch(() => ({ value: {} }))).value.state === 'Started');
});

test('PLT-33: an optional service answers where it is installed', { timeout: 60000 }, async () => {
	await bad(404, 'notFound', 'packetMetrics', { user: 'admin' });
	const { id } = (await good('installServices', { user: 'admin', body: { services: [{ name: 'PacketMetric' }] } })).value;
	await until('it is installed', async () => (await good('plan', { user: 'admin', path: { id } })).value.state === 'done');
	await until('its route is there', async () => (await call('packetMetrics', { user: 'admin' })).status === 200);
	assert.match((await good('packetMetrics', { user: 'admin' })).value, /^# TYPE packet_interface_received_bytes_total counter$/m);
});

test('who may not, what is not there and what is malformed is refused with a problem, on each route', async () => {
	const roles = { admin: 'administrator', supervisor: 'supervisor', designer: 'designer', agent1: 'agent' };
	const everybodys = []; /* what all users of the demo may */
	for (const { operationId: id, 'x-roles': allowed, parameters = [], requestBody, method } of operations) {
		const params = parameters.map((parameter) => follow(openapi, parameter));
		const path = Object.fromEntries(params.filter((one) => one.in === 'path').map((one) => [one.name, 'none']));
		const query = Object.fromEntries(params.filter((one) => one.in === 'query' && one.required).map((one) => [one.name, 'none']));
		if (allowed) {
			const able = Object.keys(roles).find((user) => allowed.includes(roles[user]));
			await bad(401, 'unauthorized', id, { path, query });
			await bad(401, 'unauthorized', id, { path, query, bearer: 'x.y.z' });
			const other = Object.keys(roles).find((user) => !allowed.includes(roles[user]));
			if (other) await bad(403, 'unauthorized', id, { path, query, user: other });
			else everybodys.push(id);
			if (Object.keys(path).length > 0 && !requestBody) await bad(404, 'notFound', id, { path, query, user: able });
			if (params.some((one) => one.name === 'limit')) await bad(400, 'badRequest', id, { path, query: { ...query, limit: 'many' }, user: able });
			if (requestBody?.content[JSON_TYPE]) {
				await bad(400, 'badRequest', id, { path, query, user: able, body: '[' });
				await bad(415, 'badRequest', id, { path, query, user: able, body: 'x', type: 'text/plain' });
			}
		}
		if (method === 'GET') {
			const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}${byId[id].path.replace(/{\w+}/, 'none')}`, { method: 'PATCH' });
			assert.ok([404, 405].includes(answer.status), `PATCH ${id}: ${answer.status}`);
			assert.equal(answer.headers.get('content-type'), PROBLEM);
			assert.deepEqual(check.openapi(openapi.components.schemas.Problem, await answer.json()), []);
		}
	}
	assert.deepEqual(everybodys, ['context']);
});

test('each route was asked, and answered', () => {
	const elsewhere = ['finalizeUpgrade']; /* of one that was done: upgrade.test.mjs */
	assert.deepEqual(Object.keys(byId).filter((id) => !succeeded.has(id)), elsewhere);
});
