/*
 * points.test.mjs — a rolling upgrade, its way back, and finalize: at each point that the plan enumerates, before and
 * after the effect of each step, somebody is killed -9: manager, node, bus, command, root supervisor, and the database
 * where that is PostgreSQL. As many rounds as it takes until there is no point left at which nobody was.
 *
 * ROUNDS: the most (6).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../scenario/lib/instance.mjs';
import { Points } from '../scenario/lib/points.mjs';
import { startPostgres } from '../scenario/lib/postgres.mjs';
import { RUN, checkEnd, through } from '../scenario/lib/rounds.mjs';
import { Book, makeSmall, startSmall } from '../scenario/lib/small.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 6);
let small, points, pelago, database;

before(async () => {
	small = await makeSmall();
	points = new Points();
	if (process.env.PELAGO_STORE === 'postgresql') database = await startPostgres();
	pelago = await startSmall(small, { points: points.folder, ...(database ? { store: database.url } : {}) });
}, { timeout: 120000 });
after(async () => {
	await pelago?.stop({ keep: process.env.PELAGO_KEEP });
	await database?.stop();
	points?.remove();
	small?.remove();
});

test('UPG-4 UPG-7 UPG-8 UPG-9: killed at every point, forth, back and finalized', { timeout: 40 * 60000 }, async (t) => {
	const book = new Book(pelago), hit = new Set(), seen = new Set(), missed = new Set();
	book.begin();
	/* Until only `left` points came at which nobody was killed: one is left to chance, as it comes right behind another. */
	for (let round = 0; ; round++) {
		missed.clear();
		const fresh = () => { for (const name of points.names) if (!hit.has(name)) missed.add(name); };
		points.again();
		const forth = await through(pelago, points, RUN(small), { database, before: hit });
		const version = await checkEnd(pelago, forth, 'upgraded');
		t.diagnostic(`round ${round}: ${forth.state}${forth.why && `, ${forth.why}`}; ${points.names.length} points, killed at ${forth.killed.join(', ')}`);
		fresh();
		for (const name of points.names) seen.add(name);
		if (version !== '0.2.0') continue;
		const isLast = round + 1 >= ROUNDS || missed.size === 0;
		points.again();
		const words = isLast ? ['upgrade', 'finalize', '--yes'] : ['upgrade', 'rollback', '--yes'];
		const end = await through(pelago, points, words, { database, before: hit });
		t.diagnostic(`then ${end.state}${end.why && `, ${end.why}`}; ${points.names.length} points, killed at ${end.killed.join(', ')}`);
		for (const name of points.names) seen.add(name);
		if (isLast) {
			assert.equal(end.state, 'finalized', end.why);
			break;
		}
		fresh();
		await checkEnd(pelago, end, 'undone');
	}
	await until('the last form is written', async () => (await (await fetch(`${book.url}/Ledger/total`)).json()).totalCents !== undefined);
	await book.end();
	await book.check();
	t.diagnostic(`${seen.size} points, killed at ${hit.size}; ${book.taken} puts were acknowledged, each is there once`);
	assert.ok(hit.size >= seen.size * 0.5, `only ${hit.size} of ${seen.size} points`);
});
