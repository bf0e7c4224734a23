/*
 * files.test.mjs — files in chats: sent, seen by the other side, fetched, kept in the history; through kills
 * of the store and the edge.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, Customer, token } from './lib/chat.mjs';
import { startInstance, until } from './lib/instance.mjs';

const MiB = 1 << 20;
let pelago;

before(async () => { pelago = await startInstance({ demo: true }); });
after(() => pelago?.stop());

const base = () => `http://127.0.0.1:${pelago.httpPort}/services`;
/* A PDF by its first bytes, otherwise any. */
const pdf = (size, seed) => Buffer.concat([Buffer.from('%PDF-1.7\n'),
	createHash('shake256', { outputLength: size - 9 }).update(seed).digest()]);

/* What a customer or an agent sends: the answer's status and body. */
async function send(who, bytes, { name = 'scan.pdf', clientId = randomUUID() } = {}) {
	const answer = await fetch(`${base()}/${who.files}?${new URLSearchParams({ name, clientId })}`,
		{ method: 'POST', body: bytes, headers: { ...who.headers, 'content-type': 'application/x-whatever' } });
	return { status: answer.status, ...await answer.json() };
}

/* As a page does it: again under the same clientId until there is an answer. */
async function sendOn(who, bytes, options) {
	for (let left = 100; ; left--) {
		const sent = await send(who, bytes, options).catch(() => ({ status: 0 }));
		if (sent.status && sent.status < 500) return sent;
		assert.ok(left > 0, JSON.stringify(sent));
		await sleep(100);
	}
}

async function fetchFile(who, id, options) {
	return fetch(`${base()}/${who.files}/${id}`, { headers: who.headers, ...options });
}

async function bytesOf(answer) {
	assert.equal(answer.status, 200, await (answer.ok ? '' : answer.text()));
	return Buffer.from(await answer.arrayBuffer());
}

/* A chat with an agent in it; each side as it sends and fetches. */
async function chat(user, name = 'Ann') {
	const agent = new Agent(pelago, user, await token(pelago, user), { autoAccept: true });
	const customer = new Customer(pelago, { name, email: `${randomUUID()}@example.org`, topic: 'sales' });
	await customer.opened();
	const { contactId } = customer;
	const mine = { files: `CustomerControllerService/contacts/${contactId}/files`, headers: { 'Pelago-Resume-Token': customer.resumeToken } };
	await agent.until((a) => a.session, 'a session');
	await agent.ready();
	await agent.until((a) => a.contacts.has(contactId), 'the contact');
	const theirs = { files: `AgentControllerService/contacts/${contactId}/files`, headers: { Authorization: `Bearer ${await token(pelago, user)}` } };
	return { agent, customer, contactId, mine, theirs };
}

async function endChat({ agent, customer, contactId }) {
	agent.send({ type: 'close', contactId, disposition: 'Resolved' });
	await customer.until((c) => c.has('closed'), 'the end');
	agent.send({ type: 'complete', contactId, disposition: 'Resolved' });
	agent.send({ type: 'logout', force: true });
	await sleep(50);
	agent.end();
	customer.end();
}

const shown = (peer, id) => peer.frames.filter((frame) => frame.type === 'file' && frame.file.id === id);

