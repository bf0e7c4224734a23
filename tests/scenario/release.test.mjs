/*
 * release.test.mjs — UPG-1: the release artefact: what is taken, and what is refused with its reason.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeKey } from './lib/bundle.mjs';
import { build, run, startInstance, until } from './lib/instance.mjs';
import { kill } from './lib/plans.mjs';
import { makeRelease } from './lib/release.mjs';

const pelago = join(build, 'pelago');
const folder = mkdtempSync(join(tmpdir(), 'pelago-release-'));
const data = join(folder, 'data');
after(() => rmSync(folder, { recursive: true }));

const maker = await makeKey(folder);
mkdirSync(join(data, 'trust'), { recursive: true });
writeFileSync(join(data, 'trust/maker.pub'), readFileSync(maker.pub));

const verify = (file) => run(pelago, ['release', 'verify', file, '--data', data, '--json']);
async function refused(reason, file, wanted = 4) {
	const { status, stderr } = await verify(file);
	assert.equal(status, wanted, stderr);
	assert.match(stderr, reason);
}

test('UPG-1: a release is taken that is signed by a trusted key and takes over from this one', async () => {
	const { status, stdout, stderr } = await verify(await makeRelease(folder, { version: '0.2.0' }, maker));
	assert.equal(status, 0, stderr);
	assert.equal(JSON.parse(stdout).version, '0.2.0');
});

test('UPG-1: cut, altered, unsigned, by a stranger: refused', async () => {
	const good = await makeRelease(folder, { version: '0.2.0' }, maker);
	const bytes = readFileSync(good);
	const bad = join(folder, 'bad.zip');
	for (const part of [0, bytes.length >> 1, bytes.length - 1]) {
		writeFileSync(bad, bytes.subarray(0, part));
		await refused(/damaged or cut/, bad);
	}
	const altered = Buffer.from(bytes);
	altered[altered.length >> 1] ^= 1;
	writeFileSync(bad, altered);
	await refused(/damaged|altered/, bad);
	await refused(/isn't signed/, await makeRelease(folder, { version: '0.2.1' }));
	await refused(/a key that isn't trusted here/, await makeRelease(folder, { version: '0.2.2' }, await makeKey(join(folder, 'stranger'))));
	await refused(/this is a bundle of a service, not a release/, join(folder, '0.2.0', 'Rolling-0.2.0.svar'));
	await refused(/no file that can be read/, folder, 1);
});

test('UPG-1: one for another processor, of an unsupported path, or whose manifest is not its content is refused', async () => {
	await refused(/is for pdp11, this machine is/, await makeRelease(folder, { version: '0.2.3', arch: 'pdp11' }, maker));
	await refused(/no platform package for/, await makeRelease(folder, { version: '0.2.4', platformArch: 'pdp11' }, maker));
	await refused(/release 0\.4\.0 takes over from 0\.2, 0\.3 in place, and this is Pelago 0\.1\.\d+: upgrade to one of those first/,
		await makeRelease(folder, { version: '0.4.0', sources: ['0.2', '0.3'] }, maker));
	await refused(/release 0\.0\.1 is older than this Pelago/, await makeRelease(folder, { version: '0.0.1', sources: ['0.0'] }, maker));
	for (const sources of [[], ['0.1.0'], 'all']) await refused(/sources|takes over from no other/, await makeRelease(folder, { version: '0.2.5', sources }, maker));
	await refused(/names 'bundles\/none\.svar', which isn't in it so/, await makeRelease(folder, { version: '0.2.6',
		services: [{ name: 'None', version: '0.2.6', file: 'bundles/none.svar', size: 1, sha256: 'ab'.repeat(32), schema: 0, contracts: 0 }] }, maker));
	await refused(/malformed: .*platform/, await makeRelease(folder, { version: '0.2.7', platform: 7 }, maker));
	await refused(/no minimum or no changes/, await makeRelease(folder, { version: '0.2.8', minimum: null }, maker));
});

/* What no tool of ours makes. */
async function hostile(file, script) {
	const { status, stderr } = await run('python3', ['-c', `import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\n${script}\nz.close()`, file]);
	assert.equal(status, 0, stderr);
	return file;
}

