/*
 * snapshot.test.mjs — a service that was away for longer than the log and the outboxes keep events: they are told
 * again by their producers' state, and the history is whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, run, startInstance, until } from './lib/instance.mjs';
import { Agent, Customer, token } from './lib/chat.mjs';

const AWAY = 'OCPDataServices';
let pelago, owner;

before(async () => {
	pelago = await startInstance({ demo: true });
});
after(async () => {
	owner?.kill('SIGKILL');
	await pelago?.stop();
});

async function history(contactId) {
	const bearer = await token(pelago, 'supervisor');
	const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/${AWAY}/contacts/${contactId}`, { headers: { authorization: `Bearer ${bearer}` } });
	return answer.ok ? answer.json() : undefined;
}

const log = () => readFile(join(pelago.data, 'log', `${AWAY}.log`), 'utf8');

/*
 * One more process of the service, on the same store: it stands by, then owns the store, then does nothing more.
 * The one that is supervised stands by for as long.
 */
async function sendAway() {
	const pid = (await pelago.processes())[AWAY];
	const read = async (file) => (await readFile(`/proc/${pid}/${file}`, 'utf8')).split('\0').filter(Boolean);
	const [program, ...args] = await read('cmdline');
	const env = Object.fromEntries((await read('environ')).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
	env.PELAGO_LOG = join(pelago.data, 'log', 'owner.log');
	owner = spawn(program, args, { env, stdio: 'ignore' });
	const says = async (what) => (await readFile(env.PELAGO_LOG, 'utf8').catch(() => '')).includes(what);
	await until('it stands by', () => says('service.standby'));
	await until('it owns the store', async () => {
		const { [AWAY]: now } = await pelago.processes();
		if (now && isAlive(now)) process.kill(now, 'SIGKILL'); /* the next one may have been faster */
		await sleep(200);
		return says('service.started');
	});
	owner.kill('SIGSTOP');
}

/* Neither the log nor an outbox has anything any more. */
async function forgetEvents() {
	await rm(join(pelago.data, 'bus', 'jetstream'), { recursive: true });
	if (pelago.store) {
		const { stdout } = await run('psql', [pelago.store, '-qAtc', "select schemaname || '.' || tablename from pg_tables where tablename like 'pl_outbox%'"]);
		const tables = stdout.trim().split('\n').map((name) => `"${name.replace('.', '"."')}"`);
		assert.ok(tables.length > 10, stdout);
		const emptied = await run('psql', [pelago.store, '-qc', tables.map((name) => `delete from ${name}`).join(';')]);
		assert.equal(emptied.status, 0, emptied.stderr);
		return;
	}
	for (const name of await readdir(join(pelago.data, 'services'))) {
		const emptied = await run('python3', ['-c', 'import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.execute("delete from pl_outbox_a")\nc.execute("delete from pl_outbox_b")\nc.commit()', join(pelago.data, 'services', name, 'store.db')]);
		assert.equal(emptied.status, 0, emptied.stderr);
	}
}

/* A chat with an agent; `lines` of each side. */
async function chat(agent, name, lines, closes) {
	const customer = new Customer(pelago, { name, email: `${name}@example.org`, topic: 'sales', context: { basket: name } });
	await customer.opened();
	await agent.until((a) => a.offers.has(customer.contactId), 'an offer');
	agent.accept(customer.contactId);
	await agent.until((a) => a.contacts.has(customer.contactId), 'the contact');
	await customer.until((c) => c.has('joined'), 'joined');
	for (let i = 0; i < lines; i++) {
		await customer.say(`${name} asks ${i}`);
		await agent.say(customer.contactId, `answer ${i} to ${name}`);
	}
	await customer.until((c) => c.texts('agent').length === lines, 'the answers');
	if (closes) {
		await agent.finish(customer.contactId, 'Sold');
		await customer.until((c) => c.has('closed'), 'closed');
	}
	return customer;
}

test('PLT-60 CTX-2: what happened while a service was away for too long is in the history all the same', { timeout: 180000 }, async () => {
	const agent = await Agent.signIn(pelago, 'agent1');
	await agent.ready();
	const first = await chat(agent, 'first', 2, true);
	await until('the history has the first', async () => (await history(first.contactId))?.disposition === 'Sold');

	await sendAway();
	const ended = await chat(agent, 'ended', 120, true);
	const open = await chat(agent, 'open', 3, false);
	await agent.until((a) => a.state === 'Ready', 'ready');
	for (const peer of [first, ended, open, agent]) peer.end();
	assert.equal((await pelago.pelago(['down'])).status, 0);
	await forgetEvents();
	owner.kill('SIGKILL');
	const started = await pelago.up();
	assert.equal(started.status, 0, started.stderr);

	const whole = async (customer, state) => {
		const said = customer.frames.filter((f) => f.type === 'message').map(({ seq, from, text }) => ({ seq, from, text }));
		const kept = await until(`the history has ${customer.request.name}`, async () => {
			const now = await history(customer.contactId);
			return now && now.state === state && now.transcript.length >= said.length && now;
		}, 30000);
		assert.deepEqual(kept.transcript.map(({ seq, from, text }) => ({ seq, from, text })), said);
		assert.equal(kept.customer.email, `${customer.request.name}@example.org`);
		assert.deepEqual(kept.context, { basket: customer.request.name });
		assert.equal(kept.offers.length, 1);
		assert.equal(kept.offers[0].agentId, 'agent1');
		assert.ok(kept.offers[0].madeMs > 0 && kept.offers[0].acceptedMs >= kept.offers[0].madeMs);
		return kept;
	};
	const steps = (kept) => kept.steps.map(({ event }) => event).sort();
	const kept = await whole(ended, 'closed');
	await until('its end', async () => (await history(ended.contactId)).disposition === 'Sold');
	assert.deepEqual(steps(await history(ended.contactId)), ['contact.closed', 'contact.opened', 'offer.accepted', 'offer.ended', 'offer.made']);
	assert.equal(kept.closeReason, 'agent');
	await whole(open, 'active');
	assert.deepEqual(steps(await history(first.contactId)), ['contact.closed', 'contact.opened', 'offer.accepted', 'offer.ended', 'offer.made']);
	assert.equal((await history(first.contactId)).transcript.length, first.frames.filter((f) => f.type === 'message').length);

	await until('all keys were looked at', async () => (await log()).match(/log\.surveyed/g)?.length >= 3);
	const text = await log();
	assert.match(text, /event\.restated/);
	assert.doesNotMatch(text, /event\.lost/);
	assert.doesNotMatch(text, /event\.parked/);
});
