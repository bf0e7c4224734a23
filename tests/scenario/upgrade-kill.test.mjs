/*
 * upgrade-kill.test.mjs — an upgrade whose command gets Ctrl-C, and that is taken back in its midst; at its points
 * somebody is killed -9: manager, nodes, bus, root supervisor, command. Which points and in which turn, the day says;
 * all of them are in tests/fault/points.test.mjs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Killer, Points } from './lib/points.mjs';
import { RUN, checkEnd, through } from './lib/rounds.mjs';
import { Book, makeSmall, startSmall } from './lib/small.mjs';

const day = Number(process.env.PELAGO_DAY || Math.floor(Date.now() / 86400000));
const victims = Killer.all.map((_, i, all) => all[(i + day) % all.length]);
let small, points, pelago;

before(async () => {
	small = await makeSmall();
	points = new Points();
	pelago = await startSmall(small, { points: points.folder });
});
after(async () => {
	await pelago?.stop({ keep: process.env.PELAGO_KEEP });
	points?.remove();
	small?.remove();
});

test('UPG-4 UPG-7 UPG-9: whoever is killed at a point of an upgrade, it goes on, and back from its midst', { timeout: 240000 }, async (t) => {
	const book = new Book(pelago), chance = ({ name }) => [...name].reduce((sum, c) => sum + c.charCodeAt(0), day) % 2 === 0;
	/* The command is left alone until Ctrl-C. */
	const options = { victims: victims.filter((name) => name !== 'command'), chance };
	let first;
	book.begin();
	const ended = await through(pelago, points, RUN(small), options, ({ name }, command, killer) => {
		if (name !== 'gate:node-common did') return;
		first = command.child;
		first.kill('SIGINT');
		command.begin(['upgrade', 'rollback', '--yes']);
		killer.victims = victims;
	});
	assert.equal(await first.ended, 1, first.said);
	assert.match(first.said, /the upgrade goes on without you/);
	assert.equal(ended.state, 'undone');
	await checkEnd(pelago, ended, 'undone');
	await book.end();
	await book.check();
	assert.ok(ended.killed.length > 2, `killed: ${ended.killed}`);
	t.diagnostic(`${book.taken} were acknowledged; killed at ${ended.killed.join(', ')}`);
});
