/*
 * takeover.test.mjs — one edge takes over from another while requests and WebSockets come without pause: none is
 * refused, all go over; the one that took over dies, and the other goes on; pages of both versions are there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { build, freePort, until } from './lib/instance.mjs';

let folder, data, port, bus, service, first;
const edges = [], running = []; /* running: what would keep the test alive for ever */

function launch(program, args) {
	const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
	child.text = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (child.text += text));
	return child;
}

/* An edge of a slot; its pages are those of a version. */
function launchEdge(slot, version, other) {
	const edge = launch(join(build, 'pelago-edge'), ['--data', data, '--bus', bus.url, '--http-port', String(port),
		'--web', join(folder, `web-${version}`), ...(other ? ['--more-web', join(folder, `web-${other}`)] : []), ...(slot ? ['--instance', '2'] : [])]);
	edges.push(edge);
	return edge;
}

/* Two numbers: when it last beat, and whether it accepts connections. */
function heartbeat(slot) {
	const file = join(data, `procs/edge.heartbeat${slot ? '.2' : ''}`);
	const words = existsSync(file) ? readFileSync(file) : '';
	return words.length === 16 ? { at: words.readBigInt64LE(0), accepts: words.readBigInt64LE(8) === 1n } : {};
}
const accepts = (slot) => heartbeat(slot).accepts;
const ended = async (edge) => edge.exitCode ?? edge.signalCode ?? (await once(edge, 'exit'))[0];

function get(path, agent = false) {
	return new Promise((resolve, reject) => {
		const request = http.get({ host: '127.0.0.1', port, path, agent }, (answer) => {
			let text = '';
			answer.on('data', (part) => (text += part));
			answer.on('end', () => resolve({ status: answer.statusCode, text }));
			answer.on('error', reject);
		});
		request.on('error', reject);
	});
}

/* Asks without pause, by connections of their own and by one that is kept alive, until it is ended. */
class Visitors {
	constructor() {
		this.count = 0;
		this.failed = [];
		this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
		running.push(this);
		this.all = Promise.all([this.run(), this.run(this.agent), this.run()]);
	}

	async run(agent) {
		while (!this.over) {
			const { status } = await get('/index.html', agent).catch((error) => ({ status: error.message }));
			this.count++;
			if (status !== 200) this.failed.push(status);
		}
	}

	/* Whatever an edge had when it was killed is broken; but nobody was ever refused. */
	async end({ killed = false } = {}) {
		this.over = true;
		await this.all;
		this.agent.destroy();
		assert.deepEqual(this.failed.filter((why) => !(killed && /ECONNRESET|hang up/.test(why))), []);
		return `${this.count} requests`;
	}
}

/* A WebSocket that is told to connect anew, and does. */
function socket() {
	const client = { told: 0, codes: [], opened: 0 };
	const connect = () => {
		client.ws = new WebSocket(`ws://127.0.0.1:${port}/services/Fake/chat`);
		client.ws.on('open', () => client.opened++);
		client.ws.on('error', (error) => client.codes.push(error.message));
		client.ws.on('message', (text) => {
			if (JSON.parse(text).type !== 'reconnect') return;
			client.told++;
			if (!client.stays) client.ws.close();
		});
		client.ws.on('close', (code) => {
			client.codes.push(code);
			if (!client.over) connect();
		});
	};
	connect();
	running.push(client);
	return client;
}

