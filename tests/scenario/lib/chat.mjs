/*
 * chat.mjs — a customer and an agent who speak the protocols over WebSocket, come back after every loss, and
 * keep an exact account: numbered frames must come gapless, in order, once.
 *
 *   const agent = await Agent.signIn(pelago, 'agent1', { autoAccept: true });
 *   await agent.ready();
 *   const customer = new Customer(pelago, { name: 'Ann', topic: 'sales' });
 *   await customer.opened();
 *   await customer.say('hello');              resolves once the message is durable (it came back with a seq)
 *   await customer.until((c) => c.texts('agent').includes('good day'));
 *
 * A pelago with `origin` (wss://HOST:PORT) and `ca` is spoken to by that edge.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';

const RETRY_MS = 50;

export async function token(pelago, username, password) {
	const users = JSON.parse(await readFile(join(pelago.data, 'demo-users.json'), 'utf8'));
	const body = new URLSearchParams({ grant_type: 'password', username, password: password ?? users[username] });
	for (let left = 200; ; left--) {
		try {
			const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/AuthorizationService/token`, { method: 'POST', body });
			if (answer.ok) return (await answer.json()).access_token;
			assert.ok((answer.status === 503 || answer.status === 429) && left > 0, `token: ${answer.status} ${await answer.text()}`);
			if (answer.status === 429) await sleep(1000 * Number(answer.headers.get('retry-after') ?? 1)); /* many tries while a service was away */
		} catch (error) {
			if (left === 0 || error.code === 'ERR_ASSERTION') throw error; /* the edge is away */
		}
		await sleep(RETRY_MS);
	}
}

/* One side of a conversation: a socket that is opened anew after each loss. Emits each frame as 'sent', 'received'. */
class Peer extends EventEmitter {
	constructor(pelago, path) {
		super();
		this.setMaxListeners(0);
		this.url = `${pelago.origin ?? `ws://127.0.0.1:${pelago.httpPort}`}${path}`;
		this.ca = pelago.ca;
		this.ended = false;
		this.errors = [];
		this.longestGap = 0;
		pelago.peers?.add(this); /* who stops the instance ends what a failed test left open */
		this.connect();
	}

	connect() {
		if (this.ended) return;
		const socket = new WebSocket(this.url, { handshakeTimeout: 3000, ca: this.ca });
		this.socket = socket;
		socket.on('open', () => this.onOpen());
		socket.on('message', (data) => {
			const frame = JSON.parse(data.toString());
			this.emit('received', frame);
			if (frame.type === 'reconnect') socket.close();
			else this.onFrame(frame);
			this.emit('change');
		});
		socket.on('error', () => {});
		socket.on('close', () => {
			if (this.socket !== socket) return;
			this.lostAt ??= Date.now();
			this.onClose();
			setTimeout(() => this.connect(), RETRY_MS);
		});
	}

	back() {
		if (this.lostAt) this.longestGap = Math.max(this.longestGap, Date.now() - this.lostAt);
		this.lostAt = undefined;
	}

	onClose() {}

	/* What is sent while there is no connection is sent again after it. */
	send(frame) {
		if (this.socket.readyState !== WebSocket.OPEN) return;
		const text = JSON.stringify(frame);
		this.socket.send(text);
		this.emit('sent', JSON.parse(text));
	}

	async until(condition, what = condition.toString(), ms = 30000) {
		const end = Date.now() + ms;
		while (!condition(this)) {
			const left = end - Date.now();
			assert.ok(left > 0, `waited ${ms} ms for ${what}; errors: ${JSON.stringify(this.errors.slice(-5))}`);
			assert.ok(!this.isOver, `ended while waiting for ${what}`);
			await Promise.race([once(this, 'change'), sleep(Math.min(left, 250))]);
		}
	}

	end() {
		this.ended = this.isOver = true;
		this.socket.close();
		this.emit('change');
	}
}

export class Customer extends Peer {
	constructor(pelago, { name = 'Customer', topic, email, attributes, context } = {}) {
		super(pelago, '/services/CustomerControllerService/chat');
		this.request = { type: 'open', clientId: randomUUID(), name, topic, email, attributes, context };
		this.frames = [];
		this.volatile = [];
		this.pending = new Map(); /* clientId → how to go on */
		this.repeated = new Set();
		this.head = 0;
	}

	onOpen() {
		if (this.contactId) this.send({ type: 'resume', contactId: this.contactId, resumeToken: this.resumeToken, after: this.head });
		else this.send(this.request);
	}

