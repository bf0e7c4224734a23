/*
 * platform.test.mjs — `pelago up`, `down`, `status`; clusters, nodes and services as they really are;
 * whatever is killed comes back, nothing runs twice, nothing that lives is started anew.
 *
 * Services are stand-ins (platform/node/test_service.c), in a folder of programs of their own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { withBus } from './lib/bus.mjs';
import { build, freePort, isAlive, run, startInstance, until } from './lib/instance.mjs';
import { makePrograms } from './lib/programs.mjs';

const services = [
	{ name: 'FakeOne', cluster: 1, opens: ['open'], downstream: [2] },
	{ name: 'FakeTwo', cluster: 2, opens: ['open'] },
	{ name: 'FakeThree', cluster: 3 },
];

let programs;

const sorted = (object) => Object.fromEntries(Object.entries(object).sort());
const without = (object, ...names) => Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

describe('an instance', () => {
	let pelago;

	const ready = async () => (await pelago.pelago(['status'])).status === 0;
	const list = async (noun) => {
		const { status, stdout, stderr } = await pelago.pelago([noun, 'list', '--json']);
		assert.equal(status, 0, stderr);
		return JSON.parse(stdout);
	};
	/* Kills a process by name and waits until another one has its place and all is ready. */
	const killAndWait = async (name) => {
		const pid = (await pelago.processes())[name];
		assert.ok(pid, `${name} runs`);
		process.kill(pid, 'SIGKILL');
		const fresh = await until(`${name} is back`, async () => {
			const now = (await pelago.processes())[name];
			return now !== pid && now;
		});
		await until(`ready after ${name}`, ready);
		return { pid, fresh };
	};

	before(async () => {
		programs = await makePrograms(services);
		pelago = await startInstance({ demo: true, programs });
	});
	after(async () => {
		await pelago?.stop();
		rmSync(programs, { recursive: true, force: true });
	});

	test('is ready, with one process a part and a service', async () => {
		const { status, stdout } = await pelago.pelago(['status', '--json']);
		const state = JSON.parse(stdout);
		assert.equal(status, 0);
		assert.equal(state.state, 'ready');
		assert.deepEqual(state.missing, []);
		assert.equal(state.ports.http, pelago.httpPort);
		assert.deepEqual(state.processes.map((p) => p.name).sort(), ['FakeOne', 'FakeThree', 'FakeTwo', 'Manager', 'edge',
			'nats-server', 'node-agent', 'node-cobrowse', 'node-common', 'node-connectors', 'node-ocp',
			'node-provisioning']);
		assert.equal((await fetch(`http://127.0.0.1:${pelago.httpPort}/readyz`)).status, 200);
	});

	test('tells addresses and demo users, whose file only the owner reads', () => {
		const file = join(pelago.data, 'demo-users.json');
		const users = JSON.parse(readFileSync(file, 'utf8'));
		assert.equal(statSync(file).mode & 0o777, 0o600);
		assert.equal(Object.keys(users).length, 23);
		assert.equal(new Set(Object.values(users)).size, 23);
		assert.match(pelago.output, new RegExp(`127.0.0.1:${pelago.httpPort}`));
		assert.match(pelago.output, new RegExp(users.admin));
		for (const name of ['keys/edge.nk', 'tls/ca.key', 'tls/edge.key', 'pelago.json', 'bus/nats.conf'])
			assert.equal(statSync(join(pelago.data, name)).mode & 0o077, 0, name);
	});

	test('lists clusters, nodes and services', async () => {
		const clusters = await list('cluster');
		assert.deepEqual(clusters.map((c) => [c.name, c.kind, c.state]), [
			['Cluster1_CC', 1, 'Accepting'], ['Cluster2_UAC', 2, 'Accepting'], ['Cluster3_OCP', 3, 'Accepting'],
			['Cluster4_CoBrowse', 4, 'Accepting'], ['Cluster5_Connectors', 5, 'Accepting'],
			['Provisioning', 'provisioning', 'Accepting']]);
		const nodes = await until('all nodes are stable', async () => {
			const all = await list('node');
			return all.every((n) => n.state === 'Stable') && all;
		});
		assert.equal(nodes.length, 6);
		assert.ok(nodes.every((n) => n.version && n.memoryBytes > 0 && n.diskFreeBytes > 0 && n.lastHeardSeconds <= 3));
		const all = await list('service');
		assert.deepEqual(all.map((s) => [s.name, s.state, s.cluster, s.nodes]), [
			['FakeOne', 'Installed', 'Cluster1_CC', ['node-common']],
			['FakeThree', 'Installed', 'Cluster3_OCP', ['node-ocp']],
			['FakeTwo', 'Installed', 'Cluster2_UAC', ['node-agent']]]);
		assert.equal(all[0].instances[0].pid, (await pelago.processes()).FakeOne);
	});

	test('a second up is quick and changes nothing', async () => {
		const first = await pelago.processes();
		const again = await pelago.up();
		assert.equal(again.status, 0, again.stderr);
		assert.match(again.stdout, /is ready/);
		assert.deepEqual(sorted(await pelago.processes()), sorted(first));
	});

	test('a second up in the foreground, or on other ports, is refused', async () => {
		const plain = await pelago.pelago(['up']);
		assert.equal(plain.status, 4);
		assert.match(plain.stderr, /already running in .* \(pid \d+\)/);
		const ported = await pelago.pelago(['up', '--detach', '--http-port', String(await freePort())]);
		assert.equal(ported.status, 4);
		assert.match(ported.stderr, /other ports/);
	});

	/* PLT-1 */
	test('deny reaches the services, those upstream too, and is audited; accept takes it back', async () => {
		const settings = (name) => JSON.parse(readFileSync(join(pelago.data, 'services', name, 'config.json'), 'utf8'));
		const asked = await pelago.pelago(['cluster', 'deny', 'cluster2_uac']);
		assert.equal(asked.status, 2, 'without a terminal it wants --yes');
		const denied = await pelago.pelago(['cluster', 'deny', 'cluster2_uac', '--yes']);
		assert.equal(denied.status, 0, denied.stderr);
		await until('the cluster has arrived', async () =>
			(await list('cluster')).find((c) => c.name === 'Cluster2_UAC' && c.state === 'Denying' && c.arrived === 1));
		assert.equal(settings('FakeTwo').accepting, false);
		await until('the service upstream denies', () => settings('FakeOne').accepting === false);
		assert.equal(settings('FakeThree').accepting, true);
		assert.match((await pelago.pelago(['cluster', 'list'])).stdout, /Cluster2_UAC .* Denying \[1\/1\]/);

		/* It outlives a restart of the manager and of the node. */
		await killAndWait('Manager');
		await killAndWait('node-agent');
		assert.equal((await list('cluster'))[1].state, 'Denying');
		assert.equal(settings('FakeTwo').accepting, false);
		assert.equal((await pelago.pelago(['cluster', 'accept', 'Cluster2_UAC', '--yes'])).status, 0);
		await until('the cluster accepts again', async () =>
			(await list('cluster')).find((c) => c.name === 'Cluster2_UAC' && c.state === 'Accepting' && c.arrived === 1));
		assert.equal(settings('FakeTwo').accepting, true);
	});

	for (const name of ['nats-server', 'Manager', 'edge', 'FakeOne'])
		test(`${name} comes back after kill -9; nothing else is started anew`, async () => {
			const before = await pelago.processes();
			await killAndWait(name);
			assert.deepEqual(sorted(without(await pelago.processes(), name)), sorted(without(before, name)));
		});

	test('a node that comes back adopts its service', async () => {
		const before = await pelago.processes();
		await killAndWait('node-common');
		assert.deepEqual(sorted(without(await pelago.processes(), 'node-common')), sorted(without(before, 'node-common')));
		/* and looks after it as before */
		await killAndWait('FakeOne');
	});

	test('a node leaves its services alive on SIGUSR2', async () => {
		const before = await pelago.processes();
		process.kill(before['node-agent'], 'SIGUSR2');
		await until('the node is back', async () => {
			const now = await pelago.processes();
			return now['node-agent'] && now['node-agent'] !== before['node-agent'];
		});
		await until('ready', ready);
		assert.equal((await pelago.processes()).FakeTwo, before.FakeTwo);
	});

	/* PLT-4 */
	test('a node starts its services without the manager and without the bus', async () => {
		const before = await pelago.processes();
		const root = JSON.parse((await pelago.pelago(['status', '--json'])).stdout).pid;
		process.kill(root, 'SIGKILL'); /* so that nobody brings them back */
		await until('the root is gone', async () => (await pelago.pelago(['status', '--json'])).status === 1);
		for (const name of ['Manager', 'nats-server', 'node-ocp', 'FakeThree']) process.kill(before[name], 'SIGKILL');
		await until('they are gone', async () => !(await pelago.processes()).FakeThree);
		const up = pelago.up();
		assert.equal((await up).status, 0);
		await until('ready', ready);
		const now = await pelago.processes();
		for (const name of ['edge', 'node-common', 'FakeOne', 'FakeTwo']) assert.equal(now[name], before[name], name);
		assert.notEqual(now.FakeThree, before.FakeThree);
	});

	test('a stuck service is killed and started again', async () => {
		const { FakeThree: pid } = await pelago.processes();
		/* it must be old enough to be judged */
		await until('it is 5 s old', async () =>
			(await list('service')).find((s) => s.name === 'FakeThree').instances[0].uptimeSeconds >= 5);
		process.kill(pid, 'SIGSTOP');
		await until('another one runs', async () => {
			const now = (await pelago.processes()).FakeThree;
			return now && now !== pid;
		});
		await until('ready', ready);
		assert.match(readFileSync(join(pelago.data, 'log/node-ocp.log'), 'utf8'), /no heartbeat for/);
	});

	test('a killed root supervisor: status says so, up adopts all that lives', async () => {
		const before = await pelago.processes();
		const root = JSON.parse((await pelago.pelago(['status', '--json'])).stdout).pid;
		process.kill(root, 'SIGKILL');
		const status = await until('status tells', async () => {
			const result = await pelago.pelago(['status']);
			return result.status === 1 && result;
		});
		assert.match(status.stdout, /root supervisor has ended/);
		const up = await pelago.up();
		assert.equal(up.status, 0, up.stderr);
		assert.deepEqual(sorted(await pelago.processes()), sorted(before));
	});

	test('other ports after the root died: only the edge is started anew', async () => {
		const before = await pelago.processes();
		const root = JSON.parse((await pelago.pelago(['status', '--json'])).stdout).pid;
		process.kill(root, 'SIGKILL');
		const port = await freePort();
		const up = await until('up', async () => {
			const result = await pelago.pelago(['up', '--detach', '--http-port', String(port)]);
			return result.status === 0 && result;
		});
		assert.match(up.stdout, new RegExp(`127.0.0.1:${port}`));
		/* The edge of before looks after its connections, for a while. */
		const but = (all) => sorted(without(all, 'edge', 'edge.2'));
		assert.deepEqual(but(await pelago.processes()), but(before));
		assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
	});

	test('down works after the root died, and leaves no process', async () => {
		const before = await pelago.processes();
		const root = JSON.parse((await pelago.pelago(['status', '--json'])).stdout).pid;
		process.kill(root, 'SIGKILL');
		process.kill(before['node-common'], 'SIGKILL'); /* FakeOne has nobody now */
		const down = await pelago.pelago(['down']);
		assert.equal(down.status, 0, down.stderr);
		const status = await pelago.pelago(['status', '--json']);
		assert.equal(status.status, 3);
		assert.deepEqual(JSON.parse(status.stdout).processes, []);
		for (const [name, pid] of Object.entries(before)) await until(`${name} has ended`, () => !isAlive(pid));
		const again = await pelago.pelago(['down']);
		assert.equal(again.status, 0);
		assert.equal((await pelago.up()).status, 0, 'and it starts again');
	});
});