/* CHN-1 */
test('a file goes from each side to the other, and stays in the history', { timeout: 60000 }, async () => {
	const all = await chat('agent1');
	const { customer, contactId, mine, theirs } = all;
	const allowed = customer.frames[0].files;
	assert.equal(allowed.maxBytes, 10 * MiB);
	assert.ok(allowed.types.includes('.pdf'));
	const scan = pdf(3 * MiB + 1, 'a');
	const sent = await send(mine, scan, { name: '../Rechnung für\u202e Ännchen.pdf', clientId: 'f1' });
	assert.deepEqual([sent.status, sent.name, sent.size, sent.type], [201, 'Rechnung für Ännchen.pdf', scan.length, 'application/pdf']);
	await customer.until((c) => shown(c, sent.id).length === 1, 'the frame');
	assert.equal(shown(customer, sent.id)[0].seq, sent.seq);
	const got = await fetchFile(theirs, sent.id);
	assert.equal(got.headers.get('content-type'), 'application/pdf');
	assert.match(got.headers.get('content-disposition'), /^attachment; .*filename\*=UTF-8''Rechnung%20f%C3%BCr%20%C3%84nnchen\.pdf$/);
	assert.equal(got.headers.get('x-content-type-options'), 'nosniff');
	assert.match(got.headers.get('content-security-policy'), /^sandbox; default-src 'none'$/);
	assert.deepEqual(await bytesOf(got), scan);

	/* the same again, and the same bytes as another file */
	assert.deepEqual(await send(mine, scan, { clientId: 'f1' }), { ...sent, status: 200 });
	const twice = await Promise.all([1, 2, 3].map(() => send(mine, scan, { clientId: 'f2' })));
	assert.equal(new Set(twice.map(({ id }) => id)).size, 1);
	assert.notEqual(twice[0].id, sent.id);
	await customer.until((c) => shown(c, twice[0].id).length === 1, 'the second');

	/* back from the agent */
	const offer = Buffer.from('tent;2\npegs;12\n');
	const back = await send(theirs, offer, { name: 'offer.csv', clientId: 'f1' });
	assert.equal(back.status, 201);
	await customer.until((c) => shown(c, back.id).length === 1, 'the agent\'s');
	assert.equal(shown(customer, back.id)[0].from, 'agent');
	assert.deepEqual(await bytesOf(await fetchFile(mine, back.id)), offer);

	/* not for others */
	const stranger = { ...mine, headers: { 'Pelago-Resume-Token': 'x'.repeat(43) } };
	assert.equal((await fetchFile(stranger, sent.id)).status, 401);
	assert.equal((await send(stranger, scan)).status, 401);
	const other = { ...theirs, headers: { Authorization: `Bearer ${await token(pelago, 'agent2')}` } };
	assert.equal((await fetchFile(other, sent.id)).status, 404);
	assert.equal((await send(other, offer, { name: 'a.csv' })).status, 404);

	/* after the end: no more, but what was sent is there, for the customer and in the history */
	await endChat(all);
	assert.equal((await send(mine, scan)).status, 409);
	assert.deepEqual(await bytesOf(await fetchFile(mine, sent.id)), scan);
	const history = { files: `OCPDataServices/contacts/${contactId}/files`, headers: { Authorization: `Bearer ${await token(pelago, 'supervisor')}` } };
	const record = await until('the history has them', async () => {
		const answer = await fetch(`${base()}/OCPDataServices/contacts/${contactId}`, { headers: history.headers });
		const { transcript } = await answer.json();
		return transcript?.filter((line) => line.file).length === 3 && transcript;
	});
	const line = record.find(({ seq }) => seq === sent.seq);
	assert.deepEqual([line.text, line.from, line.file.id, line.file.size], [sent.name, 'customer', sent.id, scan.length]);
	assert.deepEqual(await bytesOf(await fetchFile(history, sent.id)), scan);
});

test('what is not taken is refused, and leaves nothing', { timeout: 60000 }, async () => {
	const all = await chat('agent2');
	const { customer, mine } = all;
	const head = customer.head;
	for (const [bytes, options, status] of [
		[Buffer.from('MZ'), { name: 'a.exe' }, 415],
		[Buffer.from('<html>'), { name: 'a.html' }, 415],
		[Buffer.from('<svg onload=alert(1)>'), { name: 'a.png' }, 415],
		[Buffer.from('MZ\0\0'), { name: 'a.txt' }, 415],
		[pdf(1000, 'a'), { name: '../..' }, 400],
		[pdf(1000, 'a'), { name: '' }, 400],
		[pdf(1000, 'a'), { clientId: '' }, 400],
		[pdf(1000, 'a'), { clientId: 'x'.repeat(65) }, 400],
		[pdf(1000, 'a'), { name: `${'a'.repeat(4000)}.pdf` }, 400],
		[Buffer.alloc(0), {}, 400],
		[pdf(11 * MiB, 'a'), {}, 413],
		[pdf(51 * MiB, 'a'), {}, 413],
	]) {
		const answer = await send(mine, bytes, options);
		assert.deepEqual([answer.status, typeof answer.detail], [status, 'string'], JSON.stringify([options, answer]));
	}
	await customer.say('still there?');
	assert.equal(customer.head, head + 1);
	await endChat(all);
});

