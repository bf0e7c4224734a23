/*
 * sdk.test.mjs — somebody outside the project writes services: with what is installed, in C, and by the
 * documented protocol in another language.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { withBus } from './lib/bus.mjs';
import { token } from './lib/chat.mjs';
import { run, startInstance, until } from './lib/instance.mjs';
import { install } from './lib/sdk.mjs';

let folder, installed, pelago, bearer;

before(async () => {
	folder = mkdtempSync(join(tmpdir(), 'pelago-sdk-'));
	installed = await install(folder);
	pelago = await startInstance({ programs: installed.programs, demo: true });
	await installed.cli(['bundle', 'keygen', 'maker'], folder);
	bearer = await token(pelago, 'agent1');
});
after(async () => {
	await pelago?.stop({ keep: process.env.PELAGO_KEEP });
	if (!process.env.PELAGO_KEEP) rmSync(folder, { recursive: true, force: true });
});

async function done(...words) {
	const { status, stdout, stderr } = await pelago.pelago(words);
	assert.equal(status, 0, `${words.join(' ')}: ${stderr}`);
	return stdout;
}
/* An HTTP call to a service; [status, body]. */
async function call(method, path, body) {
	const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/${path}`, {
		method,
		headers: { authorization: `Bearer ${bearer}`, ...(body ? { 'content-type': 'application/json' } : {}) },
		body: body && JSON.stringify(body),
	}).catch(() => undefined);
	return answer ? [answer.status, await answer.json().catch(() => undefined)] : [0];
}
const running = async (name) => JSON.parse(await done('service', 'list', '--json')).filter((one) => one.name === name && one.cluster).map(({ version, state }) => `${version} ${state}`).join();
async function pidOf(name) {
	const { [name]: first, [`${name}.2`]: second } = await pelago.processes();
	return first ?? second;
}
const kill = async (name) => process.kill(await pidOf(name), 'SIGKILL');
/* Built, signed, loaded, installed; returns the plan. */
async function deliver(service, name, version) {
	await service.build();
	await service.sign(join(folder, 'maker.key'));
	await done('service', 'load', service.bundle);
	const plan = JSON.parse(await done('service', 'install', `${name}@${version}`, '--json'));
	assert.equal(await running(name), `${version} Installed`);
	return plan;
}

describe('PLT-13: the SDK', () => {
	test('has each function that its headers name, and nothing else', async () => {
		const library = readdirSync(folder, { recursive: true }).find((path) => path.endsWith('/libpelago.a'));
		const { stdout } = await run('nm', ['-g', '--defined-only', '--format=just-symbols', join(folder, library)]);
		const has = new Set(stdout.split('\n').filter((line) => line && !line.endsWith(':')));
		assert.deepEqual([...has].filter((name) => !name.startsWith('pl_')), []);
		const headers = join(installed.prefix, 'include/pelago');
		for (const file of readdirSync(headers).filter((name) => name.endsWith('.h'))) {
			const text = readFileSync(join(headers, file), 'utf8').replace(/\/\*[^]*?\*\//g, '').replace(/\\\n/g, '').replace(/^#.*$/gm, '');
			for (const [, name] of text.matchAll(/^[a-z].*?\b(pl_\w+)\(/gm))
				if (!/typedef/.test(text.match(new RegExp(`^.*\\b${name}\\(.*$`, 'm'))[0])) assert.ok(has.has(name), `${file}: ${name} is in no library`);
		}
	});

	test('refuses what is no name of a service, or one of ours, and a folder that is there', async () => {
		for (const [words, status, reason] of [
			[['hello'], 2, /no name of a service/], [['Hello/There'], 2, /no name of a service/], [['H'.repeat(49)], 2, /3 to 48/],
			[['ucmservice'], 2, /no name/], [['Ucmservice'], 4, /UCMService is a name of Pelago's own/], [['Edge'], 4, /Pelago's own/],
			[['HelloService', '--dir', folder], 4, /is there already/], [['HelloService', '--language', 'rust'], 2, /c and for python/],
			[['HelloService', '--dir', join(folder, 'nowhere/x')], 1, /No such file/],
		]) {
			const { status: had, stderr } = await pelago.pelago(['service', 'new', ...words]);
			assert.deepEqual([had, reason.test(stderr)], [status, true], `${words}: ${had} ${stderr}`);
		}
	});
});

describe('PLT-13: a service in C', () => {
	let hello;
	const notes = async () => (await call('GET', 'HelloService/notes'))[1]?.items?.map(({ text }) => text);

	test('is made, built outside the tree, packed, signed by its maker, trusted, loaded and installed', { timeout: 120000 }, async () => {
		hello = await installed.make('HelloService', 'c');
		await hello.build();
		const unsigned = await pelago.pelago(['service', 'load', hello.bundle]);
		assert.match(unsigned.stderr, /isn't signed/);
		await hello.sign(join(folder, 'maker.key'));
		const stranger = await pelago.pelago(['service', 'load', hello.bundle]);
		assert.deepEqual([stranger.status, /key that isn't trusted/.test(stranger.stderr)], [4, true], stranger.stderr);
		await done('bundle', 'trust', join(folder, 'maker.pub'));
		await done('service', 'load', hello.bundle);
		await done('service', 'install', 'HelloService');
		assert.equal(await running('HelloService'), '1.0.0 Installed');
	});

	test('answers, keeps what it was told, and heeds its attribute at once', async () => {
		await until('its route is known', async () => (await call('GET', 'HelloService/notes'))[0] === 200);
		const [status, note] = await call('POST', 'HelloService/notes', { text: 'größer' });
		assert.deepEqual([status, note.text, note.id.length], [201, 'größer', 26]);
		assert.deepEqual((await call('POST', 'HelloService/notes', { text: ' ' }))[1].detail, 'the note is empty: write something');
		await done('attribute', 'set', 'Longest Note', '5', '--service', 'HelloService');
		await until('the bound is in effect', async () => (await call('POST', 'HelloService/notes', { text: 'largest' }))[0] === 400);
		assert.deepEqual((await notes())[0], 'größer');
	});

	test('that can\'t have its database is at no moment told as a standby, which would count as installed', async () => {
		const data = join(folder, 'nothing'), beat = join(data, 'services/HelloService/heartbeat');
		mkdirSync(join(data, 'services'), { recursive: true });
		/* it comes to its database once it has a bus */
		const { status, stderr } = await withBus((bus) => run(join(hello.place, 'build/HelloService'), ['--data', data, '--node', 'none', '--bus', bus, '--store', `sqlite:${data}/not/there`]));
		assert.notEqual(status, 0, stderr);
		assert.equal(readFileSync(beat).readBigInt64LE(8) & 1n, 0n);
	});

	test('comes back after kill -9 with all that it had', async () => {
		const before = await notes();
		await kill('HelloService');
		assert.deepEqual(await until('it is back', notes), before);
		assert.equal((await call('POST', 'HelloService/notes', { text: 'after' }))[0], 201);
	});

	test('is replaced by its next version, which has all of it, and that is taken back', { timeout: 60000 }, async () => {
		hello.change('manifest.json', '"version": "1.0.0"', '"version": "1.1.0"');
		hello.change('text.c', 'write something', 'write a word');
		const [first] = await call('POST', 'HelloService/notes', { text: 'last' });
		const { id } = await deliver(hello, 'HelloService', '1.1.0');
		assert.equal(first, 201);
		assert.equal((await call('POST', 'HelloService/notes', { text: '' }))[1].detail, 'the note is empty: write a word');
		assert.ok((await notes()).includes('last'));
		await done('plan', 'undo', id, '--yes');
		assert.equal(await running('HelloService'), '1.0.0 Installed');
		assert.equal((await call('POST', 'HelloService/notes', { text: '' }))[1].detail, 'the note is empty: write something');
	});
});

/* lib/pelago of the template keeps its data in SQLite. */
if (process.env.PELAGO_STORE !== 'postgresql') describe('PLT-13: services in another language, by the bus protocol', () => {
	let notes, tally;
	const counts = async () => (await call('GET', 'Tally/counts'))[1]?.counts;

	test('are delivered as bundles for any processor, installed, and answer', { timeout: 60000 }, async () => {
		notes = await installed.make('PyNotes', 'python');
		tally = installed.copy('Tally');
		await deliver(notes, 'PyNotes', '1.0.0');
		await deliver(tally, 'Tally', '1.0.0');
		const { files, ...shown } = JSON.parse(await done('bundle', 'verify', tally.bundle, '--json'));
		assert.deepEqual([shown.arch, shown.signer, files > 10], ['all', 'maker', true]);
		await until('their routes are known', async () => (await call('GET', 'PyNotes/notes'))[0] === 200 && await counts());
		assert.equal((await call('POST', 'PyNotes/notes', { text: 'größer' }))[0], 201);
		assert.deepEqual((await call('POST', 'PyNotes/notes', { text: ' ' }))[1].detail, 'the note is empty: write something');
		assert.deepEqual((await call('GET', 'PyNotes/notes?limit=1'))[1].items.map(({ text }) => text), ['größer']);
	});

	test('read events of services in C and in Python, each once, also those of before and of while they were away', { timeout: 60000 }, async () => {
		await until('those of before they were there', async () => (await counts())?.['note after'] === 1 && (await counts())['note größer'] === 2);
		await kill('Tally');
		assert.equal((await call('POST', 'HelloService/notes', { text: 'away' }))[0], 201);
		assert.equal((await call('POST', 'PyNotes/notes', { text: 'away' }))[0], 201);
		await kill('Tally').catch(() => {}); /* it may not be back yet */
		assert.equal((await call('POST', 'PyNotes/notes', { text: 'away' }))[0], 201);
		await until('all have been counted', async () => (await counts())?.['note away'] === 3);
		assert.equal((await counts())['note größer'], 2);
	});

	test('do what they are asked to exactly once, though they are killed meanwhile', { timeout: 60000 }, async () => {
		const calls = [];
		for (let i = 0; i < 60; i++) {
			calls.push(call('POST', 'Tally/put', { name: 'put' }));
			if (i % 20 === 10) {
				await kill('Tally');
				await until('it is back', counts);
			}
		}
		const answers = await Promise.all(calls);
		assert.deepEqual([...new Set(answers.map(([status]) => status))], [200], 'the edge repeats what a killed process left');
		assert.equal((await counts()).put, 60);
		assert.deepEqual(answers.map(([, { n }]) => n).sort((a, b) => a - b), Array.from({ length: 60 }, (_, i) => i + 1), 'numbers of events');
	});

	test('are ended when they stand still, and started anew', { timeout: 60000 }, async () => {
		const pid = await pidOf('Tally');
		process.kill(pid, 'SIGSTOP');
		await until('another process serves', async () => await pidOf('Tally') !== pid && await counts());
	});

	test('heed settings at once, open secrets, refuse new work while their cluster denies', { timeout: 60000 }, async () => {
		await done('attribute', 'set', 'Tally Step', '5', '--service', 'Tally');
		await until('the step is 5', async () => {
			const before = (await counts())?.step ?? 0;
			return (await call('POST', 'Tally/put', { name: 'step' }))[1].value === before + 5;
		});
		await done('attribute', 'set', 'Tally Pin', 'größer als 1', '--service', 'Tally');
		const hash = createHash('sha256').update('größer als 1').digest('hex');
		await until('the secret is known', async () => (await call('GET', 'Tally/counts'))[1]?.pinHash === hash);
		const [{ name }] = JSON.parse(await done('cluster', 'list', '--json')).filter(({ kind }) => kind === 1);
		await done('cluster', 'deny', name, '--yes');
		await until('it denies', async () => (await call('POST', 'Tally/put', { name: 'denied' }))[0] === 503);
		const { denied } = await counts();
		for (let i = 0; i < 3; i++) assert.equal((await call('POST', 'Tally/put', { name: 'denied' }))[0], 503);
		assert.equal((await counts()).denied, denied);
		await done('cluster', 'accept', name, '--yes');
		await until('it accepts', async () => (await call('POST', 'Tally/put', { name: 'accepted' }))[0] === 200);
	});

	test('tell their metrics, write their log, and end in order', { timeout: 60000 }, async () => {
		const text = await (await fetch(`http://127.0.0.1:${pelago.httpPort}/metrics`)).text();
		assert.match(text, /requests_total\{service="Tally"\} [1-9]/);
		tally.change('manifest.json', '"version": "1.0.0"', '"version": "1.1.0"');
		const before = await counts();
		await deliver(tally, 'Tally', '1.1.0');
		assert.deepEqual(await until('the next version answers', counts), before);
		await done('service', 'uninstall', 'Tally', '--yes');
		assert.equal(await pidOf('Tally'), undefined);
		const lines = readdirSync(join(pelago.data, 'log')).filter((file) => /^Tally/.test(file)).flatMap((file) => readFileSync(join(pelago.data, 'log', file), 'utf8').trim().split('\n')).map((line) => JSON.parse(line));
		assert.ok(lines.some(({ event, text: said }) => event === 'service.started' && /version=1\.1\.0/.test(said)));
		assert.equal(lines.filter(({ event }) => event === 'service.stopped').length, 2, 'the first version and the next, in order');
		assert.deepEqual(lines.filter(({ level }) => level === 'ERROR'), []);
	});
});
else test('PLT-13: a service that can only have SQLite says so, and its installation can be taken back', { timeout: 60000 }, async () => {
	const notes = await installed.make('PyNotes', 'python');
	await notes.build();
	await notes.sign(join(folder, 'maker.key'));
	await done('service', 'load', notes.bundle);
	const { status, stdout, stderr } = await pelago.pelago(['service', 'install', 'PyNotes', '--json']);
	const { id, state } = JSON.parse(stdout);
	assert.deepEqual([status, state, /PyNotes ends again and again/.test(stdout + stderr)], [1, 'failed', true], stdout + stderr);
	assert.match(readFileSync(join(pelago.data, 'log/PyNotes.log'), 'utf8'), /keeps its data in SQLite, and can't use postgresql/);
	await done('plan', 'undo', id, '--yes');
	assert.equal(await running('PyNotes'), '');
});