	onFrame(frame) {
		if (frame.type === 'error') {
			this.errors.push(frame);
			if (frame.code === 'unavailable' && !this.contactId) setTimeout(() => this.onOpen(), RETRY_MS);
			else if (frame.code === 'unavailable' && frame.clientId && this.pending.has(frame.clientId)) setTimeout(() => this.repeat(frame.clientId), RETRY_MS);
			else if (frame.code === 'unavailable') this.socket.close();
			return;
		}
		if (frame.type === 'resumed') {
			this.back();
			this.resumed = true;
			for (const clientId of this.pending.keys()) this.repeat(clientId);
			return;
		}
		if (frame.seq === undefined) {
			this.volatile.push(frame);
			return;
		}
		if (frame.seq <= this.head && this.repeated.has(frame.clientId)) {
			this.settle(frame); /* a repeated message is answered with the first one */
			return;
		}
		assert.equal(frame.seq, this.head + 1, `frame out of order: ${JSON.stringify(frame)} after ${this.head}`);
		this.head = frame.seq;
		this.frames.push(frame);
		if (frame.type === 'opened') {
			this.back();
			this.contactId = frame.contactId;
			this.resumeToken = frame.resumeToken;
		}
		if (frame.type === 'message') this.settle(frame);
	}

	settle(frame) {
		this.pending.get(frame.clientId)?.();
		this.pending.delete(frame.clientId);
	}

	repeat(clientId) {
		const waiting = this.pending.get(clientId);
		if (!waiting) return;
		this.repeated.add(clientId);
		this.send({ type: 'message', clientId, text: waiting.text });
	}

	opened() {
		return this.until((c) => c.contactId, 'opened');
	}

	say(text, clientId = randomUUID()) {
		return new Promise((resolve) => {
			const settle = () => resolve(clientId);
			settle.text = text;
			this.pending.set(clientId, settle);
			this.send({ type: 'message', clientId, text });
		});
	}

	texts(from) {
		return this.frames.filter((f) => f.type === 'message' && f.from === from).map((f) => f.text);
	}

	has(type) {
		return this.frames.some((f) => f.type === type);
	}
}

export class Agent extends Peer {
	static async signIn(pelago, user, options = {}) {
		const agent = new Agent(pelago, user, await token(pelago, user), options);
		await agent.until((a) => a.session, 'session');
		return agent;
	}

	constructor(pelago, user, accessToken, { autoAccept = false, echo = false } = {}) {
		super(pelago, '/services/UnifiedAgentController/agent');
		Object.assign(this, { user, accessToken, autoAccept, echo });
		this.offers = new Map(); /* contactId → offer */
		this.contacts = new Map(); /* contactId → { frames, head, state, pending, talk, parentId, note }; of a consultation by the leg's id */
		this.legs = new Map(); /* legId → the latest frame `consult` */
		this.frames = [];
		this.completed = new Set();
	}

	onOpen() {
		this.send({ type: 'hello', token: this.accessToken });
	}

	take({ contactId, parentId, note, transcript = [], private: talk = [] }) {
		const contact = this.contacts.get(contactId) ?? { frames: [], head: 0, pending: new Map(), talk: [], parentId };
		Object.assign(contact, { state: 'active', note });
		this.contacts.set(contactId, contact);
		for (const frame of transcript) this.chatFrame(contactId, frame, true);
		for (const frame of talk) this.privateFrame(contactId, frame);
		return contact;
	}

	/* Whose frames these are: of a contact, or of the consultation about it. */
	contactOf(contactId) {
		const contact = this.contacts.get(contactId);
		return contact?.state === 'active' ? contact : [...this.contacts.values()].find((c) => c.parentId === contactId && c.state === 'active') ?? contact;
	}

	/* What agents say among themselves has numbers of its own. */
	privateFrame(contactId, frame) {
		const contact = this.contactOf(contactId);
		if (!contact) return;
		if (contact.pending.has(frame.clientId)) {
			contact.pending.get(frame.clientId)();
			contact.pending.delete(frame.clientId);
			this.sendFirst([...this.contacts].find(([, one]) => one === contact)[0]);
		}
		if (frame.seq <= contact.talk.length) return;
		assert.equal(frame.seq, contact.talk.length + 1, `${this.user}: private frame out of order: ${JSON.stringify(frame)}`);
		contact.talk.push(frame);
	}

	chatFrame(contactId, frame, fromTranscript = false) {
		if (frame.private) {
			this.privateFrame(contactId, frame);
			return;
		}
		const contact = this.contactOf(contactId);
		if (!contact || frame.seq === undefined) return;
		const settle = contact.pending.get(frame.clientId);
		if (settle) {
			contact.pending.delete(frame.clientId);
			settle();
			this.sendFirst([...this.contacts].find(([, one]) => one === contact)[0]);
		}
		if (frame.seq <= contact.head) return;
		if (!fromTranscript || contact.head > 0) assert.equal(frame.seq, contact.head + 1, `${this.user}: chat frame out of order: ${JSON.stringify(frame)} after ${contact.head}`);
		contact.head = frame.seq;
		contact.frames.push(frame);
		if (this.echo && frame.type === 'message' && frame.from === 'customer') {
			this.say(contactId, `re: ${frame.text}`, `re-${frame.clientId}`);
		}
	}

