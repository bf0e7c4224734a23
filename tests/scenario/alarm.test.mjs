/*
 * alarm.test.mjs — alarms: raised by what is so and cleared when it is over, told by mail, webhook and SNMP to real
 * receivers, which may be away (PLT-32).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort, run, startInstance, until } from './lib/instance.mjs';
import { makePrograms } from './lib/programs.mjs';

const SECRET = 'a secret of some length';
const V3 = { kind: 'snmpv3', user: 'harbour', auth: 'SHA-256', authPassword: 'signed by this', privacyPassword: 'hidden by that' };
const MIBS = new URL('../../docs/monitoring', import.meta.url).pathname;

/* A mail server: Debian's python3-aiosmtpd, so Debian's Python. It prints each message as a line of JSON. */
const SMTP = `
import asyncio, json, sys
from aiosmtpd.controller import Controller
from email import message_from_bytes, policy
class Handler:
    async def handle_DATA(self, server, session, envelope):
        m = message_from_bytes(envelope.content, policy=policy.default)
        print(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "subject": m["Subject"], "id": m["Message-ID"], "text": m.get_content()}), flush=True)
        return "250 OK"
Controller(Handler(), hostname="127.0.0.1", port=int(sys.argv[1])).start()
asyncio.new_event_loop().run_forever()
`;

