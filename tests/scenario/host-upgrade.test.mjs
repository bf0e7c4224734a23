/*
 * host-upgrade.test.mjs — all of a host's own programs go to another version under live chats, and back: nothing is
 * lost, doubled or out of order. Programs that fall or hang go back by themselves; who does the work is killed in
 * the midst of it. Patches come and go. Packages that aren't good are refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeKey } from './lib/bundle.mjs';
import { chatsUnderFaults } from './lib/exact.mjs';
import { Faults } from './lib/faults.mjs';
import { build, isAlive, run, startInstance, until } from './lib/instance.mjs';
import { makePackage, makePatch } from './lib/package.mjs';
import { disturb } from './lib/plans.mjs';

const env = { PELAGO_TRIAL_MS: '400' };
let pelago, folder, maker, next;

const call = (name, words) => run(join(build, name), [...words, '--yes', '--data', pelago.data], { env: { ...process.env, ...env } });
const upgrade = (file, more = []) => call('upgradeCE', [file, ...more]);
const show = async (words) => JSON.parse((await pelago.pelago([...words, '--json'])).stdout);
const newest = async () => (await show(['plan', 'list'])).find(({ kind }) => kind === 'node-upgrade');

/* Which version each of the host's own programs is of; an edge that only looks after old connections doesn't count. */
async function versions() {
	const { processes, version } = await show(['status']);
	const written = JSON.parse(readFileSync(join(pelago.data, 'platform/programs.json'), 'utf8')).programs;
	const ours = processes.filter(({ name }) => name.startsWith('node-') || name === 'Manager');
	return [...new Set([version, written.edge.version, ...ours.map((one) => one.version)])];
}
const state = (name) => JSON.parse(readFileSync(join(pelago.data, 'platform/programs.json'), 'utf8')).programs[name];
const ready = () => until('ready', async () => (await pelago.pelago(['status'])).status === 0, 30000);

before(async () => {
	folder = mkdtempSync(join(tmpdir(), 'pelago-host-upgrade-'));
	maker = await makeKey(folder);
	pelago = await startInstance({ demo: true, env });
	writeFileSync(join(pelago.data, 'edge/config.json'), '{"reconnectSeconds":2}');
	assert.equal((await pelago.pelago(['bundle', 'trust', maker.pub])).status, 0);
	next = await makePackage(folder, '0.2.0', maker, { 'web/assets/only-here.js': '2' });
});
after(async () => {
	await pelago?.stop({ keep: process.env.PELAGO_KEEP });
	rmSync(folder, { recursive: true, force: true });
});

test('UPG-40 UPG-41: every program of a host is replaced under live chats, and back', { timeout: 180000 }, async (t) => {
	let faults;
	const { longest, messages } = await chatsUnderFaults(pelago, {
		chats: 40,
		agents: 20,
		pauseMs: 1500,
		fault: async (load) => {
			faults = new Faults(pelago, load);
			const services = async () => Object.entries(await pelago.processes()).filter(([name]) => /^[A-Z]/.test(name) && name !== 'Manager');
			const before = await services();
			await faults.pauses('nothing replaced', () => {}, 2000);
			await faults.pauses('all programs of the host, to 0.2.0', async () => {
				const { status, stderr } = await upgrade(next);
				assert.equal(status, 0, stderr);
			});
			assert.deepEqual(await versions(), ['0.2.0']);
			assert.equal(readlinkSync(join(pelago.data, 'platform/current')), '0.2.0');
			await faults.pauses('and back', async () => {
				const { status, stderr } = await pelago.pelago(['plan', 'undo', (await newest()).id, '--yes']);
				assert.equal(status, 0, stderr);
			});
			assert.deepEqual(await versions(), ['0.1.0']);
			assert.ok(!existsSync(join(pelago.data, 'platform/current')));
			assert.deepEqual(await services(), before, 'no service was stopped');
			await faults.ready();
		},
	});
	for (const line of faults.lines()) t.diagnostic(line);
	t.diagnostic(`${messages} messages; longest loss of a connection ${longest.toFixed(0)} ms`);
});

