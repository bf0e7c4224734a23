/*
 * attribute.test.mjs — attributes by level, by API, command line and SolutionConfiguration alike; committed at once
 * or not at all, kept through kills; secrets nowhere in clear; service profiles.
 *
 * FakeOne is platform/node/test_service.c, which tells what it has; with it run the real services that sign in, and
 * SolutionConfiguration.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeBundle } from './lib/bundle.mjs';
import { token } from './lib/chat.mjs';
import { build, run, startInstance, until } from './lib/instance.mjs';
import { joinHost, untilStable } from './lib/join.mjs';
import { makePrograms } from './lib/programs.mjs';

const TEXT = { text: 'For a test' };
const attributes = [
	{ key: 'limit', name: 'Most Calls', area: 'Calls', type: 'duration', unit: 's', least: 1, most: 3600, default: 20, ...TEXT },
	{ key: 'mode', name: 'Mode', type: 'enumeration', values: ['slow', 'fast'], default: 'slow', restart: true, ...TEXT },
	{ key: 'greeting', name: 'Greeting', type: 'string', most: 20, pattern: '[A-Z].*', default: 'Hello', formerly: ['salute'], ...TEXT },
	{ key: 'peer', name: 'Peer Address', type: 'address', ...TEXT },
	{ key: 'pin', name: 'Messaging Key', type: 'secret', ...TEXT },
];
const fakes = [
	{ name: 'FakeOne', cluster: 1, attributes, routes: [{ http: 'GET', path: '/services/FakeOne/settings', operation: 'settings', body: 'none', auth: 'none' }] },
	{ name: 'FakeTwo', cluster: 2, attributes: attributes.map((a) => a.key === 'limit' ? { ...a, default: 25 } : a), routes: [{ http: 'GET', path: '/services/FakeTwo/settings', operation: 'settings', body: 'none', auth: 'none' }] },
];

let pelago;
let programs;

before(async () => {
	programs = await makePrograms(fakes);
	for (const name of ['AuthorizationService', 'UCAStoreService', 'SolutionConfiguration'])
		copyFileSync(join(build, `bundles/${name}-0.1.0.svar`), join(programs, `bundles/${name}-0.1.0.svar`));
	copyFileSync(join(build, 'bundles/development.pub'), join(programs, 'bundles/development.pub'));
	pelago = await startInstance({ demo: true, programs });
});
after(async () => {
	await pelago?.stop();
	if (programs) rmSync(programs, { recursive: true, force: true });
});

/* ---- the three ways ---- */

const tokens = {};
async function api(method, path, { body, user = 'admin' } = {}) {
	tokens[user] ??= await token(pelago, user);
	const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}${path}`, {
		method, headers: { authorization: `Bearer ${tokens[user]}`, ...(body && { 'content-type': 'application/json' }) }, body: body && JSON.stringify(body) });
	const text = await answer.text();
	return { status: answer.status, value: text ? JSON.parse(text) : null };
}
const list = async (query = '') => (await api('GET', `/api/v1/attributes?limit=200${query}`)).value;
const version = async () => (await list()).version;
const commit = async (changes, expected) => api('POST', '/api/v1/attributes', { body: { expected: expected ?? await version(), changes } });
const change = (attribute, value, more) => ({ service: 'FakeOne', attribute, value, ...more });

async function cli(...words) {
	return pelago.pelago(['attribute', ...words]);
}
async function done(...words) {
	const { status, stdout, stderr } = await cli(...words);
	assert.equal(status, 0, `${words.join(' ')}: ${stderr}`);
	return stdout;
}
const one = async (name, ...more) => JSON.parse(await done('get', name, '--service', 'FakeOne', '--json', ...more));

/* What the service itself says it has. */
async function settings({ service = 'FakeOne', user = '' } = {}) {
	const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/${service}/settings?user=${encodeURIComponent(user)}`);
	return answer.ok ? answer.json() : {};
}
const has = (wanted, options) => until(`the service has ${JSON.stringify(wanted)}`, async () => {
	const now = await settings(options);
	return Object.entries(wanted).every(([key, value]) => now[key] === value) && now;
});
const reset = async () => {
	assert.equal((await api('POST', '/api/v1/attributes/revert', { body: { to: 0, expected: await version() } })).status, 200);
	await has({ limit: 20 });
};
async function kill(name, whileAway = async () => {}) {
	const { [name]: pid } = await pelago.processes();
	process.kill(pid, 'SIGKILL');
	await whileAway();
	await until(`${name} is back`, async () => {
		const now = (await pelago.processes())[name];
		return now && now !== pid;
	});
	await until('all is ready', async () => (await pelago.pelago(['status'])).status === 0);
}