test('UPG-1: paths that lead elsewhere, links, names twice and bombs are refused before a byte is written', async () => {
	const bad = join(folder, 'hostile.zip');
	for (const path of ['../x', '/etc/x']) await refused(/would lead out|isn't taken/, await hostile(bad, `z.writestr('${path}', b'x')`));
	await refused(/no plain file/, await hostile(bad, "i = zipfile.ZipInfo('link'); i.create_system = 3; i.external_attr = 0o120777 << 16; z.writestr(i, '/etc/passwd')"));
	await refused(/twice/, await hostile(bad, "z.writestr('a', b'x'); z.writestr('A', b'y')"));
	await refused(/more than 100 times its size/, await hostile(bad, "z.writestr('zeros', bytes(8 << 20))"));
	await refused(/more than 4096 files/, await hostile(bad, "[z.writestr(str(i), b'') for i in range(5000)]"));
	writeFileSync(bad, 'PK');
	truncateSync(bad, 3 * 1024 ** 3); /* of holes */
	await refused(/at most 1024 MiB are taken/, bad, 2);
	assert.ok(statSync(bad).size > 2 ** 31);
});

test('UPG-1: the same tree gives the same bytes, whatever the zone, the mask and the folder', async () => {
	const made = [];
	for (const [name, env, mask] of [['one', { TZ: 'Asia/Tokyo' }, '022'], ['two', { TZ: 'America/Lima' }, '077']]) {
		const out = join(folder, name);
		const { status, stderr } = await run('sh', ['-c', `umask ${mask}; exec tools/release --build "${build}" --version 0.2.0 --out "${out}"`], { env: { ...process.env, ...env } });
		assert.equal(status, 0, stderr);
		made.push(readFileSync(join(out, 'pelago-0.2.0.zip')));
	}
	assert.ok(made[0].equals(made[1]));
	assert.equal((await run('tools/release', ['--build', build, '--version', 'soon', '--out', folder])).status, 2);
});

test('UPG-1: the manager keeps a release whole or not at all, whatever dies while it is loaded', { timeout: 120000 }, async () => {
	const instance = await startInstance();
	const cli = (...words) => instance.pelago(words);
	const listed = async () => JSON.parse((await cli('release', 'list', '--json')).stdout);
	const file = join(folder, 'one/pelago-0.2.0.zip');
	try {
		/* at any moment of the load */
		for (const wait of [0, 200]) {
			const loading = cli('release', 'load', file);
			await new Promise((resolve) => setTimeout(resolve, wait));
			await kill(instance, 'Manager');
			const { status } = await loading;
			await until('the manager is back', async () => (await cli('release', 'list')).status === 0);
			assert.equal((await listed()).length, status === 0 ? 1 : 0);
			if (status === 0) break;
		}
		const { status, stderr } = await cli('release', 'load', file);
		assert.equal(status, 0, stderr);
		const { manifest, members } = JSON.parse((await cli('release', 'show', '0.2.0', '--json')).stdout);
		assert.equal(members.length, manifest.services.length + manifest.platform.length + 1); /* and a workflow */
		assert.equal((await cli('release', 'load', file)).status, 0); /* the same again */
		const other = await cli('release', 'load', await makeRelease(folder, { version: '0.2.0' }, { key: 'bundles/development.key' }));
		assert.equal(other.status, 4);
		assert.match(other.stderr, /release 0\.2\.0 is loaded already, with other contents: delete that one first/);
		await kill(instance, 'Manager');
		await until('the manager is back', async () => (await cli('release', 'list')).status === 0);
		assert.deepEqual((await listed()).map((one) => one.version), ['0.2.0']);
		for (const version of ['0.10.0', '0.2.1']) assert.equal((await cli('release', 'load', await makeRelease(folder, { version }, { key: 'bundles/development.key' }))).status, 0);
		assert.deepEqual((await listed()).map((one) => one.version), ['0.2.0', '0.2.1', '0.10.0'], 'by version, not as text');
		assert.equal((await cli('release', 'delete', '0.2.0', '--yes')).status, 0);
		const gone = await cli('release', 'show', '0.2.0');
		assert.deepEqual([gone.status, /isn't loaded/.test(gone.stderr)], [1, true]);
	} finally {
		await instance.stop();
	}
});
