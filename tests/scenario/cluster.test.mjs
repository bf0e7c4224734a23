/*
 * cluster.test.mjs — clusters of several nodes: hosts join by a token, work is spread and handed over, nodes and
 * clusters restart, the whole is stopped and started, and chats don't notice.
 *
 * A host is a folder here; tests/fault/hosts.test.mjs has hosts with addresses of their own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { token } from './lib/chat.mjs';
import { DAY_MS, WallClock } from './lib/clock.mjs';
import { chatsUnderFaults } from './lib/exact.mjs';
import { Faults } from './lib/faults.mjs';
import { build, run, startInstance, until } from './lib/instance.mjs';
import { joinHost, joinToken, list, nodeOf, untilStable, working } from './lib/join.mjs';

const CLUSTER = 'Cluster1_CC';

let pelago, clock;
const hosts = [];

before(async () => {
	clock = await WallClock.make();
	pelago = await startInstance({ demo: true, env: clock.env });
});
after(async () => {
	for (const host of hosts) await host.stop();
	await pelago?.stop();
	await clock?.remove();
});

const say = async (words, status = 0) => {
	const result = await pelago.pelago(words);
	assert.equal(result.status, status, `${words.join(' ')}: ${result.stderr}`);
	return result;
};
const yes = (words, status) => say([...words, '--yes'], status);
const spread = () => until('the work is spread', async () => {
	const nodes = Object.values(await working(pelago, CLUSTER));
	return nodes.every(Boolean) && new Set(nodes).size === 2 && nodes;
});

test('PLT-3: a token that is none, or of another authority, or used, is refused, and leaves no folder in use', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'pelago-refused-'));
	const data = join(folder, 'data');
	const up = (token) => run(join(build, 'pelago'), ['up', '--detach', '--join', token, '--data', data]);
	const token = await joinToken(pelago, CLUSTER);
	const [address, secret, fingerprint] = token.split(',');
	const other = fingerprint.replace(/./g, (digit) => (digit === '0' ? '1' : '0'));
	for (const [text, status, message] of [
		['nonsense', 2, /isn't a whole token/],
		[`${address},${secret}`, 2, /isn't a whole token/],
		[`${address};rm,${secret},${fingerprint}`, 2, /isn't a whole token/],
		[[address, secret, other].join(','), 4, /another authority than the token names/],
		[[address, 'x'.repeat(43), fingerprint].join(','), 1, /isn't known, or has expired: make another by 'pelago node join-token'/],
		[['127.0.0.1:1', secret, fingerprint].join(','), 3, /can't be reached/],
		[[`127.0.0.1:${pelago.httpPort}`, secret, fingerprint].join(','), 3, /can't be reached/],
	]) {
		const { status: got, stderr } = await up(text);
		assert.equal(got, status, `${text}: ${stderr}`);
		assert.match(stderr, message);
		assert.ok(!existsSync(join(data, 'pelago.json')));
	}
	assert.match((await say(['node', 'join-token', '--cluster', 'none'], 1)).stderr, /no cluster/);
	assert.match((await say(['node', 'join-token', '--cluster', CLUSTER, '--minutes', '0'], 2)).stderr, /minutes/);
	const short = await joinToken(pelago, CLUSTER, ['--minutes', '1']);
	await clock.put(61000);
	const expired = await up(short);
	assert.equal(expired.status, 1, expired.stderr);
	assert.match(expired.stderr, /or has expired/);
	await clock.put(0);
	await rm(folder, { recursive: true });
});

test('PLT-3 PLT-9: a host joins, its node is stable, and the cluster\'s work is spread', { timeout: 60000 }, async () => {
	const host = await joinHost(pelago, CLUSTER);
	hosts.push(host);
	assert.equal(host.node, 'node-common-2');
	await untilStable(pelago, host.node);
	const { services, nodes } = (await list(pelago, 'cluster')).find((one) => one.name === CLUSTER);
	assert.deepEqual(nodes, ['node-common', 'node-common-2']);
	assert.deepEqual(Object.keys(await host.processes()).sort(), [...services, host.node].sort());
	await spread();
	await until('ready', async () => (await pelago.pelago(['status'])).status === 0);

	/* Its folder holds no authority and no other's key, and it can't change anything. */
	assert.ok(!existsSync(join(host.data, 'tls/ca.key')));
	assert.ok(!existsSync(join(host.data, 'keys/Manager.nk')));
	const refused = await host.pelago(['cluster', 'deny', CLUSTER, '--yes']);
	assert.equal(refused.status, 4, refused.stderr);
	assert.match(refused.stderr, /say this where its manager is/);

	/* The token was for one. */
	const data = join(host.data, 'another');
	const again = await run(join(build, 'pelago'), ['up', '--detach', '--join', host.token, '--data', data]);
	assert.equal(again.status, 1, again.stderr);
	assert.match(again.stderr, /was used by node-common-2/);
	const twice = await host.pelago(['up', '--detach', '--join', host.token]);
	assert.equal(twice.status, 2, twice.stderr);
	assert.match(twice.stderr, /is in use already/);
});

