/*
 * hosts.test.mjs — three hosts with addresses of their own: one with manager, bus, PostgreSQL and an edge, two that
 * join, one of them with an edge, too. A host's cable is pulled and put back, another's clock is wrong, and chats
 * over both edges don't notice.
 *
 * Hosts are network namespaces; this file runs itself in the first one's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import https from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Agent, Customer } from '../scenario/lib/chat.mjs';
import { DAY_MS, WallClock } from '../scenario/lib/clock.mjs';
import { chatsUnderFaults } from '../scenario/lib/exact.mjs';
import { smallDisk } from '../scenario/lib/disk.mjs';
import { Faults } from '../scenario/lib/faults.mjs';
import { Hosts } from '../scenario/lib/hosts.mjs';
import { freePort, run, startInstance, until } from '../scenario/lib/instance.mjs';
import { joinHost, list, nodeOf, untilStable, working } from '../scenario/lib/join.mjs';
import { startPostgres } from '../scenario/lib/postgres.mjs';

const NAMES = ['main', 'one', 'two'];
const COMMON = 'Cluster1_CC', OCP = 'Cluster3_OCP';
const HOUR_MS = 3600000;

if (!process.env.PELAGO_TEST_HOSTS) {
	let net;
	after(() => net?.remove());
	test('on hosts of their own', { timeout: 380000 }, async (t) => {
		net = await Hosts.make(NAMES);
		const env = { ...process.env, PELAGO_TEST_HOSTS: JSON.stringify(net) };
		delete env.NODE_TEST_CONTEXT;
		const { status, stdout, stderr } = await net.exec('main', process.execPath, ['--test', '--test-reporter=tap', fileURLToPath(import.meta.url)], { env, timeout: 370000 });
		for (const [, line] of stdout.matchAll(/^# (.* ms)$/gm)) t.diagnostic(line);
		assert.equal(status, 0, stdout + stderr);
		assert.match(stdout, /^# pass [1-9]/m);
	});
} else {
	const net = Object.assign(new Hosts(), JSON.parse(process.env.PELAGO_TEST_HOSTS));
	let server, pelago, clock, disk, one, two, ca;

	before(async () => {
		server = await startPostgres({ address: net.address('main') });
		clock = await WallClock.make();
		pelago = await startInstance({ demo: true, store: server.url, args: ['--listen', net.address('main'), '--floating', net.spare] });
	});
	after(async () => {
		await one?.stop();
		await two?.stop();
		await pelago?.stop();
		await server?.stop();
		await clock?.remove();
		await disk?.remove();
	});

	const onHost = (name, env) => (program, args) => net.exec(name, program, args, env && { env: { ...process.env, ...env } });
	const ready = () => until('ready', async () => (await pelago.pelago(['status'])).status === 0, 30000);

	test('PLT-3 PLT-9: two hosts join over the network, one with an edge, one with a clock that is an hour ahead', { timeout: 90000 }, async () => {
		disk = await smallDisk(200);
		one = await joinHost(pelago, COMMON, { exec: onHost('one'), data: join(disk.folder, 'host') });
		await clock.put(-3 * DAY_MS);
		const late = await joinHost(pelago, OCP, { exec: onHost('two', clock.env) }).catch((error) => error.message);
		assert.match(late, /is this host's clock right\?/);
		await clock.put(HOUR_MS);
		two = await joinHost(pelago, OCP, { exec: onHost('two', clock.env), args: ['--https-port', String(pelago.httpsPort), '--http-port', String(await freePort())] });
		for (const host of [one, two]) await untilStable(pelago, host.node);
		await until('the work is spread', async () => {
			const nodes = new Set(Object.values({ ...await working(pelago, COMMON), ...await working(pelago, OCP) }));
			return nodes.has(one.node) && nodes.has(two.node);
		});
		ca = await readFile(join(pelago.data, 'tls/ca.pem'));
		two.edge = { ...pelago, origin: `wss://${net.address('two')}:${pelago.httpsPort}`, ca };
		/* The bus is where it was told to be, and nowhere else. */
		const { port } = new URL(JSON.parse(await readFile(join(one.data, 'pelago.json'), 'utf8')).bus);
		const listening = (await run('ss', ['-ltnH', `sport = :${port}`])).stdout.trim().split('\n');
		assert.equal(listening.length, 1);
		assert.match(listening[0], new RegExp(`${net.address('main')}:${port}`));
	});

	test('PLT-9: a customer at one edge, an agent at another', { timeout: 60000 }, async () => {
		const agent = await Agent.signIn(two.edge, 'agent1', { autoAccept: true, echo: true });
		await agent.ready();
		const customer = new Customer(pelago, { name: 'Ann', topic: 'support' });
		await customer.opened();
		await customer.say('hello');
		await customer.until((c) => c.texts('agent').includes('re: hello'));
		await agent.finish(customer.contactId);
		agent.end();
		customer.end();
	});

	/* Whether somebody serves at the floating address, with a certificate for it. */
	const floats = () => new Promise((resolve) => {
		const ask = https.get({ host: net.spare, port: pelago.httpsPort, path: '/healthz', ca, agent: false, timeout: 300 }, (answer) => {
			answer.resume();
			resolve(answer.statusCode === 200);
		});
		ask.on('timeout', () => ask.destroy());
		ask.on('error', () => resolve(false));
	});
	const solution = async () => JSON.parse((await pelago.pelago(['solution', 'status', '--json'])).stdout);
	const has = async (name) => (await net.ip(name, 'addr', 'show', 'dev', 'eth0')).includes(`${net.spare}/32`);

	test('PLT-9: the floating address moves to another edge within 5 s, and is never on two hosts', { timeout: 60000 }, async (t) => {
		await until('it is served', floats);
		assert.deepEqual([(await solution()).address, (await solution()).addressNode], [net.spare, 'node-common']);
		assert.ok(await has('main'));

		/* The first host's edge ends, and nobody starts it again. */
		const { pid, processes } = JSON.parse((await pelago.pelago(['status', '--json'])).stdout);
		process.kill(pid, 'SIGSTOP');
		process.kill(processes.find(({ name }) => name === 'edge').pid, 'SIGKILL');
		let cut = performance.now();
		await until('the other host serves it', async () => await has('two') && await floats(), 10000);
		const first = performance.now() - cut;
		assert.ok(!await has('main'));
		process.kill(pid, 'SIGCONT');
		await until('the first host has an edge again', async () => (await pelago.processes()).edge);
		assert.ok(await has('two'), 'it stays where it is');

		/* The other host vanishes. */
		await net.down('two');
		cut = performance.now();
		await until('the first host serves it', async () => await has('main') && await floats(), 10000);
		const second = performance.now() - cut;
		assert.ok(!await has('two'), 'who is cut off has let go of it');
		await net.up('two');
		await untilStable(pelago, two.node);
		t.diagnostic(`the edge ended: ${first.toFixed(0)} ms`);
		t.diagnostic(`the host vanished: ${second.toFixed(0)} ms`);
	});

	test('PLT-60 PLT-2: hosts vanish from the network and come back under chats', { timeout: 180000 }, async (t) => {
		let faults;
		await chatsUnderFaults(pelago, {
			chats: 12, agents: 3, pauseMs: 1000,
			fault: async (load) => {
				faults = new Faults(pelago, load);
				for (const [name, host, cluster] of [['one', one, COMMON], ['two', two, OCP]]) {
					const others = async () => Object.values(await working(pelago, cluster)).every((node) => node && node !== host.node);
					await faults.pauses(`${name} vanishes`, async () => {
						await net.down(name);
						await until(`the others do what ${host.node} did`, others, 30000);
					});
					assert.equal((await nodeOf(pelago, host.node)).state, 'Unreachable');
					await faults.pauses(`${name} is there again`, async () => {
						await net.up(name);
						await untilStable(pelago, host.node);
					});
				}
			},
		});
		for (const line of faults.lines()) t.diagnostic(line);
		await ready();
	});

	test('PLT-5 PLT-60: the disk of a host is full: it says so, chats go on, and it has what it missed once there is room', { timeout: 120000 }, async (t) => {
		const json = async (...words) => JSON.parse((await pelago.pelago([...words, '--json'])).stdout);
		const replicated = async () => (await json('replication', 'status')).find(({ node }) => node === one.node);
		const isAlarmed = async () => (await json('alarm', 'list')).some(({ key, source }) => key === 'replication.failed' && source === one.node);
		let faults;
		await chatsUnderFaults(pelago, {
			chats: 12, agents: 3, pauseMs: 1000,
			fault: async (load) => {
				faults = new Faults(pelago, load);
				await faults.pauses('a disk is full', async () => {
					await disk.fill();
					assert.equal((await pelago.pelago(['attribute', 'set', 'Offer Time', '25', '--service', 'UCMService'])).status, 0);
					await until('its configuration has failed', async () => (await replicated()).state === 'Failed');
				});
				assert.match((await replicated()).error, /No space left|full/);
				assert.ok((await json('replication', 'status')).every(({ node, state }) => node === one.node || state === 'Synchronized'));
				assert.ok(await isAlarmed());
				await pelago.pelago(['test', 'run', '--node', one.node]);
				assert.equal((await json('test', 'list', '--node', one.node)).find(({ test: key }) => key === 'disk').result, 'Failure');
				await faults.pauses('there is room again', async () => {
					await disk.clear();
					await until('it has it', async () => (await replicated()).state === 'Synchronized', 30000);
				});
			},
		});
		for (const line of faults.lines()) t.diagnostic(line);
		await untilStable(pelago, one.node);
		await until('the alarm is over', async () => !await isAlarmed());
	});

	test('PLT-4: a host without manager, bus and database goes on by its own copy when they are back', { timeout: 60000 }, async () => {
		const before = await one.processes();
		await net.down('one');
		process.kill(before[one.node], 'SIGKILL');
		await until('its node is back', async () => {
			const now = (await one.processes())[one.node];
			return now && now !== before[one.node];
		});
		await net.up('one');
		await untilStable(pelago, one.node);
		assert.ok((await list(pelago, 'node')).every((node) => node.state === 'Stable'));
	});
}