/* ---- levels ---- */

/* PLT-20 */
test('the most specific level wins, and each shows where its value comes from', async () => {
	const shown = async () => {
		const { effective, origin, originPlace } = await one('Most Calls');
		return [effective, origin, originPlace];
	};
	assert.deepEqual(await shown(), [20, 'default', '']);
	await done('set', 'Most Calls', '30', '--area', 'calls');
	assert.deepEqual(await shown(), [30, 'solution', '']);
	await done('set', 'most calls', '40', '--service', 'fakeone');
	assert.deepEqual(await shown(), [40, 'global', '']);
	await done('set', 'limit', '1 min', '--service', 'FakeOne', '--cluster', 'cluster1_cc');
	assert.deepEqual(await shown(), [60, 'cluster', 'Cluster1_CC']);
	await has({ limit: 60 });
	await has({ limit: 30 }, { service: 'FakeTwo' });
	assert.deepEqual((await one('limit')).overrides, { cluster: 60, global: 40, solution: 30 });
	await done('reset', 'limit', '--service', 'FakeOne', '--cluster', 'Cluster1_CC');
	assert.deepEqual(await shown(), [40, 'global', '']);
	await has({ limit: 40 });
	await reset();
});

/* PLT-20 */
test('what is no value is refused in words, by command line and API alike', async () => {
	for (const [name, value, why] of [
		['Most Calls', '0', /0 s is out of range; allowed is 1 to 3600/], ['Most Calls', 'soon', /whole number/], ['Mode', 'medium', /one of slow, fast/],
		['Greeting', 'hello', /not of the form/], ['Greeting', 'H'.repeat(21), /21 characters; allowed are 0 to 20/], ['Peer Address', 'a b', /host name/]]) {
		const typed = await cli('set', name, value, '--service', 'FakeOne');
		assert.deepEqual([typed.status, why.test(typed.stderr)], [2, true], typed.stderr);
		const sent = await commit([change(name, value)]);
		assert.deepEqual([sent.status, why.test(sent.value.detail)], [400, true], sent.value.detail);
	}
	assert.equal((await cli('set', 'Most Cals', '5')).status, 2);
	assert.match((await cli('set', 'Most Cals', '5')).stderr, /did you mean 'Most Calls'/);
	assert.match((await cli('set', 'Most Calls', '5')).stderr, /FakeOne, FakeTwo: add --service/);
	assert.equal((await commit([change('Most Calls', 5, { level: 'galaxy' })])).status, 400);
	assert.equal((await commit([change('Most Calls', 5, { level: 'cluster', place: 'none' })])).status, 404);
	assert.equal((await commit([change('Mode', 'fast', { level: 'solution' })])).status, 400, 'it has no area');
	assert.equal(await version(), (await list()).version, 'nothing was committed');
	assert.equal((await api('POST', '/api/v1/attributes', { user: 'supervisor', body: { expected: 0, changes: [] } })).status, 403);
});

/* ---- commits ---- */

/* PLT-21 */
test('a set of changes is made at once or not at all, and reaches its service', async () => {
	const before = await version();
	const refused = await commit([change('Most Calls', 50), change('Greeting', 'hello')]);
	assert.equal(refused.status, 400);
	assert.deepEqual([await version(), (await one('limit')).effective], [before, 20]);
	const twice = await commit([change('Most Calls', 50), change('limit', 51)]);
	assert.match(twice.value.detail, /twice/);
	const { status, value } = await commit([change('Most Calls', 50), change('Greeting', 'Welcome'), change('Peer Address', 'ocp.example.com:8443')]);
	assert.deepEqual([status, value.version, value.changes.length], [200, before + 1, 3]);
	await has({ limit: 50, greeting: 'Welcome', peer: 'ocp.example.com:8443' });
	await until('it is known to have arrived', async () => (await one('limit')).arrived === 1);
});

