/*
 * host-away.test.mjs — a rolling upgrade of two hosts: the disk of one is full at first; it loses its power while it is
 * upgraded and doesn't come back, later it does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { run, until } from '../scenario/lib/instance.mjs';
import { joinHost, untilStable } from '../scenario/lib/join.mjs';
import { Points, processesOf, signal } from '../scenario/lib/points.mjs';
import { RUN, checkEnd, isWhole, through } from '../scenario/lib/rounds.mjs';
import { Book, makeSmall, startSmall } from '../scenario/lib/small.mjs';
import { stateOf } from '../scenario/lib/upgrade.mjs';

const LIMIT = { timeout: 10 * 60000 };
let small, points, pelago, host, book;

const written = () => JSON.parse(readFileSync(join(host.data, 'platform/programs.json'), 'utf8')).programs;
const stepOf = async (id) => (await stateOf(pelago))?.steps.find((step) => step.id === id);

before(async () => {
	small = await makeSmall();
	points = new Points();
	pelago = await startSmall(small, { points: points.folder });
	const exec = (_, args) => run(join(small.programs, 'pelago'), args, { env: { ...process.env, PELAGO_TRIAL_MS: '500' } });
	host = await joinHost(pelago, 'Cluster5_Connectors', { exec });
	assert.equal((await host.pelago(['bundle', 'trust', small.maker])).status, 0);
	await untilStable(pelago, host.node);
	await isWhole(pelago, '0.1.0');
	book = new Book(pelago);
}, LIMIT);
after(async () => {
	await run('umount', ['-l', join(host?.data ?? '/nowhere', 'platform')]);
	await host?.stop();
	await pelago?.stop({ keep: process.env.PELAGO_KEEP });
	points?.remove();
	small?.remove();
});

test('UPG-7 UPG-8: a host whose disk is full is waited for, and named; the upgrade goes on, and back', LIMIT, async (t) => {
	const place = join(host.data, 'platform');
	mkdirSync(place, { recursive: true });
	const isFull = (await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place])).status === 0;
	const waited = isFull && until('the step says why it waits', async () => /full/.test((await stepOf(`platform-fetch:${host.node}`))?.detail ?? ''), 60000)
		.finally(() => run('umount', [place]));
	book.begin();
	const forth = await through(pelago, points, RUN(small), { victims: [] });
	await waited;
	t.diagnostic(isFull ? 'its disk was full' : 'who may not mount has no full disk');
	assert.equal(await checkEnd(pelago, forth, 'upgraded'), '0.2.0', forth.why);
	await until('the host is of it', () => Object.values(written()).every(({ version }) => version === '0.2.0'));
	for (const action of ['platform-fetch', 'platform-node', 'platform-root']) assert.equal((await stepOf(`${action}:${host.node}`)).state, 'done');
	const back = await through(pelago, points, ['upgrade', 'rollback', '--yes'], { victims: [] });
	await checkEnd(pelago, back, 'undone');
	await until('the host is of before', () => Object.values(written()).every(({ version }) => version === '0.1.0'));
	await book.end();
	await book.check();
});

test('UPG-7 UPG-11: a host that doesn\'t come back is named; once it is back, resume takes all back', LIMIT, async (t) => {
	book.begin();
	points.again();
	const stuck = await through(pelago, points, RUN(small), { victims: [] }, ({ name }) => {
		if (name !== `platform-node:${host.node} did`) return;
		/* all at once; its root supervisor first, which would start the others */
		const all = processesOf(host.data).sort((a, b) => Number(b.program === 'pelago') - Number(a.program === 'pelago'));
		for (const { pid } of all) signal(pid, 'SIGKILL');
		assert.ok(all.length > 2, 'root supervisor, node and services');
	});
	t.diagnostic(`${stuck.state}: ${stuck.why}`);
	assert.equal(stuck.state, 'stuck');
	assert.match(stuck.why, new RegExp(`node ${host.node} isn't heard; start it`));
	const up = await host.up();
	assert.equal(up.status, 0, up.stdout + up.stderr);
	await untilStable(pelago, host.node);
	const ended = await through(pelago, points, ['upgrade', 'resume'], { victims: [] });
	await checkEnd(pelago, ended, 'undone');
	await until('the host is of before', () => Object.values(written()).every(({ version }) => version === '0.1.0'));
	await book.end();
	await book.check();
});
