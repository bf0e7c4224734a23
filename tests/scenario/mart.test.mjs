/*
 * mart.test.mjs — contexts reach the administrator's database, whatever happens to it (CTX-1).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Agent, Customer, token } from './lib/chat.mjs';
import { startInstance, until } from './lib/instance.mjs';
import { startPostgres } from './lib/postgres.mjs';

let pelago, mart, bearer, file;

before(async () => {
	[pelago, mart] = await Promise.all([startInstance({ demo: true }), startPostgres()]);
	bearer = await token(pelago, 'admin');
	file = join(pelago.data, 'datamart.url');
});
after(async () => {
	await pelago?.stop();
	await mart?.stop();
});

async function call(method, path, body) {
	const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/ContextStoreRest/cs/contexts/${path}`, {
		method,
		headers: { authorization: `Bearer ${bearer}`, ...(body && { 'content-type': 'application/json' }) },
		body: body && JSON.stringify(body),
	});
	assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${await answer.text()}`);
}

const write = (id, data, more = {}) => call('PUT', `upsert/${id}?touchpoint=test`, { data, ...more });
const count = async (where = 'true') => Number((await mart.query(`select count(*) from pelago.context where ${where}`))[0][0]);
async function metric(name) {
	const text = await (await fetch(`http://127.0.0.1:${pelago.httpPort}/metrics`)).text();
	const line = text.split('\n').find((one) => one.startsWith(`${name}{`) && one.includes('ContextStore'));
	return line ? Number(line.split(' ').at(-1)) : undefined;
}

test('what was there before the mart is exported, and what comes after', async () => {
	await write('old', { a: 1 }, { groupId: 'G' });
	await writeFile(file, `${mart.url}\n`, { mode: 0o644 });
	await chmod(file, 0o644);
	await until('an address open to others is refused', async () => (await pelago.logs()).includes('open to others'));
	await chmod(file, 0o600);
	await until('the old one is there', () => mart.query("select to_regclass('pelago.context') is not null").then(([[there]]) => there === 't' && count()));
	await write('new', { name: "O'Neil \u20ac \\ \"", deep: { list: [1, null, true] } }, { topic: 'T', aliasIds: ['n1'] });
	await write('new', { more: 2 });
	await until('the new one is there', () => count("context_id = 'new' and version = 2"));
	const [[data, topic, alias, ended]] = await mart.query("select data::text, topic, alias_ids->>0, ended_at from pelago.context where context_id = 'new'");
	assert.deepEqual(JSON.parse(data), { name: "O'Neil \u20ac \\ \"", deep: { list: [1, null, true] }, more: 2 });
	assert.deepEqual([topic, alias, ended], ['T', 'n1', undefined]);
	await call('DELETE', 'new');
	await until('it has ended', () => count("context_id = 'new' and ended_by = 'delete' and ended_at is not null and data->>'more' = '2'"));
	await until('the audit is there', async () => (await mart.query("select operation from pelago.context_audit where context_id = 'new' order by audit_id")).flat().join() === 'create,update,delete');
	await write('secret', { a: 1 }, { persistToEDM: false });
	await write('last', {});
	await until('later ones are there', () => count("context_id = 'last'"));
	assert.equal(await count("context_id = 'secret'"), 0);
});

/* CTX-2, CTX-4 */
test('contacts and customers are exported, and erased there, too', async () => {
	const rows = async (table, where) => Number((await mart.query(`select count(*) from pelago.${table} where ${where}`))[0][0]);
	const agent = await Agent.signIn(pelago, 'agent1');
	await agent.ready();
	const customer = new Customer(pelago, { name: 'Ann', email: 'ann@mart.example', topic: 'sales' });
	await customer.opened();
	const { contactId } = customer;
	await agent.until((a) => a.offers.has(contactId), 'an offer');
	agent.accept(contactId);
	await agent.until((a) => a.contacts.get(contactId)?.state === 'active', 'the contact');
	agent.send({ type: 'message', contactId, clientId: 'p1', text: 'between us', private: true });
	customer.send({ type: 'message', clientId: 'm1', text: 'hello mart' });
	await customer.until((c) => c.texts('customer').includes('hello mart'), 'the message is taken');
	await agent.finish(contactId);
	await customer.until((c) => c.has('closed'), 'closed');
	customer.end();
	agent.end();
	await until('its tables are made', async () => (await mart.query("select to_regclass('pelago.message') is not null and to_regclass('pelago.private_talk') is not null"))[0][0] === 't');
	await write(`about-${contactId}`, { mail: 'ann@mart.example' });
	await until('it is all there', async () => await rows('contact', `contact_id = '${contactId}' and state = 'closed' and direction = 'inbound' and abandoned is not null and survey is null`)
		&& await rows('message', `contact_id = '${contactId}' and text = 'hello mart' and sender = 'customer' and url = ''`)
		&& await rows('private_talk', `contact_id = '${contactId}' and text = 'between us' and agent_id = 'agent1' and name <> ''`)
		&& await rows('customer', "customer_id = 'ann@mart.example' and addresses->0->>'kind' = 'email'")
		&& await rows('context', `context_id = 'about-${contactId}'`));
	const path = `http://127.0.0.1:${pelago.httpPort}/services/OCPDataServices`;
	const headers = { authorization: `Bearer ${bearer}` };
	const begun = await (await fetch(`${path}/customers/ann@mart.example`, { method: 'DELETE', headers })).json();
	const done = await until('it is erased', async () => {
		const now = await (await fetch(`${path}/erasures/${begun.erasureId}`, { headers })).json();
		return now.state === 'done' && now;
	});
	assert.deepEqual([done.left, done.contacts], [0, 1]);
	assert.ok(done.messages >= 1 && done.contexts >= 1, JSON.stringify(done));
	for (const gone of [`${path}/contacts/${contactId}`, `${path}/customers/ann@mart.example`,
		`http://127.0.0.1:${pelago.httpPort}/services/ContextStoreRest/cs/contexts/about-${contactId}`]) {
		assert.equal((await fetch(gone, { headers })).status, 404, gone);
	}
	await until('the mart has none of it', async () => await rows('contact', `contact_id = '${contactId}'`) === 0
		&& await rows('message', `contact_id = '${contactId}'`) === 0 && await rows('private_talk', `contact_id = '${contactId}'`) === 0 && await rows('customer', "customer_id = 'ann@mart.example'") === 0
		&& await rows('context', `context_id like '%${contactId}%'`) === 0);
});