/* PLT-21 */
test('the second of two administrators is told what the first has changed', async () => {
	const seen = await version();
	const [a, b] = await Promise.all([commit([change('Most Calls', 61)], seen), commit([change('Most Calls', 62)], seen)]);
	assert.deepEqual([a.status, b.status].sort(), [200, 409]);
	const [first, second] = a.status === 200 ? [a, b] : [b, a];
	assert.equal(second.value.code, 'conflict');
	assert.match(second.value.detail, /Most Calls of FakeOne was changed by admin/);
	assert.deepEqual(second.value.changes.map(({ key, became }) => [key, became]), [['limit', first.value.changes[0].became]]);
	assert.equal((await commit([change('Greeting', 'Hi')], seen)).status, 200, 'another attribute is no conflict');
	const late = await cli('set', 'limit', '63', '--service', 'FakeOne', '--expected', String(seen));
	assert.equal(late.status, 4);
	assert.match(late.stderr, /was changed by admin meanwhile/);
	await has({ limit: first.value.changes[0].became, greeting: 'Hi' });
});

/* PLT-21 */
test('history keeps author, time and difference; any earlier point can be gone back to', async () => {
	const point = await version();
	const before = { limit: (await one('limit')).effective, greeting: (await one('greeting')).effective };
	await done('set', 'limit', '70', 'greeting', 'Good day', '--service', 'FakeOne', '--note', 'a new day');
	await done('reset', 'greeting', '--service', 'FakeOne');
	await has({ limit: 70, greeting: 'Hello' });
	const [last, first] = JSON.parse(await done('history', '--service', 'FakeOne', '--json'));
	assert.deepEqual([last.version, last.changes[0].was, last.changes[0].became], [point + 2, 'Good day', null]);
	assert.deepEqual([first.note, first.changes.length, Math.abs(Date.now() - first.atMs) < 60000], ['a new day', 2, true]);
	assert.ok(first.by);
	assert.equal((await cli('revert', String(point))).status, 2, 'it asks first');
	await done('revert', String(point), '--yes');
	await has(before);
	assert.equal((await cli('revert', '99999', '--yes')).status, 2);
	await reset();
	await has({ greeting: 'Hello', peer: '' });
	const trail = (await api('GET', '/api/v1/audit')).value.items;
	assert.deepEqual([trail[0].action, trail[0].who, trail[0].from], ['attribute.revert', 'admin', '127.0.0.1']);
});

/* PLT-21 */
test('an attribute that needs a restart says so until its service was started again', async () => {
	await done('set', 'mode', 'fast', '--service', 'FakeOne');
	await until('the node waits for a restart', async () => (await one('mode')).restartNodes[0] === 'node-common');
	assert.equal((await settings()).mode, 'slow');
	assert.match(await done('get', 'mode', '--service', 'FakeOne'), /once its service was started again/);
	await kill('FakeOne');
	await has({ mode: 'fast' });
	await until('nothing waits any more', async () => (await one('mode')).restartNodes.length === 0);
});

/* ---- secrets ---- */

/* All files of the instance but those of the database server's own. */
function* files(folder) {
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) yield* files(path);
		else if (entry.isFile()) yield path;
	}
}