before(async () => {
	folder = mkdtempSync(join(tmpdir(), 'pelago-takeover-'));
	const long = 'a-long-path/'.repeat(12); /* longer than a socket's may be */
	data = join(folder, long, 'data');
	for (const name of [`${long}data/edge`, `${long}data/procs`, 'web-1/assets', 'web-2/assets']) mkdirSync(join(folder, name), { recursive: true });
	for (const version of [1, 2]) {
		writeFileSync(join(folder, `web-${version}/index.html`), `version ${version}`);
		writeFileSync(join(folder, `web-${version}/only-${version}.html`), '');
		writeFileSync(join(folder, `web-${version}/assets/app-${version}.js`), `code ${version}`);
	}
	writeFileSync(join(data, 'edge/config.json'), '{"reconnectSeconds":1}');
	writeFileSync(join(data, 'pelago.json'), '{"demo":true}');
	port = await freePort();
	const busPort = await freePort();
	bus = launch('nats-server', ['-a', '127.0.0.1', '-p', String(busPort)]);
	bus.url = `nats://127.0.0.1:${busPort}`;
	await until('nats-server listens', () => bus.text.includes('Server is ready'));
	service = launch(join(build, 'platform/edge/edge_test_service'), [bus.url]);
	await until('the service is ready', () => service.text.includes('ready'));
	first = launchEdge(0, 1);
	await until('the edge is ready', async () => (await get('/readyz').catch(() => null))?.status === 200);
});
after(async () => {
	for (const one of running) one.over = true;
	for (const { ws } of running) ws?.terminate();
	for (const child of [...edges, service, bus]) child?.kill('SIGKILL');
	for (const edge of edges) assert.ok(!/Sanitizer|runtime error/.test(edge.text), edge.text);
	rmSync(folder, { recursive: true });
});

test('UPG-41: a new edge takes over the listening socket; when it dies, the old one goes on', { timeout: 60000 }, async (t) => {
	const visitors = new Visitors();
	const sockets = Array.from({ length: 30 }, socket);
	await until('all are connected', () => sockets.every((one) => one.opened === 1));
	sockets[0].stays = true;

	const second = launchEdge(1, 2, 1);
	await until('the new one accepts', () => accepts(1) && !accepts(0));
	assert.equal((await get('/index.html')).text, 'version 2');
	assert.equal((await get('/assets/app-1.js')).text, 'code 1', 'what pages of before load is there');
	assert.equal((await get('/only-1.html')).status, 404, 'and nothing else of them');
	await until('all have gone over', () => sockets.slice(1).every((one) => one.opened === 2 && one.told === 1));
	await until('whoever stayed was closed', () => sockets[0].opened === 2);
	assert.deepEqual(sockets[0].codes, [1012]);
	assert.deepEqual([first.exitCode, second.exitCode], [null, null], 'it looks on for a while');

	second.kill('SIGKILL');
	await until('the old one accepts again', () => accepts(0));
	assert.equal((await get('/index.html')).text, 'version 1');
	await until('all are back', () => sockets.every((one) => one.opened === 3));
	t.diagnostic(await visitors.end({ killed: true }));
	for (const one of sockets) {
		one.over = true;
		one.ws.close();
	}
});

test('UPG-41: the old edge ends by itself once nobody needs it; a third takes over from the second', { timeout: 60000 }, async (t) => {
	const visitors = new Visitors();
	const second = launchEdge(1, 2, 1);
	assert.equal(await ended(first), 0, first.text);
	assert.equal((await get('/index.html')).text, 'version 2');
	const third = launchEdge(0, 1, 2);
	await until('the third accepts', () => accepts(0) && !accepts(1));
	assert.equal((await get('/assets/app-2.js')).text, 'code 2');
	second.kill('SIGTERM'); /* it needn't wait */
	assert.equal(await ended(second), 0, second.text);
	assert.equal((await get('/index.html')).text, 'version 1');
	t.diagnostic(await visitors.end());
	third.kill('SIGTERM');
	assert.equal(await ended(third), 0, third.text);
});

test('UPG-41: one that isn\'t ready takes nothing', { timeout: 30000 }, async () => {
	const one = launchEdge(0, 1);
	await until('it accepts', async () => (await get('/readyz').catch(() => null))?.status === 200);
	const url = bus.url;
	bus.url = `nats://127.0.0.1:${await freePort()}`; /* nobody is there */
	const other = launchEdge(1, 2);
	bus.url = url;
	const { at } = heartbeat(1);
	await until('it runs', () => heartbeat(1).at > at);
	await sleep(300); /* nothing is to happen */
	assert.ok(accepts(0) && !accepts(1));
	other.kill('SIGKILL');
	await ended(other);
	assert.equal((await get('/index.html')).text, 'version 1');
	one.kill('SIGTERM');
	assert.equal(await ended(one), 0);
});