test('UPG-40: a node whose supervisor falls, one that hangs: each goes back by itself, and says why', { timeout: 90000 }, async () => {
	const falls = await makePackage(folder, '0.3.0', maker, { 'pelago-node': '#!/bin/sh\nexit 7\n' });
	await until('the edge of before has ended', async () => !('edge.2' in await pelago.processes()) || !('edge' in await pelago.processes()));
	const { 'node-agent': before, ...others } = await pelago.processes();
	const fell = await upgrade(falls, ['--node', 'node-agent']);
	assert.equal(fell.status, 1);
	assert.match(fell.stderr, /node-agent.*version 0\.3\.0: .*exited with status 7; it went back to 0\.1\.0/);
	assert.equal(state('node-agent').version, '0.1.0');
	await ready();
	const { 'node-agent': now, ...same } = await pelago.processes();
	assert.notEqual(now, before);
	assert.deepEqual(same, others, 'nothing else was touched');
	/* made anew under its number, it is another one, though that one is still there */
	const anew = await upgrade(await makePackage(folder, '0.3.0', maker, { 'pelago-node': '#!/bin/sh\nexit 8\n' }), ['--node', 'node-agent']);
	assert.match(anew.stderr, /node-agent.*version 0\.3\.0: .*exited with status 8; it went back to 0\.1\.0/);
	await until('the package is gone from the host', () => !existsSync(join(pelago.data, 'platform/0.3.0')));

	const hangs = await makePackage(folder, '0.3.1', maker, { 'pelago-edge': '#!/bin/sh\nexec sleep 100\n', 'pelago-manager': '#!/bin/sh\nexit 1\n' });
	const whole = await upgrade(hangs);
	assert.equal(whole.status, 1);
	assert.match(whole.stderr, /Manager.*version 0\.3\.1: /);
	assert.equal((await newest()).state, 'undone');
	await ready();
	assert.deepEqual(await versions(), ['0.1.0']);
});

test('UPG-41: a new edge that doesn\'t come to serve is taken back; nobody was refused meanwhile', { timeout: 60000 }, async () => {
	/* As the root supervisor is asked by its node. */
	const edges = async () => Object.entries(await pelago.processes()).filter(([name]) => name.startsWith('edge'));
	const before = await edges();
	const wish = async (name, version, n) => {
		writeFileSync(join(pelago.data, `platform/wish/.${name}`), JSON.stringify({ version, n }));
		await run('mv', [join(pelago.data, `platform/wish/.${name}`), join(pelago.data, `platform/wish/${name}.json`)]);
		await until(`${name} was tried`, () => state(name).n === n && state(name).state !== 'trial', 40000);
	};
	await run('mkdir', ['-p', join(pelago.data, 'platform/x9')]);
	for (const [program, text] of [['pelago-edge', '#!/bin/sh\nexec sleep 100\n'], ['pelago', '#!/bin/sh\nexit 1\n']]) {
		writeFileSync(join(pelago.data, 'platform/x9', program), text, { mode: 0o700 });
	}
	let over = false, refused = 0, asked = 0;
	const asking = (async () => {
		for (; !over; asked++) refused += !(await fetch(`http://127.0.0.1:${pelago.httpPort}/healthz`).catch(() => undefined))?.ok;
	})();
	await wish('edge', 'x9', 77);
	over = true;
	await asking;
	assert.match(state('edge').detail, /x9.*it went back to 0\.1\.0/);
	assert.equal(refused, 0);
	assert.deepEqual(await until('only that edge is there', async () => (await edges()).length === 1 && edges()), before);
	assert.ok(asked > 0);

	const { pid } = await show(['status']);
	await wish('root', 'x9', 78);
	assert.match(state('root').detail, /x9.*it went back to 0\.1\.0/);
	await until('the root supervisor is back', async () => (await show(['status'])).pid);
	assert.notEqual((await show(['status'])).pid, pid);
	await ready();
});

test('UPG-40: who does the work is killed in the midst of it, and the upgrade comes to its end', { timeout: 150000 }, async () => {
	const kill = async (name) => process.kill(await until(`${name} is there`, async () => (await pelago.processes())[name]), 'SIGKILL');
	for (const [step, who] of [['platform-manager:node-agent', 'Manager'], ['platform-node:node-ocp', 'node-ocp'], ['platform-edge:node-agent', 'root']]) {
		const version = (await versions())[0];
		const words = version === '0.1.0' ? ['node', 'upgrade', next] : ['plan', 'undo', (await newest()).id];
		if (version !== '0.1.0') {
			assert.equal((await pelago.pelago([...words, '--yes'])).status, 0);
			continue;
		}
		const ended = await disturb(pelago, [...words, '--yes'], step, async () => {
			if (who !== 'root') return kill(who);
			const { pid } = await show(['status']);
			process.kill(pid, 'SIGKILL');
			await until('it has ended', () => !isAlive(pid));
			assert.equal((await pelago.up()).status, 0);
		});
		const [plan] = [await newest()];
		/* One that is killed on trial has fallen: it goes back. Else it comes to its end. */
		assert.ok(['done', 'undone'].includes(plan.state), `${who}: ${ended.stderr}`);
		assert.deepEqual(await versions(), [plan.state === 'done' ? '0.2.0' : '0.1.0'], `${who}: ${ended.stderr}`);
		await ready();
	}
});

