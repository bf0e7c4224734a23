/*
 * observe.test.mjs — what an operator sees of a contact centre at work: brokers, streams and their readers (PLT-31), the
 * way of one contact through the logs, and the metrics of every process in Debian's Prometheus (PLT-33).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Agent, Customer, token as signedIn } from './lib/chat.mjs';
import { freePort, run, startInstance, until } from './lib/instance.mjs';

const top = new URL('../../', import.meta.url);

describe('observability', () => {
	let folder, pelago, contactId, prometheus;

	const cli = async (...words) => {
		const { status, stdout, stderr } = await pelago.pelago([...words, '--json']);
		assert.equal(status, 0, stderr);
		return JSON.parse(stdout);
	};
	const metrics = async () => (await fetch(`http://127.0.0.1:${pelago.httpPort}/metrics`)).text();

	/* A contact from its beginning to its end. */
	async function talk(name) {
		const agent = await Agent.signIn(pelago, 'agent1', { autoAccept: true });
		await agent.ready();
		const customer = new Customer(pelago, { name, topic: 'sales' });
		await customer.opened();
		await agent.until((a) => a.contacts.has(customer.contactId), 'the contact');
		await customer.say('hello');
		customer.send({ type: 'close' });
		await customer.until((c) => c.has('closed'), 'closed');
		for (const peer of [agent, customer]) peer.end();
		return customer.contactId;
	}

	before(async () => {
		folder = mkdtempSync(join(tmpdir(), 'pelago-observe-'));
		pelago = await startInstance({ demo: true, store: 'sqlite:{data}/services/{service}/store.db' });
		contactId = await talk('Ann');
	});
	after(async () => {
		prometheus?.kill('SIGKILL');
		await pelago?.stop();
		rmSync(folder, { recursive: true, force: true });
	});

	/* PLT-31 */
	test('each broker is up, with figures; after a restart it counts anew', { timeout: 30000 }, async () => {
		/* the first event is on its way for a moment */
		const broker = await until('it has figures', async () => {
			const [first, ...more] = await cli('event', 'dashboard');
			assert.deepEqual([more, first.state, first.version.split('.').length], [[], 'Up', 3]);
			return ['connections', 'inMessages', 'outMessages', 'inBytes', 'memoryBytes', 'storageBytes'].every((name) => first[name] > 0) && first;
		});
		process.kill((await pelago.processes())['nats-server'], 'SIGKILL');
		await until('it counts anew', async () => {
			const { status, stdout } = await pelago.pelago(['event', 'dashboard', '--json']);
			const [fresh] = status === 0 ? JSON.parse(stdout) : [];
			return fresh && fresh.id !== broker.id && fresh.uptimeSeconds <= broker.uptimeSeconds + 5;
		});
		await until('all is ready', async () => (await pelago.pelago(['status'])).status === 0);
	});

	/* PLT-31 */
	test('a broker that was there and does not answer is down', async () => {
		const sql = `insert into broker (name, host, seen_ms) values ('second', '192.0.2.1', ${Date.now() - 3600000}), ('forgotten', '192.0.2.2', 1)`;
		const made = await run('python3', ['-c', 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=10); c.execute(sys.argv[2]); c.commit()', join(pelago.data, 'services/Manager/store.db'), sql]);
		assert.equal(made.status, 0, made.stderr);
		const rows = await cli('event', 'dashboard');
		assert.deepEqual(rows.map((one) => [one.name, one.state, one.host]), [['pelago', 'Up', '127.0.0.1'], ['second', 'Down', '192.0.2.1']]);
	});

	/* PLT-31 */
	test('streams and each service that reads them, with depth, pending, redelivered and age', { timeout: 30000 }, async () => {
		const wanted = [];
		for (const { name } of (await readdir(new URL('services', top), { withFileTypes: true })).filter((one) => one.isDirectory() && one.name !== 'test')) {
			const manifest = JSON.parse(readFileSync(new URL(`services/${name}/manifest.json`, top)));
			if (!manifest.optional) for (const noun of manifest.reads) wanted.push(`${name} evt.*.${noun}.*`);
		}
		/* a reader that was there before the bus was killed stays for half a minute */
		const rows = await until('all read, and have read all', async () => {
			const found = await cli('event', 'destinations');
			const read = new Set(found.filter((one) => one.kind === 'consumer' && one.pending === 0).map((one) => `${one.service} ${one.subject}`));
			return wanted.every((one) => read.has(one)) && found;
		});
		const [stream] = rows;
		assert.deepEqual([stream.kind, stream.stream, stream.subject], ['stream', 'EVT', 'evt.>']);
		assert.ok(stream.depth > 5 && stream.bytes > 1000 && stream.oldestSeconds >= 0 && stream.oldestSeconds < 300, JSON.stringify(stream));
		assert.ok(rows.slice(1).every((one) => one.redelivered === 0 && one.oldestSeconds === null));
	});

	/* PLT-33 */
	test('the way of one contact through all processes, in order, each line once', { timeout: 30000 }, async () => {
		const lines = await cli('log', 'contact', contactId);
		const programs = new Set(lines.map((line) => line.program));
		for (const name of ['CustomerControllerService', 'EngagementDesigner', 'WorkAssignment', 'UCMService', 'AgentControllerService'])
			assert.ok(programs.has(name), `${name} is among ${[...programs]}`);
		assert.deepEqual(lines.map((line) => line.at), lines.map((line) => line.at).sort());
		const keys = lines.map((line) => JSON.stringify([line.at, line.program, line.event, line.text]));
		const own = (await readdir(join(pelago.data, 'log'))).flatMap((file) => readFileSync(join(pelago.data, 'log', file), 'utf8').split('\n'))
			.filter((line) => line.includes(contactId));
		assert.equal(keys.length, own.length, 'as many as the files have');
		assert.deepEqual(await cli('log', 'contact', 'NOSUCHCONTACT'), []);
		for (const id of ['x', '../../etc/passwd', '"'.repeat(10), 'x'.repeat(65)])
			assert.equal((await pelago.pelago(['log', 'contact', id])).status, 2, id);
	});

	/* PLT-31 */
	test('PLT-31: events go on to a call recorder, all and in order, though it and the service break off', { timeout: 60000 }, async () => {
		const lines = [], heads = [];
		let isUp = false;
		const recorder = http.createServer((request, response) => {
			let body = '';
			request.on('data', (data) => { body += data; });
			request.on('end', () => {
				heads.push(request.headers);
				if (isUp) for (const line of body.trim().split('\n').map((text) => JSON.parse(text)))
					if (line.seq > (lines.at(-1)?.seq ?? 0)) lines.push(line);
				response.writeHead(isUp ? 204 : 503).end();
			});
		}).listen(0, '127.0.0.1').unref();
		await once(recorder, 'listening');
		const destination = async () => (await cli('event', 'destinations')).find((one) => one.kind === 'destination');
		assert.equal(await destination(), undefined);
		assert.deepEqual((await cli('service', 'list')).filter((one) => one.name === 'EventStreaming').map((one) => one.state), ['Loaded']);
		await cli('service', 'install', 'EventStreaming');
		await until('it shows', async () => (await destination())?.state === 'Off');
		const wrong = await pelago.pelago(['attribute', 'set', 'Event Receiver', 'ftp://recorder']);
		assert.equal(wrong.status, 2, wrong.stderr);
		await cli('attribute', 'set', 'Event Receiver', `http://127.0.0.1:${recorder.address().port}/events`);
		await until('it is in effect', async () => (await destination()).state !== 'Off');

		const first = await talk('Bea');
		const down = await until('the recorder refuses', async () => {
			const now = await destination();
			return now.state === 'Down' && now.pending > 0 && now;
		});
		assert.equal(down.error, 'the receiver answered 503');
		process.kill((await pelago.processes()).EventStreaming, 'SIGKILL');
		isUp = true;
		const second = await talk('Cid');
		const verbsOf = (key) => lines.filter((line) => line.noun === 'contact' && line.key === key).map((line) => line.verb);
		await until('all of both is there', () => [first, second].every((key) => verbsOf(key).includes('closed')), 30000);
		await until('it is up again', async () => {
			const now = await destination();
			return now.state === 'Up' && now.pending === 0;
		});
		for (const key of [first, second]) {
			const numbers = lines.filter((line) => line.noun === 'contact' && line.key === key).map((line) => line.n);
			assert.deepEqual(numbers, numbers.map((_n, i) => i + 1), 'each once, in order');
			assert.equal(verbsOf(key)[0], 'opened');
		}
		assert.deepEqual(lines.map((line) => line.seq), lines.map((line, i) => lines[0].seq + i), 'without a gap');
		assert.ok(lines.every((line) => ['contact', 'leg', 'agent'].includes(line.noun)));
		assert.equal(new Set(heads.map((head) => head['pelago-stream'])).size, 1);
		await cli('service', 'uninstall', 'EventStreaming', '--yes');
		recorder.close();
	});

	/* PLT-33 */
	test('PLT-33: PacketMetric, once installed, shows the network and processes of the host, and sends documents', { timeout: 60000 }, async () => {
		const documents = [];
		const search = http.createServer((request, response) => {
			let body = '';
			request.on('data', (data) => { body += data; });
			request.on('end', () => {
				assert.equal(request.url, '/sea/_bulk');
				const lines = body.trim().split('\n').map((line) => JSON.parse(line));
				documents.push(...lines.filter((_line, i) => i % 2));
				response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ errors: false, items: [] }));
			});
		}).listen(0, '127.0.0.1').unref();
		await once(search, 'listening');
		assert.deepEqual((await cli('service', 'list')).filter((one) => one.name === 'PacketMetric').map((one) => one.state), ['Loaded']);
		await cli('service', 'install', 'PacketMetric', '--cluster', 'Provisioning');
		await cli('attribute', 'set', 'Metric Receiver', `http://127.0.0.1:${search.address().port}/sea`);
		const of = (kind) => documents.filter((one) => one.metricset.name === kind).map((one) => one[kind]);
		await until('documents come', () => of('process').length > 0, 30000);
		const bus = of('process').find((one) => one.name === 'nats-server');
		assert.ok(bus.connections > 10 && bus.roundTripUs > 0 && bus.memoryBytes > 1e6, JSON.stringify(bus));
		assert.ok(of('process').some((one) => one.name === 'pelago-node' && one.count === 6));
		assert.ok(of('interface').some((one) => one.name === 'lo' && one.receivedBytes > 0));
		assert.ok(of('protocols')[0].tcp.inSegs > 0);
		const token = await signedIn(pelago, 'admin');
		const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/PacketMetric/metrics`, { headers: { authorization: `Bearer ${token}` } });
		assert.equal(answer.status, 200);
		assert.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
		const file = join(folder, 'packets.txt');
		writeFileSync(file, await answer.text());
		const { status, stdout, stderr } = await run('sh', ['-c', `promtool check metrics < ${file}`]);
		assert.deepEqual([status, stdout, stderr], [0, '', '']);
		assert.match(readFileSync(file, 'utf8'), /^packet_process_round_trip_seconds\{host="[^"]+",process="nats-server"\} /m);
		assert.equal((await fetch(`http://127.0.0.1:${pelago.httpPort}/services/PacketMetric/metrics`)).status, 401);
		await cli('service', 'uninstall', 'PacketMetric', '--yes');
	});

	/* PLT-33 */
	test('metrics of every process are as Prometheus wants them', { timeout: 30000 }, async () => {
		const text = await until('the bus tells', async () => {
			const now = await metrics();
			return now.includes('service="nats-server"') && now;
		});
		const file = join(folder, 'metrics.txt');
		writeFileSync(file, text);
		const { status, stdout, stderr } = await run('sh', ['-c', `promtool check metrics < ${file}`]);
		assert.deepEqual([status, stdout, stderr], [0, '', '']);
		const services = new Set([...text.matchAll(/service="([^"]+)"/g)].map((match) => match[1]));
		const processes = [...Object.keys(await pelago.processes()), 'root'];
		assert.deepEqual(processes.filter((name) => !services.has(name)), [], 'every process, the root supervisor and the bus too');
		for (const name of ['nats-server', 'Manager', 'node-common', 'edge'])
			assert.match(text, new RegExp(`^root_process_up\\{service="root",process="${name}"\\} 1$`, 'm'));
		assert.ok(Number(/^nats_connections\{service="nats-server",server="pelago"\} (\d+)$/m.exec(text)[1]) > 0);
		for (const [, name, unit] of text.matchAll(/^# TYPE (\w+) (counter|gauge|histogram)$/gm))
			if (unit === 'counter') assert.match(name, /_total$/);
			else if (unit === 'histogram') assert.match(name, /_seconds$/);
	});

	/* PLT-33 */
	test('Debian\'s Prometheus scrapes them; the dashboard asks for what is there', { timeout: 60000 }, async () => {
		const port = await freePort();
		const conf = join(folder, 'prometheus.yml');
		const example = readFileSync(new URL('docs/monitoring/prometheus.yml', top), 'utf8');
		writeFileSync(conf, example.replace('127.0.0.1:8080', `127.0.0.1:${pelago.httpPort}`).replace('15s', '1s'));
		prometheus = spawn('prometheus', [`--config.file=${conf}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
		const ask = async (query) => {
			const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`).catch(() => null);
			return answer?.ok ? (await answer.json()).data.result : [];
		};
		await until('it has scraped', async () => (await ask('up{job="pelago"}'))[0]?.value[1] === '1', 30000);
		const services = new Set([...(await metrics()).matchAll(/^turn_commits_total\{.*service="([^"]+)"/gm)].map((match) => match[1]));
		assert.ok(services.size > 10);
		await until('it has every service', async () => (await ask('count(count by (service) (turn_commits_total))'))[0]?.value[1] === String(services.size), 30000);
		const dashboard = JSON.parse(readFileSync(new URL('docs/monitoring/grafana.json', top), 'utf8'));
		const queries = dashboard.panels.flatMap((panel) => panel.targets ?? []).map((target) => target.expr);
		assert.ok(queries.length >= 10);
		for (const query of queries)
			await until(`there is an answer to ${query}`, async () => (await ask(query.replaceAll('$__rate_interval', '10s'))).length > 0);
	});
});
