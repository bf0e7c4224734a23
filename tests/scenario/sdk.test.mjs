/*
 * sdk.test.mjs — somebody outside the project writes services: with what is installed, in C, and by the
 * documented protocol in another language.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
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
async function kill(name) {
	const { [name]: first, [`${name}.2`]: second } = await pelago.processes();
	process.kill(first ?? second, 'SIGKILL');
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
		hello = await installed.make('HelloService');
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
		await hello.build();
		await hello.sign(join(folder, 'maker.key'));
		await done('service', 'load', hello.bundle);
		await done('service', 'install', 'HelloService@1.1.0');
		assert.deepEqual([first, await running('HelloService')], [201, '1.1.0 Installed']);
		assert.equal((await call('POST', 'HelloService/notes', { text: '' }))[1].detail, 'the note is empty: write a word');
		assert.ok((await notes()).includes('last'));
		const [{ id }] = JSON.parse(await done('plan', 'list', '--json'));
		await done('plan', 'undo', id, '--yes');
		assert.equal(await running('HelloService'), '1.0.0 Installed');
		assert.equal((await call('POST', 'HelloService/notes', { text: '' }))[1].detail, 'the note is empty: write something');
	});
});