test('UPG-40: a patch is applied and taken off; one at a time', { timeout: 90000 }, async () => {
	if ((await versions())[0] !== '0.2.0') assert.equal((await upgrade(next)).status, 0);
	const patch = await makePatch(folder, '0.2.1', '0.2.0', maker, { 'web/assets/patched.js': 'patched' });
	const other = await makePatch(folder, '0.1.1', '0.1.0', maker, { 'web/assets/x.js': '' });
	const wrong = await call('patchCE', ['-i', other]);
	assert.equal(wrong.status, 4);
	assert.match(wrong.stderr, /is for version 0\.1\.0, node node-common has 0\.2\.0/);
	assert.equal((await call('patchCE', ['-u'])).status, 4, 'there is none');
	const applied = await call('patchCE', ['-i', patch]);
	assert.equal(applied.status, 0, applied.stderr);
	const get = async (path) => (await fetch(`http://127.0.0.1:${pelago.httpPort}${path}`)).status;
	assert.deepEqual([await get('/assets/patched.js'), await get('/assets/only-here.js')], [200, 200]);
	const again = await call('patchCE', ['-i', patch]);
	assert.equal(again.status, 4);
	assert.match(again.stderr, /has patch 0\.2\.1 already/);
	const off = await call('patchCE', ['-u']);
	assert.equal(off.status, 0, off.stderr);
	assert.equal(state('root').version, '0.2.0');
	await ready();
});

test('UPG-40: packages that aren\'t good are refused before anything happens', { timeout: 60000 }, async () => {
	const others = async () => Object.entries(await pelago.processes()).filter(([name]) => !name.startsWith('edge'));
	const before = await others();
	const refuse = async (name, file, words, status = 4) => {
		const ended = await call(name, [...words, file]);
		assert.deepEqual([ended.status, words.every((word) => word.length) && /^pelago: /.test(ended.stderr)], [status, true], ended.stderr);
		return ended.stderr;
	};
	const bytes = readFileSync(next);
	const damaged = join(folder, 'damaged.zip');
	writeFileSync(damaged, bytes.subarray(0, bytes.length / 2));
	assert.match(await refuse('upgradeCE', damaged, []), /damaged or cut/);
	bytes[Math.floor(bytes.length / 2)] ^= 1;
	writeFileSync(damaged, bytes);
	await refuse('upgradeCE', damaged, []);
	assert.match(await refuse('upgradeCE', await makePackage(folder, '0.4.0', {}), []), /isn't signed/);
	assert.match(await refuse('upgradeCE', await makePackage(folder, '0.4.1', await makeKey(folder, 'stranger')), []), /isn't trusted/);
	assert.match(await refuse('upgradeCE', await makePackage(folder, '0.4.2', maker, {}, { arch: 'pdp11' }), []), /is for pdp11/);
	assert.match(await refuse('upgradeCE', join(folder, 'patch-0.2.1.zip'), []), /'patchCE -i' takes it/);
	assert.match(await refuse('patchCE', next, ['-i']), /'upgradeCE' takes it/);
	copyFileSync(next, join(folder, 'x.zip'));
	await refuse('upgradeCE', join(folder, 'nowhere.zip'), [], 1);
	assert.equal((await call('patchCE', [])).status, 2);
	assert.deepEqual(await others(), before);
});

test('UPG-9: stopped and started again, it is what it was', { timeout: 60000 }, async () => {
	const [version] = await versions();
	assert.equal(version, '0.2.0');
	assert.equal((await pelago.pelago(['down'])).status, 0);
	assert.equal((await pelago.up()).status, 0);
	assert.deepEqual(await versions(), ['0.2.0']);
	await ready();
});

test('UPG-41: a root supervisor that ends each time it is started gives way to the one before', { timeout: 60000 }, async () => {
	const file = join(pelago.data, 'platform/programs.json'), link = join(pelago.data, 'platform/current');
	assert.equal((await pelago.pelago(['down'])).status, 0);
	const programs = JSON.parse(readFileSync(file, 'utf8'));
	programs.programs.root = { version: 'x9', before: '0.2.0', state: 'trial', detail: '', n: programs.programs.root.n };
	writeFileSync(file, JSON.stringify(programs));
	rmSync(link);
	symlinkSync('x9', link);
	assert.equal((await pelago.up()).status, 1, 'as that program says');
	assert.equal((await pelago.up()).status, 0);
	assert.equal(readlinkSync(link), '0.2.0');
	assert.match(state('root').detail, /version x9: it ended each time that it was started; it went back to 0\.2\.0/);
	assert.deepEqual(await versions(), ['0.2.0']);
	await ready();
});