test('what its owner adds stays, and what is missing is made again', async () => {
	await mart.query("alter table pelago.context add column note text default 'mine'; create view public.mine as select context_id, note from pelago.context; alter table pelago.context drop column tenant_id");
	await mart.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = \'pelago\'');
	await write('old', { a: 2 }, { tenantId: 'N' });
	await until('it is exported', () => mart.query("select 1 from information_schema.columns where table_name = 'context' and column_name = 'tenant_id'").then((rows) => rows.length && count("context_id = 'old' and tenant_id = 'N'")));
	assert.deepEqual(await mart.query("select note from public.mine where context_id = 'old'"), [['mine']]);
});

test('a row that is refused does not stop the others, and goes once it may', async () => {
	await mart.query("alter table pelago.context add constraint fussy check (data->>'bad' is null)");
	await Promise.all([write('bad', { bad: 1 }), ...Array.from({ length: 20 }, (_, i) => write(`good${i}`, { i }))]);
	await until('the others are there', async () => await count("context_id like 'good%'") === 20, 60000);
	assert.equal(await count("context_id = 'bad'"), 0);
	await until('an error is logged', async () => (await pelago.logs()).includes('mart.refused'), 60000);
	await mart.query('alter table pelago.context drop constraint fussy');
	await until('it is there, too', () => count("context_id = 'bad'"), 90000);
});

test('killed and away amid the export, it loses nothing', { timeout: 120000 }, async () => {
	const total = 600;
	let made = 0;
	const writer = async () => {
		while (made < total) await write(`k${made++}`, { n: made }, { groupId: 'K' });
	};
	const writers = Promise.all(Array.from({ length: 4 }, writer));
	await until('some are there', () => count("group_id = 'K'"));
	await mart.kill();
	await until('many are made', () => made > 300);
	process.kill((await pelago.processes()).ContextStore, 'SIGKILL');
	await writers.catch((error) => assert.fail(error));
	await until('the lag is told', async () => await metric('mart_lag_seconds') > 0 && await metric('mart_rows_waiting') > 0);
	await mart.start();
	await until('all are there', async () => await count("group_id = 'K'") === total, 60000);
	assert.equal(await count("group_id = 'K' and version <> 1"), 0);
	await until('nothing waits', async () => await metric('mart_rows_waiting') === 0);
	assert.equal(await metric('mart_lag_seconds'), 0);
});

test('a mart that is not named any more is owed nothing; named again, it gets all', async () => {
	await rm(file);
	await until('both services notice', async () => (await pelago.logs()).split('mart.off').length === 3);
	await write('between', { a: 1 });
	await mart.query('drop schema pelago cascade');
	await writeFile(file, mart.url, { mode: 0o600 });
	await until('it has all', () => mart.query("select to_regclass('pelago.context') is not null").then(([[there]]) => there === 't' && count("context_id in ('between', 'old', 'k599')")).then((n) => n === 3), 60000);
});