/* PLT-60: each of them is repeated until it is answered, and is in the chat once. */
test('the store is killed amid uploads: nothing is lost, nothing comes twice', { timeout: 120000 }, async () => {
	const all = await chat('agent3');
	const { customer, mine, theirs } = all;
	const bodies = Array.from({ length: 6 }, (_, i) => pdf(4 * MiB + i, `k${i}`));
	let done = false;
	const sending = Promise.all(bodies.map((bytes, i) => sendOn(mine, bytes, { clientId: `k${i}` }))).finally(() => { done = true; });
	let kills = 0;
	while (!done && kills < 5) {
		process.kill((await pelago.processes()).OCPDataServices, 'SIGKILL');
		kills++;
		await sleep(700);
	}
	const sent = await sending;
	assert.deepEqual(sent.map(({ status }) => status < 300), bodies.map(() => true), JSON.stringify(sent));
	assert.ok(kills > 0);
	await customer.until((c) => sent.every(({ id }) => shown(c, id).length === 1), 'all of them');
	assert.equal(customer.frames.filter((frame) => frame.type === 'file').length, bodies.length);
	for (const [i, { id }] of sent.entries()) assert.deepEqual(await bytesOf(await fetchFile(theirs, id)), bodies[i]);
	await endChat(all);
});

test('the edge is killed amid an upload and a download', { timeout: 120000 }, async () => {
	const all = await chat('agent4');
	const { customer, mine, theirs } = all;
	const scan = pdf(8 * MiB, 'e');
	/* half of it is there when the edge dies */
	const socket = net.connect(pelago.httpPort, '127.0.0.1').on('error', () => {});
	await once(socket, 'connect');
	const closed = new Promise((done) => { socket.on('close', done); });
	socket.write(`POST /services/${mine.files}?name=a.pdf&clientId=e1 HTTP/1.1\r\nHost: a\r\nContent-Length: ${scan.length}\r\n` +
		`Pelago-Resume-Token: ${customer.resumeToken}\r\n\r\n`);
	socket.write(scan.subarray(0, 4 * MiB));
	await sleep(300);
	const { edge } = await pelago.processes();
	process.kill(edge, 'SIGKILL');
	await closed;
	await until('another edge is there', async () => ![undefined, edge].includes((await pelago.processes()).edge));
	const sent = await sendOn(mine, scan, { name: 'a.pdf', clientId: 'e1' });
	assert.equal(sent.status, 201);
	await customer.until((c) => shown(c, sent.id).length === 1, 'the file');
	assert.equal(customer.frames.filter((frame) => frame.type === 'file').length, 1);

	/* a download that is cut isn't taken for whole */
	const cut = await fetchFile(theirs, sent.id);
	process.kill((await pelago.processes()).edge, 'SIGKILL');
	await assert.rejects(cut.arrayBuffer());
	await until('it is fetched again', async () => {
		const answer = await fetchFile(theirs, sent.id).catch(() => null);
		return answer?.ok && (await answer.arrayBuffer()).byteLength === scan.length;
	});
	await endChat(all);
});

/* An administrator's limits hold at once. */
test('limits of size and number', { timeout: 60000 }, async () => {
	const all = await chat('agent5');
	const { customer, mine } = all;
	await writeFile(join(pelago.data, 'services/CustomerControllerService/config.json'),
		JSON.stringify({ attributes: { file_bytes: 1000, files_most: 2 } }));
	await until('the limit holds', async () => (await send(mine, pdf(1001, 'l'), { name: 'a.exe' })).status === 413);
	assert.equal((await send(mine, pdf(1000, 'l'))).status, 201);
	for (let i = 0; (await send(mine, pdf(1000, `l${i}`))).status === 201; i++) assert.ok(i < 50);
	assert.equal((await send(mine, pdf(1000, 'm'))).status, 409);
	assert.ok(customer.frames.filter((frame) => frame.type === 'file').length >= 2);
	await endChat(all);
});
