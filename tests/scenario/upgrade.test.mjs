/*
 * upgrade.test.mjs — before an upgrade: words that are wrong, artefacts that aren't fit, checks and their fixes, the
 * steps beforehand; nothing of it changes anything. Upgrades that run are in tests/fault and bench.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build, run, startInstance, until } from './lib/instance.mjs';
import { makeKey } from './lib/bundle.mjs';
import { makeRelease } from './lib/release.mjs';

let pelago, folder, file;
const maker = { key: join(build, 'bundles/development.key') };
const CONFIGURATION = ['-cg', '1', 'DigitalOnly-100', 'Chat'];

before(async () => {
	folder = mkdtempSync(join(tmpdir(), 'pelago-upgrade-'));
	file = await makeRelease(folder, { version: '0.2.0' }, maker);
	pelago = await startInstance({ demo: true });
});
after(async () => {
	await pelago?.stop({ keep: process.env.PELAGO_KEEP });
	rmSync(folder, { recursive: true, force: true });
});

const cli = (...words) => pelago.pelago(words);
async function refused(status, reason, ...words) {
	const answer = await cli(...words);
	assert.deepEqual([answer.status, reason.test(answer.stderr)], [status, true], `${words.join(' ')}: ${answer.status} ${answer.stderr}`);
}
const checks = async (...words) => {
	const { status, stdout, stderr } = await cli('upgrade', 'check', file, ...CONFIGURATION, '--json', ...words);
	assert.ok([0, 4].includes(status), stderr);
	return { status, list: JSON.parse(stdout) };
};
const resultOf = async (key, ...words) => (await checks(...words)).list.find((one) => one.key === key).result;

/* What is typed on its standard input; it ends there. */
const answered = (typed) => new Promise((resolve) => {
	const child = execFile(join(build, 'pelago'), ['upgrade', 'run', file, ...CONFIGURATION, '--rolling', '--data', pelago.data], (error, stdout, stderr) => resolve({ status: error?.code ?? 0, stdout, stderr }));
	child.stdin.end(typed);
});