/* PLT-20 */
test('a secret comes to its service, and is nowhere in clear', async () => {
	const secret = 'hunter2-Örtlich-🔑';
	const hash = createHash('sha256').update(secret).digest('hex');
	assert.equal((await settings()).pinHash, 'NOTFOUND');
	assert.equal((await commit([change('Messaging Key', secret)])).status, 200);
	await has({ pinHash: hash });
	const texts = [JSON.stringify(await list()), JSON.stringify((await api('GET', '/api/v1/attributes/history')).value), await done('export'),
		JSON.stringify((await api('GET', '/api/v1/audit')).value), await done('get', 'pin', '--service', 'FakeOne')];
	for (const text of texts) assert.ok(!text.includes('hunter2'), text);
	for (const file of files(pelago.data)) assert.ok(!readFileSync(file).includes('hunter2'), file);
	assert.equal(statSync(join(pelago.data, 'keys/master.key')).mode & 0o777, 0o600);
	assert.equal(statSync(join(pelago.data, 'nodes/node-common/seal.key')).mode & 0o777, 0o600);

	/* a node that lost its key gets it sealed for the new one */
	rmSync(join(pelago.data, 'nodes/node-common/seal.key'));
	await kill('node-common');
	await done('set', 'limit', '80', '--service', 'FakeOne');
	await has({ limit: 80, pinHash: hash });

	/* and it can be gone back to */
	const point = await version();
	assert.equal((await commit([change('pin', 'another')])).status, 200);
	await has({ pinHash: createHash('sha256').update('another').digest('hex') });
	await done('revert', String(point), '--yes');
	await has({ pinHash: hash });
});

/* PLT-20 */
test('a lost master key is an alarm until each secret was set again', async () => {
	const alarms = async () => JSON.parse((await pelago.pelago(['alarm', 'list', '--json'])).stdout).filter(({ key }) => key === 'secret.unreadable');
	const kept = (await settings()).pinHash;
	rmSync(join(pelago.data, 'keys/master.key'));
	await kill('Manager');
	await until('it is told', async () => (await alarms())[0]?.subject === 'FakeOne.pin');
	assert.equal((await settings()).pinHash, kept);
	const { status } = await commit([change('pin', 'a new one')]);
	assert.equal(status, 200);
	await has({ pinHash: createHash('sha256').update('a new one').digest('hex') });
	assert.deepEqual(await alarms(), []);
});

/* ---- kills ---- */

/* PLT-21, PLT-4 */
test('a killed manager has committed all of a set or nothing, and a killed node catches up', async () => {
	for (let i = 0; i < 3; i++) {
		const before = await version();
		const [sent] = await Promise.all([
			commit([change('limit', 100 + i), change('greeting', `Nr ${i}`)], before).catch(() => null),
			kill('Manager'),
		]);
		const now = await list('&service=FakeOne');
		const value = Object.fromEntries(now.items.map((item) => [item.key, item.effective]));
		const made = value.limit === 100 + i;
		assert.equal(value.greeting === `Nr ${i}`, made, 'both or none');
		assert.equal(now.version, made ? before + 1 : before, 'once or not at all');
		if (sent?.status === 200) assert.ok(made, 'what was acknowledged is there');
		await has({ limit: value.limit, greeting: value.greeting });
	}
	await kill('node-common', () => done('set', 'limit', '200', '--service', 'FakeOne'));
	await has({ limit: 200 });
	await kill('FakeOne');
	await has({ limit: 200 });
});

/* ---- files ---- */