describe('a disk that was full', () => {
	const folder = mkdtempSync(join(tmpdir(), 'pelago-disk-'));
	let pelago;
	let mounted;

	before(async () => {
		programs = await makePrograms(services);
		mounted = (await run('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', folder])).status === 0;
		if (mounted) pelago = await startInstance({ programs, data: join(folder, 'data') });
	});
	after(async () => {
		await pelago?.stop();
		if (mounted) await run('umount', [folder]);
		rmSync(folder, { recursive: true, force: true });
		rmSync(programs, { recursive: true, force: true });
	});

	/* A nats-server that met it takes no more events until it starts anew. */
	test('has nats-server started anew once there is room', async (t) => {
		assert.ok(mounted, 'this test mounts a file system: run it as root');
		const before = await pelago.processes();
		const log = () => readFileSync(join(pelago.data, 'log/pelago.log'), 'utf8');
		const fill = join(folder, 'fill');
		assert.notEqual((await run('dd', ['if=/dev/zero', `of=${fill}`, 'bs=1M'])).status, 0);
		await until('the full disk is seen', () => log().includes('"disk.full"'));
		assert.deepEqual(sorted(await pelago.processes()), sorted(before));
		rmSync(fill);
		await until('the bus is another one', async () => {
			const now = (await pelago.processes())['nats-server'];
			return now && now !== before['nats-server'];
		});
		await until('ready', async () => (await pelago.pelago(['status'])).status === 0);
		assert.deepEqual(sorted(without(await pelago.processes(), 'nats-server')), sorted(without(before, 'nats-server')));
	});
});

