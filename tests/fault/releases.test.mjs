/*
 * releases.test.mjs — releases of which something is broken: the upgrade goes back by itself, the cause named, and all that
 * was acknowledged is there. And two minors: refused, or as two hops.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { build, run, until } from '../scenario/lib/instance.mjs';
import { checkEnd, isWhole } from '../scenario/lib/rounds.mjs';
import { Book, SMALL, makeSmall, startSmall } from '../scenario/lib/small.mjs';
import { begin, stateOf } from '../scenario/lib/upgrade.mjs';

const LIMIT = { timeout: 10 * 60000 };
let small, pelago, book;

before(async () => {
	const made = await run('ninja', ['-C', build, 'release-train'], { timeout: 600000 });
	assert.equal(made.status, 0, made.stdout);
	small = await makeSmall();
	pelago = await startSmall(small);
	book = new Book(pelago);
	await book.put('same-1', 1250);
	await book.put('same-2', 1250);
}, LIMIT);
after(async () => {
	await pelago?.stop({ keep: process.env.PELAGO_KEEP });
	small?.remove();
});

/* Of a version that is loaded there is one: a release of the same number, with other contents, is refused. */
async function unload(version) {
	for (const loaded of JSON.parse((await pelago.pelago(['release', 'list', '--json'])).stdout))
		if (loaded.version === version) {
			const { status, stderr } = await pelago.pelago(['release', 'delete', version, '--yes']);
			assert.equal(status, 0, stderr);
		}
}
async function another(of) {
	await unload(`0.${of.n ?? 2}.0`);
	return small.another(of);
}
/* As long as it takes. */
async function upgrade(file) {
	const command = begin(pelago, ['upgrade', 'run', file, '--rolling', ...SMALL]);
	return { status: await command.ended, stdout: command.said, stderr: command.said };
}

describe('UPG-11: goes back by itself, and says why', () => {
	const broken = {
		/* The first of those with another schema: what others have added to it stays. */
		'a schema that doesn\'t fit the data': [{ ledger: 'migration-ledger' }, /Ledger/],
		'a manager that ends at once': [{ programs: { 'pelago-manager': 'manager-dies' } }, /Manager.*version 0\.2\.0: .*it went back to 0\.1\.0/],
		'a node that ends at once': [{ programs: { 'pelago-node': 'node-dies' } }, /node-common.*version 0\.2\.0: .*it went back to 0\.1\.0/],
		'an edge that ends at once': [{ programs: { 'pelago-edge': 'edge-dies' } }, /edge.*version 0\.2\.0: .*it went back to 0\.1\.0/],
		'a service that ends at once': [{ ledger: 'crash-ledger' }, /Ledger (ends again and again|ended)/],
		'a service that hangs': [{ ledger: 'hang-ledger' }, /not in 60 s: .*Ledger doesn't serve|Ledger (ends again and again|ended)/],
		'a service that refuses all': [{ ledger: 'wrong-ledger' }, /Ledger fails what it is asked on node node-connectors/],
	};
	for (const [what, [of, why]] of Object.entries(broken))
		test(what, LIMIT, async (t) => {
			const file = await another(of);
			book.begin();
			const { status, stdout, stderr } = await upgrade(file);
			const ended = await stateOf(pelago);
			t.diagnostic(ended.why);
			assert.deepEqual([status, ended.state], [1, 'undone'], stdout + stderr);
			assert.match(ended.why, why);
			assert.match(stderr, /all is as it was before/);
			await checkEnd(pelago, ended, 'undone');
			await book.end();
			await book.check();
		});
});

describe('UPG-8: two minors at once', () => {
	test('refused, if the release takes over from the minor before only, or that one isn\'t loaded', LIMIT, async () => {
		const only = await upgrade(await another({ n: 3, sources: ['0.2'] }));
		assert.deepEqual([only.status, /0\.3\.0 takes over from 0\.2 in place, and this is Pelago 0\.1\.0/.test(only.stderr)], [4, true], only.stderr);
		await unload('0.2.0');
		const { status, stderr } = await upgrade(await another({ n: 3 }));
		assert.deepEqual([status, /rolls by way of 0\.2, which isn't loaded[^]*pelago release load/.test(stderr)], [4, true], stderr);
		await isWhole(pelago, '0.1.0');
	});

	test('by two hops; a service that is broken in the second leads back to the release between, and from there on', LIMIT, async () => {
		const loaded = await pelago.pelago(['release', 'load', small.release]);
		assert.equal(loaded.status, 0, loaded.stderr);
		book.begin();
		const broken = await upgrade(await another({ n: 3, ledger: 'crash-ledger' }));
		assert.equal(broken.status, 1, broken.stderr);
		assert.match(broken.stderr, /went back to 0\.2\.0, from where there is no way back/);
		await isWhole(pelago, '0.2.0');
		const good = await upgrade(await another({ n: 3 }));
		assert.equal(good.status, 0, good.stderr);
		await isWhole(pelago, '0.3.0');
		const back = await pelago.pelago(['upgrade', 'rollback', '--yes']);
		assert.equal(back.status, 0, back.stderr);
		await isWhole(pelago, '0.2.0');
		await book.end();
		await book.check();
	});

	test('and finalized, nothing is left of what was before', LIMIT, async () => {
		book.begin();
		const good = await upgrade(await another({ n: 3 }));
		assert.equal(good.status, 0, good.stderr);
		const { status, stderr } = await pelago.pelago(['upgrade', 'finalize', '--yes']);
		assert.equal(status, 0, stderr);
		await until('the last form is written', async () => (await (await fetch(`${book.url}/Ledger/total`)).json()).totalCents !== undefined);
		const bundles = JSON.parse((await pelago.pelago(['service', 'list', '--json'])).stdout);
		assert.deepEqual([...new Set(bundles.map(({ version }) => version))], ['0.3.0']);
		await book.end();
		await book.check();
	});
});