test('PLT-60 PLT-7: chats go on while nodes drain, restart, die and come back', { timeout: 120000 }, async (t) => {
	const [host] = hosts;
	let faults;
	const { longest, messages } = await chatsUnderFaults(pelago, {
		chats: 16, agents: 4, pauseMs: 1000,
		fault: async (load) => {
			faults = new Faults(pelago, load);
			await faults.pauses('drain', () => yes(['node', 'drain', 'node-common']));
			assert.deepEqual([...new Set(Object.values(await working(pelago, CLUSTER)))], [host.node]);
			await say(['node', 'accept', 'node-common']);
			await faults.pauses('a host dies with all the work', () => host.kill());
			await until('the other one works', async () => Object.values(await working(pelago, CLUSTER)).every((node) => node === 'node-common'));
			await until('it is seen', async () => (await nodeOf(pelago, host.node)).state === 'Unreachable');
			assert.equal((await pelago.pelago(['status'])).status, 0, 'the others go on');
			assert.equal((await host.up()).status, 0);
			await spread();
			await faults.pauses('cluster restart, its manager killed', async () => {
				const restarted = yes(['cluster', 'restart', CLUSTER]);
				await until('the first restarts', async () => (await nodeOf(pelago, 'node-common')).state === 'Rebooting');
				process.kill((await pelago.processes()).Manager, 'SIGKILL');
				assert.match((await restarted).stdout, /^Restart Cluster1_CC: done/);
			});
			await faults.pauses('cluster restart, all at once', () => yes(['cluster', 'restart', CLUSTER, '--together']));
			await faults.pauses('the only node of a cluster restarts', () => yes(['node', 'restart', 'node-ocp']));
		},
	});
	for (const line of faults.lines()) t.diagnostic(line);
	t.diagnostic(`${messages} messages; longest loss of a connection ${longest} ms`);
});

test('PLT-1 PLT-2: Denying counts the nodes that have arrived; a node that restarts says so', async () => {
	const cluster = async () => (await list(pelago, 'cluster')).find((one) => one.name === CLUSTER);
	const node = async () => (await nodeOf(pelago, 'node-common-2')).state;
	await until('both are stable', async () => (await node()) === 'Stable');
	await yes(['cluster', 'deny', CLUSTER]);
	await until('both have arrived', async () => (await cluster()).state === 'Denying' && (await cluster()).arrived === 2);
	assert.match((await pelago.pelago(['cluster', 'list'])).stdout, /Denying \[2\/2\]/);
	const restarting = yes(['node', 'restart', 'node-common-2']);
	await until('it is restarting', async () => (await node()) === 'Rebooting');
	assert.match((await pelago.pelago(['node', 'restart', 'node-common-2', '--yes'])).stderr, /is being restarted already/);
	assert.match((await restarting).stdout, /^Restart node-common-2: done/);
	await until('it is stable', async () => (await node()) === 'Stable');
	await until('it denies as before', async () => (await cluster()).arrived === 2);
	await yes(['cluster', 'accept', CLUSTER]);
	await until('both accept', async () => (await cluster()).arrived === 2);
});