describe('pelago', () => {
	const pelago = join(build, 'pelago');

	test('says in one sentence why it cannot start', async () => {
		const data = mkdtempSync(join(tmpdir(), 'pelago-'));
		const server = net.createServer().listen(0, '127.0.0.1');
		await once(server, 'listening');
		const port = String(server.address().port);
		const taken = await run(pelago, ['up', '--detach', '--data', data, '--http-port', port,
			'--https-port', String(await freePort())]);
		const secure = await run(pelago, ['up', '--detach', '--data', data, '--https-port', port,
			'--http-port', String(await freePort())]);
		server.close();
		assert.equal(taken.status, 4);
		assert.equal(taken.stderr, `pelago: port ${port} is used by another program; choose another by --http-port\n`);
		assert.equal(secure.status, 4);
		assert.equal(secure.stderr, `pelago: port ${port} is used by another program; choose another by --https-port\n`);

		/* a file in the folder's place, and a folder that can't be made */
		writeFileSync(join(data, 'file'), '');
		for (const place of [join(data, 'file'), join(data, 'file', 'deeper')]) {
			const wrong = await run(pelago, ['up', '--detach', '--data', place]);
			assert.notEqual(wrong.status, 0);
			assert.match(wrong.stderr, /^pelago: .*file.*\n$/);
		}

		writeFileSync(join(data, 'pelago.json'), JSON.stringify({ ...JSON.parse(readFileSync(join(data, 'pelago.json'))),
			version: '999.1.0' }));
		const newer = await run(pelago, ['up', '--detach', '--data', data]);
		assert.equal(newer.status, 4);
		assert.match(newer.stderr, /^pelago: .*999\.1\.0.*newer than this Pelago \d+\.\d+\.\d+.*\n$/);
		assert.match(readFileSync(join(data, 'pelago.json'), 'utf8'), /999/);

		const broken = join(data, 'broken');
		mkdirSync(broken);
		writeFileSync(join(broken, 'pelago.json'), '{"format": 1,');
		const bad = await run(pelago, ['up', '--detach', '--data', broken]);
		assert.notEqual(bad.status, 0);
		assert.match(bad.stderr, /^pelago: .*pelago\.json.*\n$/);
		rmSync(data, { recursive: true });
	});

	test('a service leaves a store of a newer version alone', async () => {
		const data = mkdtempSync(join(tmpdir(), 'pelago-'));
		const store = join(data, 'store.db');
		mkdirSync(join(data, 'services'));
		const sql = `create table pl_level (area text primary key, level bigint not null);
			insert into pl_level values ('sdk', 999)`;
		const made = await run('python3', ['-c', 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])', store, sql]);
		assert.equal(made.status, 0, made.stderr);
		/* it comes to its store once it has a bus */
		const { status, stderr } = await withBus((bus) => run(join(build, 'services/UCMService/UCMService'),
			['--data', data, '--bus', bus, '--store', `sqlite:${store}`]));
		assert.equal(status, 4, stderr);
		assert.match(stderr, /^UCMService: schema sdk is written as of Pelago 0\.999, this program is of 0\.\d+\.\d+: start the program of 0\.999 or a newer one$/m);
		rmSync(data, { recursive: true });
	});

	test('names the package that is missing', async (t) => {
		const places = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin', '/sbin', '/bin'];
		const real = (process.env.PATH.split(':').concat(places)).map((p) => join(p, 'nats-server')).filter(existsSync);
		assert.equal(process.getuid(), 0, 'this test hides a program: run it as root');
		const data = mkdtempSync(join(tmpdir(), 'pelago-'));
		/* in a namespace of its own, something that can't be run lies over each nats-server */
		const hide = [...new Set(real)].map((path) => `mount --bind /dev/null ${path}`).join(' && ');
		/* the root of a chroot is no mount point: nothing goes out of the namespace if nothing is shared, either */
		const alone = 'mount --make-rslave / 2>/dev/null || ! grep -q " shared:" /proc/self/mountinfo';
		const { status, stderr } = await run('unshare', ['-m', '--propagation', 'unchanged', 'sh', '-c', `{ ${alone}; } && ${hide} && exec ${pelago} up --detach --data ${data}/new`]);
		assert.ok([3, 4].includes(status), `status ${status}`);
		assert.match(stderr, /^pelago: .*nats-server.*\n$/);
		assert.ok(!existsSync(join(data, 'new')), 'nothing was begun');
		rmSync(data, { recursive: true });
	});

	test('knows its words', async () => {
		const data = join(tmpdir(), 'pelago-never');
		const cases = [
			[['--version'], 0, /^pelago \d+\.\d+\.\d+\n$/, /^$/],
			[['help'], 0, /pelago cluster deny CLUSTER/, /^$/],
			[['help', 'cluster'], 0, /--yes/, /^$/],
			[['help', 'clutser'], 2, /^$/, /did you mean 'cluster'/],
			[['clutser', 'list'], 2, /^$/, /did you mean 'cluster'/],
			[['cluster', 'lsit'], 2, /^$/, /did you mean 'list'/],
			[['cluster'], 2, /^$/, /pelago help cluster/],
			[['cluster', 'deny', '--yes'], 2, /^$/, /CLUSTER is missing/],
			[['up', '--htp-port', '1'], 2, /^$/, /did you mean '--http-port'/],
			[['up', '--http-port', '99999'], 2, /^$/, /not a port/],
			[['status', 'now'], 2, /^$/, /'now' is too much/],
			[['status', '--data', data], 3, /^$/, /not running/],
			[['down', '--data', data], 0, /^$/, /not running/],
			[['cluster', 'list', '--data', data], 3, /^$/, /not running/],
		];
		for (const [args, status, stdout, stderr] of cases) {
			const result = await run(pelago, args);
			assert.equal(result.status, status, `${args.join(' ')}: ${result.stderr}`);
			assert.match(result.stdout, stdout, args.join(' '));
			assert.match(result.stderr, stderr, args.join(' '));
		}
		assert.ok(!existsSync(data));
	});
});
