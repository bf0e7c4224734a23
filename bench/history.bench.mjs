/*
 * history.bench.mjs — pages of contacts, customers and contexts cost the same with a full store as with a small one.
 *
 * The baseline is a store of 2,000 contacts with ten messages each, and as many contexts; then BENCH_CONTACTS of them
 * (100,000 by default), older ones, are written beside them, straight into the services' databases. Each page, the
 * same of both, is asked for 50 times. On PostgreSQL with
 * `tools/with-postgres env PELAGO_STORE=postgresql bench/run history`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { token } from '../tests/scenario/lib/chat.mjs';
import { run, startInstance } from '../tests/scenario/lib/instance.mjs';

const small = 2000;
const total = Number(process.env.BENCH_CONTACTS ?? 100000);
const postgres = process.env.PELAGO_STORE === 'postgresql';
const start = Date.now() - total * 1000;

/* One text for both databases: numbers from … to-1, a text's bytes in hex. */
const series = (from, to) => (postgres ? `generate_series(${from}, ${to} - 1) as s(i)`
	: `(with recursive s(i) as (select ${from} union all select i + 1 from s where i < ${to} - 1) select i from s) s`);
const hex = (text) => (postgres ? `encode(convert_to(${text}, 'UTF8'), 'hex')` : `lower(hex(${text}))`);
const contact = "'C' || (100000000 + i)";
const customer = "'c' || (i / 10) || '@bench.example'";
const one = customer.replace('(i / 10)', 'i');

const history = (from, to) => `
	insert into contact (id, first_ms, channel, customer, name, email, opened_ms, closed_ms, close_reason, offer_state, state)
		select ${contact}, ${start} + i * 1000, 'chat', ${customer}, 'Name ' || (i / 10), ${customer}, ${start} + i * 1000,
		${start} + i * 1000 + 500, 'agent', 'ended', 'closed' from ${series(from, to)};
	insert into contact_agent (agent, contact, first_ms) select 'bench' || (i % 200), ${contact}, ${start} + i * 1000 from ${series(from, to)};
	insert into transcript (contact, seq, sender, name, text, at_ms)
		select 'C' || (100000000 + i / 10), i % 10 + 1, 'customer', 'N', 'hello there, this is message ' || i, ${start} + i * 100 from ${series(10 * from, 10 * to)};
	insert into customer (id, name, email, first_ms, last_ms, root)
		select ${one}, 'Name ' || i, ${one}, 1, ${start}, ${one} from ${series(from / 10, to / 10)};
	insert into address (kind, value, customer) select 'email', ${one}, ${one} from ${series(from / 10, to / 10)};
	insert into customer_word (key, customer) select ${hex("'name ' || i")}, ${one} from ${series(from / 10, to / 10)};`;
const contexts = (from, to) => `
	insert into context (id, entry, group_id, topic, tenant_id, version, lease_s, expires_ms, made_ms)
		select 'X' || (100000000 + i), '{"data":{"mail":"m' || i || '@x","kind":"all"},"groupId":"g' || (i / 10) || '","topic":"t"}', 'g' || (i / 10), 't', '',
		1, 864000, ${Date.now() + 864000000}, ${start} + i from ${series(from, to)};
	insert into context_key (context, name, value, made_ms)
		select 'X' || (100000000 + i), 'mail', 'm' || i || '@x', ${start} + i from ${series(from, to)};
	insert into context_key (context, name, value, made_ms)
		select 'X' || (100000000 + i), 'kind', 'all', ${start} + i from ${series(from, to)};`;

const n = total - small / 2; /* in the middle of the small store */
const middle = encodeURIComponent(`${start + n * 1000}:`);
const OCP = '/services/OCPDataServices';
const CS = '/services/ContextStoreRest/cs/contexts';
const pages = {
	'contacts, newest': `${OCP}/contacts`,
	'contacts, from the middle': `${OCP}/contacts?cursor=${middle}`,
	'contacts, closed, from the middle': `${OCP}/contacts?state=closed&cursor=${middle}`,
	'contacts, waiting: none': `${OCP}/contacts?state=waiting`,
	"an agent's, from the middle": `${OCP}/contacts?agent=bench${n % 200}&cursor=${middle}`,
	"a customer's history": `${OCP}/customers/c${n / 10}@bench.example/history`,
	'one contact': `${OCP}/contacts/C${100000000 + n}`,
	'customers by name': `${OCP}/customers?q=name%20${String(n / 10).slice(0, -1)}`,
	'contexts by key': `${CS}/?key=mail&value=m${n}@x`,
	'contexts by a key that all have': `${CS}/?key=kind&value=all`,
	'contexts by group': `${CS}/groups/g${n / 10}`,
	'one context': `${CS}/X${100000000 + n}`,
};

async function measure(pelago) {
	const headers = { authorization: `Bearer ${await token(pelago, 'admin')}` };
	const p50 = {};
	for (const [name, path] of Object.entries(pages)) {
		const times = [];
		for (let i = 0; i < 60; i++) {
			const began = performance.now();
			await (await fetch(`http://127.0.0.1:${pelago.httpPort}${path}`, { headers })).text();
			if (i >= 10) times.push(performance.now() - began);
		}
		p50[name] = times.sort((a, b) => a - b)[25];
	}
	return p50;
}

async function sql(data, service, text) {
	const script = 'import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1])\ndb.execute("pragma cache_size = -400000")\ndb.executescript("begin;" + sys.argv[2] + "commit;")';
	const got = postgres
		? await run('psql', [store, '-XqAt', '-v', 'ON_ERROR_STOP=1', '-c', `set search_path to "${service}"; ${text} analyze;`], { timeout: 1800000 })
		: await run('python3', ['-c', script, join(data, 'services', service, 'store.db'), text], { timeout: 1800000 });
	if (got.status !== 0) throw new Error(got.stderr);
}

let store;
if (postgres) {
	const url = new URL(process.env.PELAGO_TEST_POSTGRES);
	url.pathname = '/bench_history';
	await run('psql', [process.env.PELAGO_TEST_POSTGRES, '-qc', 'create database bench_history']);
	store = url.href;
}
const data = await mkdtemp(join(tmpdir(), 'pelago-bench-'));
let pelago = await startInstance({ demo: true, data, store });
async function withRows(from, to) {
	await pelago.stop({ keep: true });
	await sql(data, 'OCPDataServices', history(from, to));
	await sql(data, 'ContextStore', contexts(from, to));
	pelago = await startInstance({ demo: true, data, store });
	await measure(pelago); /* warm */
	return measure(pelago);
}
const few = await withRows(total - small, total);
const many = await withRows(0, total - small);
await pelago.stop({ keep: true });
await rm(data, { recursive: true, force: true });

console.log(`${total} contacts, ${10 * total} messages, ${total} contexts, ${postgres ? 'PostgreSQL' : 'SQLite'}; p50 over HTTP; baseline ${small} contacts`);
for (const name of Object.keys(pages)) {
	console.log(`${name.padEnd(34)} ${many[name].toFixed(2).padStart(6)} ms   baseline ${few[name].toFixed(2).padStart(6)} ms   ratio ${(many[name] / few[name]).toFixed(1)}`);
}