test('PLT-15 PLT-16 PLT-1: stopped and started, all is as it was; in Standby nothing is accepted', { timeout: 60000 }, async () => {
	await yes(['cluster', 'deny', 'Cluster2_UAC']);
	await yes(['solution', 'stop']);
	const left = await pelago.processes();
	assert.deepEqual(Object.keys(left).filter((name) => name.endsWith('Service') || name === 'WorkAssignment'), []);
	assert.deepEqual(Object.keys(await hosts[0].processes()), ['node-common-2']);
	process.kill(left.Manager, 'SIGKILL');
	const status = await until('the manager is back', async () => {
		const { status: code, stdout } = await pelago.pelago(['status']);
		return code === 1 && stdout.includes('the solution is stopped') && stdout;
	});
	assert.match(status, /pelago solution start/);
	const started = JSON.parse((await say(['solution', 'start', '--json'])).stdout);
	assert.equal(started.state, 'Started');
	assert.equal((await list(pelago, 'cluster')).find((one) => one.name === 'Cluster2_UAC').state, 'Denying');
	await yes(['cluster', 'accept', 'Cluster2_UAC']);

	await yes(['solution', 'site', 'Standby']);
	const opens = async () => JSON.parse(await readFile(join(pelago.data, 'services/CustomerControllerService/config.json'), 'utf8')).accepting;
	await until('nothing is accepted', async () => (await opens()) === false);
	assert.equal((await yes(['solution', 'site', 'Asleep'], 2)).status, 2);
	await yes(['solution', 'site', 'Active']);
	await until('it is again', opens);
});

