/*
 * bulk.mjs — the databases of a stopped instance, filled by rows made of those that are there, so that they
 * look as the services wrote them. In the SQL that SQLite and PostgreSQL share.
 *
 *   await sql(pelago, 'WorkAssignment', 'select count(*) from work')              → '1'
 *   await multiply(pelago, 'WorkAssignment', 'work', 1000, { contact_id: (i) => `'W' || ${i}` });
 *   await settle(pelago, 'WorkAssignment')
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/* Runs statements in a service's database, in one transaction or alone; returns what they print, | between columns. */
export async function sql(pelago, service, statements, { alone = false } = {}) {
	const [program, args] = pelago.store
		? ['psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', pelago.store]]
		: ['sqlite3', ['-bail', join(pelago.data, 'services', service, 'store.db')]];
	const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
	let printed = '', complaint = '';
	child.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
	child.stderr.setEncoding('utf8').on('data', (text) => (complaint += text));
	const ended = once(child, 'close');
	const where = pelago.store ? `set search_path to "${service}";` : 'pragma synchronous=off;';
	child.stdin.end(`${where}${alone ? statements : `begin;${statements};commit`};\n`);
	const [status] = await ended;
	assert.equal(status, 0, `${service}: ${complaint}`);
	return printed.trim();
}

async function columns(pelago, service, table) {
	const list = await sql(pelago, service, pelago.store
		? `select column_name from information_schema.columns where table_schema = '${service}' and table_name = '${table}' order by ordinal_position`
		: `select name from pragma_table_info('${table}') order by cid`);
	assert.ok(list, `${service} has no table ${table}`);
	return list.split('\n');
}

/*
 * Puts count copies of each row of the table that `where` takes, numbered from 1; `changed` says which columns
 * are another in copy i: (i, column) => SQL, where column is the original's value.
 */
export async function multiply(pelago, service, table, count, changed, where = 'true') {
	const names = await columns(pelago, service, table);
	for (const name of Object.keys(changed)) assert.ok(names.includes(name), `${service}'s ${table} has no column ${name}`);
	const values = names.map((name) => (changed[name] ? changed[name]('copy.i', `original.${name}`) : `original.${name}`));
	await sql(pelago, service, `insert into ${table} (${names.join(', ')})
		with recursive copy(i) as (select cast(1 as bigint) union all select i + 1 from copy where i < ${count})
		select ${values.join(', ')} from copy, (select * from ${table} where ${where}) as original`);
}

/* As a server has it that has had time: PostgreSQL knows how large its tables are. SQLite's way doesn't depend on it. */
export async function settle(pelago, service) {
	if (pelago.store) await sql(pelago, service, 'vacuum analyze', { alone: true });
}