describe('alarms', () => {
	let programs, folder, pelago;
	const children = [];

	const cli = async (...words) => {
		const { status, stdout, stderr } = await pelago.pelago([...words, '--json']);
		assert.equal(status, 0, stderr);
		return JSON.parse(stdout);
	};
	const open = () => cli('alarm', 'list');
	const find = async (key, source) => (await open()).find((alarm) => alarm.key === key && alarm.source === source);
	const setReceiver = (name, settings) => {
		const file = join(folder, `${name}.json`);
		writeFileSync(file, JSON.stringify(settings));
		return cli('alarm', 'receiver-set', name, '--file', file);
	};
	const receiver = async (name) => (await cli('alarm', 'receivers')).find((one) => one.name === name);
	/* A program that runs beside us; what it prints is kept. */
	const start = (program, args) => {
		const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, SNMP_PERSISTENT_DIR: folder } });
		child.text = '';
		for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { child.text += data; });
		children.push(child);
		return child;
	};
	/* A real receiver of SNMP notifications, with our MIB. */
	const trapd = (text, port) => {
		const conf = join(folder, `snmptrapd-${port}.conf`);
		writeFileSync(conf, text);
		return start('snmptrapd', ['-f', '-Lo', '-n', '-C', '-c', conf, '-m', 'PELAGO-MIB', '-M', MIBS, `udp:127.0.0.1:${port}`]);
	};
	/* What the root supervisor would tell. */
	const rootAlarms = (alarms) => writeFileSync(join(pelago.data, 'procs/alarms.json'), JSON.stringify({ alarms }));

	before(async () => {
		folder = mkdtempSync(join(tmpdir(), 'pelago-alarm-'));
		programs = await makePrograms([{ name: 'FakeOne', cluster: 1 }]);
		pelago = await startInstance({ programs });
	});
	after(async () => {
		for (const child of children) child.kill('SIGKILL');
		await pelago?.stop();
		for (const path of [programs, folder]) rmSync(path, { recursive: true, force: true });
	});

	/* PLT-32 */
	test('settings that can not be meant are refused, with the reason; a secret is kept and never shown', async () => {
		for (const [settings, reason] of [
			[{ kind: 'pigeon' }, /kind: must be email, webhook, snmp or snmpv3/],
			[{ kind: 'webhook', url: 'http://127.0.0.1:1/' }, /secret/],
			[{ kind: 'webhook', url: 'file:///etc/passwd', secret: SECRET }, /url: must begin with/],
			[{ kind: 'webhook', url: 'http://127.0.0.1:1/', secret: 'short' }, /at least 16/],
			[{ kind: 'email', server: 'smtp://127.0.0.1:1', from: 'a@b\r\nBcc: c@d', to: ['a@b'] }, /from/],
			[{ kind: 'email', server: 'smtp://127.0.0.1:1', from: 'a@b', to: [] }, /to: names nobody/],
			[{ kind: 'email', server: 'http://127.0.0.1', from: 'a@b', to: ['a@b'] }, /server: must be smtp/],
			[{ kind: 'snmp', address: '127.0.0.1:x', community: 'c' }, /address: must be HOST:PORT/],
			[{ kind: 'snmp', address: '127.0.0.1', community: 'c', severity: 'dire' }, /severity/],
			[{ ...V3, address: '127.0.0.1:1', user: '' }, /user: is empty/],
			[{ ...V3, address: '127.0.0.1:1', user: 'u'.repeat(33) }, /user/],
			[{ ...V3, address: '127.0.0.1:1', auth: 'MD5' }, /auth: must be SHA-256 or SHA-512/],
			[{ ...V3, address: '127.0.0.1:1', authPassword: 'short' }, /authPassword: must have at least 8/],
			[{ ...V3, address: '127.0.0.1:1', privacyPassword: undefined }, /privacyPassword/],
		]) {
			const file = join(folder, 'bad.json');
			writeFileSync(file, JSON.stringify(settings));
			const { status, stderr } = await pelago.pelago(['alarm', 'receiver-set', 'bad', '--file', file]);
			assert.equal(status, 2, JSON.stringify(settings));
			assert.match(stderr, reason);
		}
		assert.equal((await pelago.pelago(['alarm', 'receiver-set', 'bad', '--file', join(folder, 'none')])).status, 2);
		assert.equal((await pelago.pelago(['alarm', 'receiver-test', 'none'])).status, 1);
		const shown = JSON.stringify(await setReceiver('hook', { kind: 'webhook', url: 'http://127.0.0.1:9/', secret: SECRET, enabled: false }));
		assert.match(shown, /"hasSecret":true/);
		assert.ok(!shown.includes(SECRET));
		await setReceiver('hook', { kind: 'webhook', url: 'http://127.0.0.1:9/other', enabled: false }); /* keeps it */
		assert.equal((await receiver('hook')).hasSecret, true);
		const files = pelago.store ? ['log/Manager.log'] : ['services/Manager/store.db', 'services/Manager/store.db-wal', 'log/Manager.log'];
		for (const file of files) assert.ok(!readFileSync(join(pelago.data, file)).includes(SECRET), file);
		if (pelago.store) {
			const dump = await run('pg_dump', ['--data-only', pelago.store]);
			assert.equal(dump.status, 0, dump.stderr);
			assert.ok(dump.stdout.includes('127.0.0.1:9/other'), 'the receiver is in it');
			assert.ok(!dump.stdout.includes(SECRET));
		}
		assert.equal((await pelago.pelago(['alarm', 'receiver-remove', 'hook', '--yes'])).status, 0);
	});

	/* PLT-32 */
	test('a receiver that is away gets all of it once it is there: mail, webhook, SNMP', { timeout: 90000 }, async () => {
		const [hookPort, mailPort, trapPort] = [await freePort(), await freePort(), await freePort()];
		await setReceiver('hook', { kind: 'webhook', url: `http://127.0.0.1:${hookPort}/alarms`, secret: SECRET });
		await setReceiver('mail', { kind: 'email', server: `smtp://127.0.0.1:${mailPort}`, tls: 'none', from: 'pelago@example.org', to: ['ops@example.org', 'boss@example.org'] });
		await setReceiver('trap', { kind: 'snmp', address: `127.0.0.1:${trapPort}`, community: 'sea' });
		for (const name of ['hook', 'mail', 'trap']) await cli('alarm', 'receiver-test', name);
		for (const name of ['hook', 'mail', 'trap'])
			await until(`${name} has failed`, async () => (await receiver(name)).error);
		assert.equal((await receiver('hook')).waiting, 1, 'nothing is lost');

		/* The manager is killed meanwhile: what waits is in its database. */
		process.kill((await pelago.processes()).Manager, 'SIGKILL');
		await until('it is back', async () => (await pelago.pelago(['alarm', 'receivers'])).status === 0);

		const hooks = [];
		const server = http.createServer((request, response) => {
			let body = '';
			request.on('data', (data) => { body += data; });
			request.on('end', () => {
				hooks.push({ headers: request.headers, body });
				response.writeHead(hooks.length === 1 ? 500 : 204).end();
			});
		}).listen(hookPort, '127.0.0.1');
		await once(server, 'listening');
		const mail = start('/usr/bin/python3', ['-c', SMTP, String(mailPort)]);
		const traps = trapd('authCommunity log sea\n', trapPort);

		for (const name of ['hook', 'mail', 'trap'])
			await until(`${name} has it: ${JSON.stringify(await receiver(name))}`, async () => (await receiver(name)).waiting === 0, 30000);
		const [first, again] = hooks;
		assert.equal(first.headers['pelago-notice'], again.headers['pelago-notice'], 'a refused one comes again, as the same');
		const mac = createHmac('sha256', SECRET).update(`${again.headers['pelago-timestamp']}.${again.body}`).digest('hex');
		assert.equal(again.headers['pelago-signature'], `v1=${mac}`);
		assert.equal(JSON.parse(again.body).what, 'test');
		const message = JSON.parse(mail.text.split('\n')[0]);
		assert.deepEqual([message.from, message.to], ['pelago@example.org', ['ops@example.org', 'boss@example.org']]);
		assert.match(message.subject, /^\[pelago\] warning, test: A test of this receiver/);
		assert.match(message.text, /an administrator asked for it/);
		assert.match(message.id, /^<[0-9A-Z]{26}@example.org>$/);
		await until('snmptrapd has told', () => traps.text.includes('an administrator asked for it'));
		assert.match(traps.text, /OID: PELAGO-MIB::pelagoAlarmTest/);
		assert.match(traps.text, /PELAGO-MIB::pelagoAlarmSeverity\.0 = STRING: "warning"/);
		server.close();
	});

	/* PLT-32 */
	test('PLT-32: SNMPv3 traps are signed and encrypted; only who knows the passwords reads them', { timeout: 60000 }, async () => {
		const [port, strangersPort] = [await freePort(), await freePort()];
		const shown = await setReceiver('v3', { ...V3, address: `127.0.0.1:${port}` });
		assert.ok(!JSON.stringify(shown).includes(V3.authPassword) && !JSON.stringify(shown).includes(V3.privacyPassword));
		const [{ engineId }] = shown;
		assert.match(engineId, /^80007ed905[0-9a-f]{32}$/);
		await cli('alarm', 'receiver-test', 'v3');
		await until('nobody listens', async () => (await receiver('v3')).error);

		const user = (privacy) => `createUser -e 0x${engineId} harbour SHA-256 "signed by this" AES "${privacy}"\nauthUser log harbour priv\n`;
		const [traps, stranger] = [trapd(user('hidden by that'), port), trapd(`${user('something else')}authCommunity log sea\n`, strangersPort)];
		await until('it was taken', async () => (await receiver('v3')).waiting === 0, 30000);
		await until('it is read', () => traps.text.includes('PELAGO-MIB::pelagoAlarmTest'));

		/* Whoever sends is authoritative: its clock goes on over a restart, or it would be refused. */
		process.kill((await pelago.processes()).Manager, 'SIGKILL');
		await until('it is back', async () => (await pelago.pelago(['alarm', 'receivers'])).status === 0);
		await setReceiver('v3', { kind: 'snmpv3', user: 'harbour', address: `127.0.0.1:${port}`, severity: 'critical' }); /* keeps both */
		assert.equal((await receiver('v3')).engineId, engineId);
		await cli('alarm', 'receiver-test', 'v3');
		await until('the second is read', () => traps.text.split('PELAGO-MIB::pelagoAlarmTest').length === 3, 30000);

		await setReceiver('v3', { kind: 'snmpv3', user: 'harbour', address: `127.0.0.1:${strangersPort}` });
		await cli('alarm', 'receiver-test', 'v3');
		await until('it was sent', async () => (await receiver('v3')).waiting === 0, 30000);
		await setReceiver('plain', { kind: 'snmp', address: `127.0.0.1:${strangersPort}`, community: 'sea' });
		await cli('alarm', 'receiver-test', 'plain');
		await until('what came after it is read', () => stranger.text.includes('PELAGO-MIB::pelagoAlarmTest'), 30000);
		assert.equal(stranger.text.split('PELAGO-MIB::pelagoAlarmTest').length, 2, 'it isn\'t');
		assert.equal((await pelago.pelago(['alarm', 'receiver-remove', 'plain', '--yes'])).status, 0);
		assert.equal((await pelago.pelago(['alarm', 'receiver-remove', 'v3', '--yes'])).status, 0);
	});

	/* PLT-32 */
	test('what is so is raised once, counted, acknowledged, and cleared when it is over', { timeout: 60000 }, async () => {
		const file = join(pelago.data, 'procs/alarms.json');
		rootAlarms([{ key: 'bus.frozen', subject: '', reason: 'tried' }]);
		const alarm = await until('it is raised', () => find('bus.frozen', 'node-common'), 30000);
		const raised = async () => (await open()).filter((one) => one.key === 'bus.frozen').length;
		await until('each node of the machine tells it', async () => (await raised()) === 6);
		assert.deepEqual([alarm.severity, alarm.state, alarm.reason, alarm.count], ['major', 'raised', 'tried', 1]);
		assert.match(alarm.fix, /disk and memory/);
		assert.ok((await cli('cluster', 'list')).every((cluster) => cluster.alarms >= 1));

		/* It stands over a killed manager, and is one alarm still. */
		process.kill((await pelago.processes()).Manager, 'SIGKILL');
		await until('it is back', async () => (await pelago.pelago(['alarm', 'list'])).status === 0);
		assert.equal((await find('bus.frozen', 'node-common')).id, alarm.id);
		assert.equal(await raised(), 6);

		const acknowledged = await cli('alarm', 'ack', alarm.id);
		assert.ok(acknowledged.acknowledgedBy && acknowledged.acknowledgedMs);
		assert.equal((await cli('alarm', 'ack', alarm.id)).acknowledgedMs, acknowledged.acknowledgedMs, 'a repeat changes nothing');
		assert.equal((await pelago.pelago(['alarm', 'ack', 'none'])).status, 1);

		rootAlarms([]);
		await until('it is cleared', async () => !(await find('bus.frozen', 'node-common')), 30000);
		const cleared = await cli('alarm', 'show', alarm.id);
		assert.equal(cleared.state, 'cleared');
		assert.ok(cleared.clearedMs >= cleared.raisedMs);
		assert.ok((await cli('alarm', 'list', '--all')).some((one) => one.id === alarm.id));
		rmSync(file);
	});
});