test('a cluster has another name, also after a restart of the manager; two of one name are refused', async () => {
	await say(['cluster', 'rename', 'Cluster4_CoBrowse', 'Browsing together']);
	assert.match((await say(['cluster', 'rename', 'Cluster5_Connectors', 'browsing TOGETHER'], 4)).stderr, /there is a cluster/);
	assert.match((await say(['cluster', 'rename', 'Cluster5_Connectors', 'node-ocp'], 4)).stderr, /is a node's name/);
	assert.match((await say(['cluster', 'rename', 'Cluster5_Connectors', ' x'], 2)).stderr, /blank/);
	process.kill((await pelago.processes()).Manager, 'SIGKILL');
	await until('ready', async () => (await pelago.pelago(['status'])).status === 0);
	assert.deepEqual((await list(pelago, 'cluster')).map((one) => one.name),
		['Cluster1_CC', 'Cluster2_UAC', 'Cluster3_OCP', 'Browsing together', 'Cluster5_Connectors', 'Provisioning']);
});

test('PLT-9: a cluster has an address of its own, which its nodes test; one of a single host fails', { timeout: 60000 }, async () => {
	const tested = async () => {
		await pelago.pelago(['test', 'run', '--node', 'node-common']);
		return JSON.parse((await pelago.pelago(['test', 'list', '--node', 'node-common', '--json'])).stdout).find(({ test: one }) => one === 'address');
	};
	assert.equal((await tested()).result, 'Success');
	await say(['cluster', 'address', CLUSTER, '192.0.2.77']);
	assert.equal((await list(pelago, 'cluster')).find(({ name }) => name === CLUSTER).address, '192.0.2.77');
	process.kill((await pelago.processes()).Manager, 'SIGKILL');
	await until('ready', async () => (await pelago.pelago(['status'])).status === 0);
	await until('it is tested', async () => /192\.0\.2\.77 is 192\.0\.2\.77/.test((await tested()).evidence));
	await say(['cluster', 'address', CLUSTER, 'nowhere.invalid']);
	await until('the node knows it', async () => /nowhere.invalid: .*have DNS name it/.test((await tested()).evidence));
	assert.equal((await tested()).result, 'Failure');
	assert.match((await pelago.pelago(['cluster', 'address', CLUSTER, '127.0.0.1'])).stderr, /another host at each host/);
	await say(['cluster', 'address', CLUSTER, 'none']);
	await until('it is none', async () => (await tested()).result === 'Success');
});

test('PLT-3: a joined host whose certificate ends soon has another at its next start', { timeout: 60000 }, async () => {
	const [host] = hosts;
	const certificate = join(host.data, 'tls/identity.pem');
	const daysLeft = async () => (Date.parse(new X509Certificate(await readFile(certificate)).validTo) - Date.now()) / DAY_MS;
	assert.ok(await daysLeft() > 800);
	assert.equal((await host.pelago(['down'])).status, 0);
	for (const args of [
		['x509', '-x509toreq', '-in', certificate, '-signkey', join(host.data, 'tls/identity.key'), '-out', `${certificate}.request`],
		['x509', '-req', '-in', `${certificate}.request`, '-CA', join(pelago.data, 'tls/ca.pem'), '-CAkey', join(pelago.data, 'tls/ca.key'), '-days', '10', '-out', certificate],
	]) assert.equal((await run('openssl', args)).status, 0);
	assert.ok(await daysLeft() < 11);
	const up = await host.up();
	assert.equal(up.status, 0, up.stderr);
	assert.match(up.stdout, /has a new certificate/);
	assert.ok(await daysLeft() > 800);
	await untilStable(pelago, host.node);
});

test('PLT-52: a node that has ended is removed, its keys are worth nothing; the trail tells it all', { timeout: 60000 }, async () => {
	const [host] = hosts;
	assert.match((await yes(['node', 'remove', host.node], 4)).stderr, /is running/);
	assert.match((await yes(['node', 'remove', 'node-common'], 4)).stderr, /can't be removed/);
	assert.match((await yes(['node', 'drain', 'node-ocp'], 4)).stderr, /no other node/);
	await host.kill();
	await until('it is seen', async () => (await nodeOf(pelago, host.node)).state === 'Unreachable');
	await yes(['node', 'remove', host.node]);
	await until('its keys are gone from the bus', async () => !(await readFile(join(pelago.data, 'bus/nats.conf'), 'utf8')).includes(host.node));
	const log = () => readFile(join(host.data, 'log', `${host.node}.log`), 'utf8');
	const { length } = await log();
	const up = host.up();
	await until('it is refused', async () => /Authorization Violation/.test((await log()).slice(length)));
	const down = await host.pelago(['down']);
	assert.equal(down.status, 0, down.stderr);
	assert.equal((await up).status, 1);
	assert.equal(await nodeOf(pelago, host.node), undefined);
	await until('ready', async () => (await pelago.pelago(['status'])).status === 0);

	const headers = { authorization: `Bearer ${await token(pelago, 'admin')}` };
	const trail = (await (await fetch(`http://127.0.0.1:${pelago.httpPort}/api/v1/audit?limit=200`, { headers })).json()).items.reverse()
		.filter(({ action }) => !/^(bundle|plan)\./.test(action)); /* the services' installation */
	assert.deepEqual([...new Set(trail.map(({ action }) => action))], ['node.token', 'node.join', 'node.drain', 'node.accept', 'cluster.restart',
		'node.restart', 'cluster.deny', 'cluster.accept', 'solution.stop', 'solution.start', 'solution.site', 'cluster.rename', 'test.run', 'cluster.address', 'node.certify', 'node.remove']);
	const renamed = trail.find(({ action }) => action === 'cluster.rename');
	assert.deepEqual([renamed.before, renamed.after, renamed.from], ['Cluster4_CoBrowse', 'Browsing together', 'local']);
	assert.ok(trail.every(({ who, action }) => who || action === 'node.join' || action === 'node.certify'));
});