	onFrame(frame) {
		this.frames.push(frame);
		switch (frame.type) {
		case 'error':
			this.errors.push(frame);
			if (frame.code === 'unavailable' && !frame.contactId) this.socket.close();
			else if (frame.code === 'unavailable') setTimeout(() => this.sendFirst(frame.contactId), RETRY_MS);
			break;
		case 'session':
			this.back();
			this.session = frame;
			this.state = frame.state;
			for (const contact of frame.contacts) {
				if (contact.state === 'offered') {
					this.offers.set(contact.contactId, contact);
					if (this.autoAccept) this.accept(contact.contactId);
				} else {
					this.take(contact).state = contact.state;
					for (const leg of contact.legs ?? []) this.legs.set(leg.legId, { ...leg, contactId: contact.contactId });
				}
			}
			for (const contactId of this.contacts.keys()) this.sendFirst(contactId);
			if (this.wanted && this.wanted !== this.state) this.send({ type: 'state', state: this.wanted });
			break;
		case 'state':
			this.state = frame.state;
			break;
		case 'offer':
			this.offers.set(frame.contactId, frame);
			if (this.autoAccept) this.accept(frame.contactId);
			break;
		case 'withdrawn':
			this.offers.delete(frame.contactId);
			if (this.contacts.has(frame.contactId)) this.contacts.get(frame.contactId).state = 'withdrawn';
			break;
		case 'consult':
			this.legs.set(frame.legId, frame);
			break;
		case 'assigned':
			this.offers.delete(frame.contactId);
			this.take(frame);
			this.emit('assigned', frame.contactId);
			break;
		case 'closed': {
			const contact = this.contacts.get(frame.contactId);
			if (frame.wrapUpSeconds !== undefined) {
				this.offers.delete(frame.contactId); /* accepted, and over before it was shown */
				if (contact) contact.state = contact.parentId ? 'over' : 'wrapup';
			} else {
				this.chatFrame(frame.contactId, frame);
			}
			break;
		}
		default:
			if (frame.contactId) this.chatFrame(frame.contactId, frame);
		}
	}

	async ready() {
		this.wanted = 'Ready';
		this.send({ type: 'state', state: 'Ready' });
		await this.until((a) => a.state === 'Ready', 'Ready');
	}

	accept(contactId) {
		this.send({ type: 'accept', contactId, offerId: this.offers.get(contactId)?.offerId });
	}

	/* One message of a contact at a time: a later one must not pass one that is repeated. */
	sendFirst(contactId) {
		const [first] = this.contacts.get(contactId)?.pending ?? [];
		if (first) this.send({ type: 'message', contactId, clientId: first[0], text: first[1].text, ...first[1].more });
	}

	/* Among agents. */
	whisper(contactId, text, clientId = randomUUID()) {
		return this.say(contactId, text, clientId, { private: true });
	}

	/* Sends a frame again and again until it has had its effect: an answer may be lost, and a service away. */
	async insist(frame, condition, what) {
		for (let left = 30; !condition(this); left--) {
			assert.ok(left > 0, `${this.user}: no ${what}: ${JSON.stringify(this.errors.slice(-3))}`);
			this.send(frame);
			await this.until(condition, what, 1000).catch(() => {});
		}
	}

	say(contactId, text, clientId = randomUUID(), more = {}) {
		const { pending } = this.contacts.get(contactId);
		return new Promise((resolve) => {
			const settle = () => resolve(clientId);
			settle.text = text;
			settle.more = more;
			pending.set(clientId, settle);
			if (pending.size === 1) this.sendFirst(contactId);
		});
	}

	/* Closes the contact and wraps it up; both are sent again until they have had their effect. */
	async finish(contactId, disposition = 'Resolved') {
		for (let left = 60; this.contacts.get(contactId).state !== 'wrapup'; left--) {
			assert.ok(left > 0, `${this.user}: ${contactId} doesn't close: ${JSON.stringify(this.errors.slice(-3))}`);
			this.send({ type: 'close', contactId, disposition });
			await Promise.race([this.until((a) => a.contacts.get(contactId).state === 'wrapup', 'closed', 60000).catch(() => {}), sleep(1000)]);
		}
		this.send({ type: 'complete', contactId, disposition });
	}
}