test('UPG-2: a word that is wrong is refused with the nearest that is right, before anything is touched', async () => {
	const upgrade = ['upgrade', 'run', file];
	await refused(2, /did you mean 'DigitalOnly-100'/, ...upgrade, '-cg', '1', 'DigitalOnly-10', '--yes');
	await refused(2, /did you mean 'Chat'/, ...upgrade, '-cg', '1', 'DigitalOnly-100', 'Caht', '--yes');
	await refused(2, /'Chat' is no option of VoiceOnly-100/, ...upgrade, '-cg', '1', 'VoiceOnly-100', 'Chat', '--yes');
	await refused(2, /cluster group is 1/, ...upgrade, '-cg', 'x', 'DigitalOnly-100', 'Chat', '--yes');
	await refused(2, /no such cluster group/, ...upgrade, '-cg', '2', 'DigitalOnly-100', 'Chat', '--yes');
	await refused(2, /-cg N is missing/, ...upgrade, 'DigitalOnly-100', 'Chat', '--yes');
	await refused(2, /configuration is missing/, ...upgrade, '-cg', '1');
	await refused(2, /not both/, ...upgrade, ...CONFIGURATION, '--window', '--rolling');
	await refused(2, /did you mean '--rolling'/, ...upgrade, ...CONFIGURATION, '--roling');
	await refused(2, /1 to 10080/, ...upgrade, ...CONFIGURATION, '--finalize-after-minutes', '0');
	await refused(2, /K=NAME is wanted/, ...upgrade, ...CONFIGURATION, '--cluster', 'Cluster1_CC');
	await refused(2, /isn't cluster 1/, ...upgrade, ...CONFIGURATION, '--yes', '--cluster', '1=Cluster2_UAC');
	await refused(2, /did you mean 'Cluster1_CC'/, ...upgrade, ...CONFIGURATION, '--yes', '--cluster', '1=Cluster1_C');
	assert.equal((await cli('plan', 'list', '--json')).stdout.includes('"upgrade"'), false);
});

test('UPG-2: upgradeSolution is the same command', async () => {
	const link = join(build, 'upgradeSolution');
	const answer = await run(link, [file, '-cg', '1', 'DigitalOnly-100', 'Caht', '--data', pelago.data]);
	assert.deepEqual([answer.status, /did you mean 'Chat'/.test(answer.stderr)], [2, true], answer.stderr);
	const plan = await run(link, [file, ...CONFIGURATION, '--rolling', '--plan', '--data', pelago.data]);
	assert.equal(plan.status, 0, plan.stderr);
	assert.match(plan.stdout, /Manager 0\.2\.0/);
});

test('UPG-3: each cluster is asked about by its name, until it is right', async () => {
	const { status, stdout, stderr } = await answered('y\nn\nCluster1_CC\nn\nCluster2_UAC\ny\n');
	assert.match(stdout, /Is Cluster 1 name Cluster1_CC \(y\/n\) Is Cluster 2 name Cluster2_UAC \(y\/n\) Name of Cluster 2: Is Cluster 2 name Cluster1_CC \(y\/n\) Name of Cluster 2: Is Cluster 2 name Cluster2_UAC \(y\/n\) Is Cluster 3/);
	assert.deepEqual([status, /nobody answers/.test(stderr)], [2, true], stderr); /* about the third */
});

test('UPG-5: the steps are shown, and nothing is touched', async () => {
	const { status, stdout, stderr } = await cli('upgrade', 'plan', file, ...CONFIGURATION, '--rolling', '--json');
	assert.equal(status, 0, stderr);
	const { state, steps } = JSON.parse(stdout);
	assert.equal(state, 'planned');
	for (const id of ['platform-manager', 'platform-node:node-common', 'platform-edge:node-common', 'platform-root:node-common'])
		assert.ok(steps.some((step) => step.id === id && step.usualMs > 0), id);
	assert.ok(!steps.some((step) => step.kind === 'pivot'), 'all of it can be taken back');
	assert.deepEqual(JSON.parse((await cli('release', 'list', '--json')).stdout), []);
	assert.equal(JSON.parse((await cli('upgrade', 'status', '--json')).stdout).state, 'none');
});

test('UPG-1: an artefact that is cut, altered, unsigned, of a stranger, or for another path is refused', async () => {
	const go = (path) => ['upgrade', 'run', path, ...CONFIGURATION, '--rolling', '--yes'];
	const other = async (name, over, key = maker) => makeRelease(join(folder, name), { version: '0.2.0', ...over }, key);
	const cut = join(folder, 'cut.zip');
	writeFileSync(cut, readFileSync(file));
	truncateSync(cut, 3000);
	await refused(4, /damaged|cut/, ...go(cut));
	await refused(4, /isn't signed/, ...go(await other('unsigned', {}, {})));
	await refused(4, /isn't trusted/, ...go(await other('stranger', {}, await makeKey(join(folder, 'key')))));
	await refused(4, /takes over from|0\.9/, ...go(await other('path', { sources: ['0.9'] })));
	await refused(1, /No such file/, ...go(join(folder, 'nothing.zip')));
});

test('UPG-10: checks say what they saw, stop the upgrade, and are mended by the command that they name', async () => {
	const { status, list } = await checks('--rolling');
	assert.equal(status, 4);
	assert.deepEqual(list.filter(({ result, key }) => result === 'inhibit' && key !== 'release-notes').map(({ seen }) => seen), []);
	for (const one of list) assert.deepEqual(Object.keys(one), ['key', 'result', 'seen', 'why', 'fix']);
	await refused(2, /did you mean 'release-notes'/, 'upgrade', 'check', file, ...CONFIGURATION, '--fix', 'release-note');
	await refused(4, /no command mends it/, 'upgrade', 'check', file, ...CONFIGURATION, '--rolling', '--fix', 'backups');
	assert.equal(await resultOf('release-notes', '--rolling', '--fix', 'release-notes'), 'pass');
	assert.equal((await checks('--rolling')).status, 0);

	/* in a window nothing may be under way */
	assert.equal(await resultOf('draining'), 'inhibit');
	await refused(4, /draining|nothing was changed/, 'upgrade', 'run', file, ...CONFIGURATION, '--window', '--yes');
	assert.equal(await resultOf('draining', '--fix', 'all'), 'pass');
	assert.ok(JSON.parse((await cli('cluster', 'list', '--json')).stdout).every(({ state }) => state === 'Denying'));
	for (const { name } of JSON.parse((await cli('cluster', 'list', '--json')).stdout)) assert.equal((await cli('cluster', 'accept', name, '--yes')).status, 0);

	const { stdout } = await cli('upgrade', 'check', file, ...CONFIGURATION, '--rolling', '--html');
	assert.match(stdout, /<!doctype html>[^]*release-notes[^]*<\/html>/);
});

test('UPG-63: whoever was seen using an interface that changes is named, whatever it calls itself', async () => {
	const none = { added: [], changed: [], removed: [] };
	const changed = await makeRelease(join(folder, 'changed'), { version: '0.2.0',
		changes: { services: none, workflows: none, tasks: none, attributes: none, interfaces: { ...none, removed: ['GET /api/v1/authority'], changed: ['message Open'] } },
		messages: [{ name: 'Open', path: '/services/CustomerControllerService/chat', type: 'open', from: 'client' }] }, maker);
	const report = async (...words) => (await cli('upgrade', 'report', changed, ...words)).stdout;
	const authority = `http://127.0.0.1:${pelago.httpPort}/api/v1/authority`;
	assert.match(await report(), /removed +GET \/api\/v1\/authority: nobody was seen/);
	for (const agent of ['till/4 (x)', '<b>bold</b>/1', 'Mozilla/5.0 (X11)']) assert.equal((await fetch(authority, { headers: { 'User-Agent': agent } })).status, 200);
	await until('all are told', async () => JSON.parse(await report('--json')).interfaces[0].users.length === 3);
	const { interfaces } = JSON.parse(await report('--json'));
	assert.deepEqual(interfaces.map(({ name, change }) => [change, name]), [['removed', 'GET /api/v1/authority'], ['changed', 'message Open']]);
	assert.deepEqual(interfaces[0].users.map(({ kind, agent, version }) => [kind, agent, version]).sort(), [['client', '<b>bold</b>/1', '0.1.0'], ['client', 'till/4', '0.1.0'], ['own', '', '0.1.0']]);
	/* whoever says another name each time is told apart only so often, and crowds nobody out */
	for (let i = 0; i < 110; i++) await (await fetch(authority, { headers: { 'User-Agent': `evil${i}/1` } })).arrayBuffer();
	await until('the rest count as one', async () => JSON.parse(await report('--json')).interfaces[0].users.some(({ kind }) => kind === 'others'));
	const { users } = JSON.parse(await report('--json')).interfaces[0];
	assert.deepEqual([users.length <= 101, users.some(({ agent }) => agent === 'till/4')], [true, true]);
	assert.match(await report('--html'), /till\/4[^]*<\/html>/);
	assert.ok((await report('--html')).includes('&lt;b&gt;bold') && !(await report('--html')).includes('<b>bold'));
	const check = await cli('upgrade', 'check', changed, ...CONFIGURATION, '--rolling', '--json');
	const seen = JSON.parse(check.stdout).find(({ key }) => key === 'interfaces');
	assert.deepEqual([seen.result, /authority is removed, and used by .* more/.test(seen.seen)], ['warn', true], seen.seen);
	await refused(1, /nothing was upgraded yet/, 'upgrade', 'report');
});

test('UPG-4 UPG-7 UPG-11: programs that end at once are taken back by themselves, and the log says so', { timeout: 90000 }, async () => {
	const { status, stderr } = await cli('upgrade', 'run', file, ...CONFIGURATION, '--rolling', '--yes');
	assert.equal(status, 1, stderr);
	assert.match(stderr, /all is as it was before/);
	const { state, why, steps } = JSON.parse((await cli('upgrade', 'status', '--json')).stdout);
	assert.equal(state, 'undone');
	assert.match(why, /Manager 0\.2\.0/);
	assert.ok(steps.every((step) => ['waiting', 'undone'].includes(step.state)), JSON.stringify(steps.map((step) => [step.id, step.state])));
	assert.match((await cli('upgrade', 'status')).stdout, /all is as it was before/);
	await refused(4, /nothing to resume/, 'upgrade', 'resume');
	await refused(4, /nothing to roll back/, 'upgrade', 'rollback', '--yes');
	await refused(4, /nothing to finalize/, 'upgrade', 'finalize', '--yes');
	const log = join(pelago.data, 'log/solution-upgrade.jsonl');
	await until('the log is whole', () => existsSync(log) && /"step":"","state":"undone"/.test(readFileSync(log, 'utf8')));
	const lines = readFileSync(log, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
	assert.deepEqual(lines.map(({ n }) => n), lines.map((_, i) => i + 1), 'each line once, in order');
	assert.match(readFileSync(join(pelago.data, 'log/solution-upgrade.log'), 'utf8'), /platform-manager/);
	await until('ready', async () => (await cli('status')).status === 0, 30000);
});