/* PLT-22 */
test('what is set goes to a file and comes back, with the difference first', async () => {
	const file = join(programs, 'set.json');
	await done('export', file);
	const kept = await settings();
	await done('reset', 'limit', 'greeting', '--service', 'FakeOne');
	await has({ limit: 20 });
	const shown = await cli('import', file);
	assert.equal(shown.status, 2, 'it asks first');
	assert.match(shown.stdout, /Most Calls of FakeOne \(global\): null -> 200/);
	assert.match(shown.stdout, /a secret, to be set by hand: pin of FakeOne/);
	await done('import', file, '--yes');
	await has({ limit: kept.limit, greeting: kept.greeting, pinHash: kept.pinHash });
	assert.match(await done('import', file, '--yes'), /nothing to change/);

	const value = JSON.parse(readFileSync(file, 'utf8'));
	value.values.push({ level: 'global', service: 'Gone', attribute: 'x', value: 1 }, { level: 'global', service: 'FakeTwo', attribute: 'limit', value: 77 });
	writeFileSync(file, JSON.stringify(value));
	const body = { file: value, apply: true, expected: await version() };
	assert.equal((await api('POST', '/api/v1/attributes/import', { body })).status, 409, 'all or nothing');
	assert.match(await done('import', file, '--yes'), /can't be taken: x of Gone: there is no service 'Gone'/);
	await has({ limit: 77 }, { service: 'FakeTwo' });
	for (const bad of ['{', '[]', '{"kind":"shopping","format":1,"values":[]}', '{"kind":"pelago-attributes","format":1,"values":[7]}']) {
		writeFileSync(file, bad);
		const { status, stdout } = await cli('import', file, '--yes');
		assert.ok(status === 2 || (status === 0 && /can't be taken/.test(stdout)), `${bad}: ${status}`);
	}
	assert.equal((await cli('import', join(programs, 'none.json'), '--yes')).status, 2);
});

/* PLT-22 */
test('SolutionConfiguration sets many services in one step; what is set directly wins, and shows', async () => {
	await reset();
	const SC = '/services/SolutionConfiguration/attributes';
	const calls = async () => (await api('GET', `${SC}?limit=200`)).value.items.find((item) => item.name === 'Most Calls');
	const { status } = await api('POST', SC, { body: { expected: await version(), changes: [{ area: 'Calls', name: 'Most Calls', value: '2 min' }] } });
	assert.equal(status, 200);
	await has({ limit: 120 });
	await has({ limit: 120 }, { service: 'FakeTwo' });
	await done('set', 'limit', '99', '--service', 'FakeTwo');
	await has({ limit: 99 }, { service: 'FakeTwo' });
	const shown = await calls();
	assert.equal(shown.value, 120);
	assert.deepEqual(shown.targets.map(({ service, effective, setOutside }) => [service, effective, setOutside]), [['FakeOne', 120, false], ['FakeTwo', 99, true]]);
	const stale = await api('POST', SC, { body: { expected: 0, changes: [{ area: 'calls', name: 'most calls', value: 5 }] } });
	assert.deepEqual([stale.status, stale.value.code], [409, 'conflict']);

	/* to another installation, or over an upgrade */
	const { value: file } = await api('GET', '/services/SolutionConfiguration/export');
	await done('reset', 'limit', '--area', 'Calls');
	await has({ limit: 20 });
	const { value: difference } = await api('POST', '/services/SolutionConfiguration/import', { body: { file } });
	assert.deepEqual(difference.changes.map((c) => [c.service, c.was, c.became]), [['FakeOne', null, 120], ['FakeTwo', null, 120]]);
	assert.equal((await api('POST', '/services/SolutionConfiguration/import', { body: { file, apply: true, expected: difference.version } })).status, 200);
	await has({ limit: 120 });
});

/* ---- profiles ---- */

/* PLT-23 */
test('a service profile has settings of its own for the work of its users', async () => {
	await reset();
	const profile = (...words) => pelago.pelago(['profile', ...words]);
	const ok = async (...words) => {
		const { status, stdout, stderr } = await profile(...words);
		assert.equal(status, 0, stderr);
		return stdout;
	};
	await ok('create', 'Gold', 'The best');
	assert.equal((await profile('create', 'gold')).status, 4);
	assert.equal((await cli('set', 'limit', '300', '--service', 'FakeOne', '--profile', 'Gold')).status, 4, 'not in it yet');
	await ok('add', 'Gold', 'fakeone');
	await done('set', 'limit', '300', '--service', 'FakeOne', '--profile', 'gold');
	await ok('assign', 'Gold', 'agent1');
	await ok('assign', 'Gold', '--endpoint', '4711');
	await has({ limit: 20, limitOfUser: 300 }, { user: 'agent1' });
	await has({ limitOfUser: 300 }, { user: 'endpoint:4711' });
	await has({ limitOfUser: 20 }, { user: 'agent2' });
	assert.deepEqual([(await one('limit', '--profile', 'Gold')).effective, (await one('limit')).effective], [300, 20]);

	/* pinned to a version that doesn't run, its settings wait */
	await ok('add', 'Gold', 'FakeOne@9.9.9');
	await has({ limitOfUser: 20 }, { user: 'agent1' });
	assert.match(await ok('show', 'Gold'), /another one runs/);
	await ok('add', 'Gold', 'FakeOne@0.1.0');
	await has({ limitOfUser: 300 }, { user: 'agent1' });

	/* who gets another one has that one now */
	await ok('create', 'Silver');
	await ok('assign', 'Silver', 'agent1');
	await has({ limitOfUser: 20 }, { user: 'agent1' });
	assert.equal(JSON.parse(await ok('show', 'Gold', '--json')).users.length, 0);
	await kill('Manager');
	await ok('assign', 'Gold', 'agent1');
	await has({ limitOfUser: 300 }, { user: 'agent1' });

	assert.equal((await profile('delete', 'Gold', '--yes')).status, 4, 'somebody has it');
	await ok('remove', 'Gold', 'FakeOne', '--yes');
	await has({ limitOfUser: 20 }, { user: 'agent1' });
	await ok('unassign', 'Gold', 'agent1');
	await ok('unassign', 'Gold', '--endpoint', '4711');
	await ok('delete', 'Gold', '--yes');
	assert.deepEqual(JSON.parse(await ok('list', '--json')).map((p) => p.name), ['Silver']);
});

/* PLT-20, PLT-23, PLT-24 */
test('command line and API say the same', async () => {
	const typed = JSON.parse(await done('list', '--json'));
	const { items } = await list();
	assert.equal(typed.length, items.length);
	for (const [i, item] of items.entries()) for (const [member, value] of Object.entries(typed[i])) assert.deepEqual(value, item[member], `${item.service}.${item.key}.${member}`);
	assert.ok(items.some((item) => item.service === 'UCAStoreService' && item.name === 'Enable Tokenless Access' && item.effective === false));
	const profiles = JSON.parse((await pelago.pelago(['profile', 'list', '--json'])).stdout);
	assert.deepEqual(profiles, (await api('GET', '/api/v1/profiles')).value.items);
});

/* ---- clusters ---- */

/* PLT-20, PLT-21 */
test('a second node has it too, its standbys as well; a cluster that is renamed keeps what is set for it', async (t) => {
	const host = await joinHost(pelago, 'Cluster1_CC', { exec: (program, args) => run(join(programs, 'pelago'), args) });
	let isThere = true;
	t.after(() => isThere && host.stop());
	await untilStable(pelago, host.node);
	await done('set', 'limit', '500', '--service', 'FakeOne', '--cluster', 'Cluster1_CC');
	await until('both nodes have it', async () => {
		const { nodes, arrived } = await one('limit');
		return nodes === 2 && arrived === 2;
	});
	const renamed = await pelago.pelago(['cluster', 'rename', 'Cluster1_CC', 'Common']);
	assert.equal(renamed.status, 0, renamed.stderr);
	const { effective, origin, originPlace } = await one('limit');
	assert.deepEqual([effective, origin, originPlace], [500, 'cluster', 'Common']);
	await done('set', 'limit', '510', '--service', 'FakeOne', '--cluster', 'Common');
	await has({ limit: 510 });
	isThere = false;
	await host.stop();
	await until('it can be forgotten', async () => (await pelago.pelago(['node', 'remove', host.node, '--yes'])).status === 0);
	await until('ready', async () => (await pelago.pelago(['status'])).status === 0);
	await reset();
});

/* ---- another version ---- */

/* PLT-24 */
test('a new version of a service keeps what was set, also under a key that it calls otherwise', async () => {
	const former = structuredClone(fakes[0]);
	former.attributes[2] = { ...former.attributes[2], key: 'salute', formerly: undefined };
	const file = await makeBundle(join(programs, 'former'), { ...former, version: '0.0.9' }, { key: join(programs, 'bundles/maker.key') });
	for (const words of [['load', file], ['install', 'FakeOne@0.0.9']]) assert.equal((await pelago.pelago(['service', ...words])).status, 0);
	await done('set', 'salute', 'Ahoy', 'limit', '400', '--service', 'FakeOne');
	assert.equal((await pelago.pelago(['service', 'install', 'FakeOne@0.1.0'])).status, 0);
	await has({ greeting: 'Ahoy', limit: 400 });
});
