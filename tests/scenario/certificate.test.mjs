/*
 * certificate.test.mjs — certificates are listed, renewed by hand and by themselves, and what runs shows the new ones
 * without being started anew.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { after, before, test } from 'node:test';
import { run, startInstance, until } from './lib/instance.mjs';
import { joinHost, untilStable } from './lib/join.mjs';

let pelago, host;

before(async () => {
	pelago = await startInstance();
	host = await joinHost(pelago, 'Cluster1_CC');
});
after(async () => {
	await host?.stop();
	await pelago?.stop();
});

const json = async (...words) => {
	const { status, stdout, stderr } = await pelago.pelago([...words, '--json']);
	assert.equal(status, 0, stderr);
	return JSON.parse(stdout);
};
/* { 'manager edge': {…}, … } */
const certificates = async () => Object.fromEntries((await json('certificate', 'list')).map((one) => [`${one.host} ${one.name}`, one]));
const serials = async () => Object.fromEntries(Object.entries(await certificates()).map(([name, { serial }]) => [name, serial]));
const pids = async () => ({ ...await pelago.processes(), ...await host.processes() });

async function shownBy(socket) {
	await once(socket, 'secureConnect');
	const { serialNumber } = socket.getPeerCertificate();
	socket.destroy();
	return serialNumber;
}

const ca = () => readFileSync(join(pelago.data, 'tls/ca.pem'));
const byEdge = () => shownBy(connectTls({ port: pelago.httpsPort, ca: ca() }));

/* nats-server greets in clear. */
async function byBus() {
	const { busPort } = JSON.parse(readFileSync(join(pelago.data, 'pelago.json'), 'utf8'));
	const socket = connectTcp({ port: busPort, host: '127.0.0.1' });
	await once(socket, 'data');
	const identity = (end) => readFileSync(join(pelago.data, `tls/identity.${end}`));
	return shownBy(connectTls({ socket, ca: ca(), cert: identity('pem'), key: identity('key'), servername: 'localhost' }));
}

/* The certificate of a data folder, for the same key, is good for some days only. */
async function shorten(data, name, days) {
	const file = join(data, 'tls', name), authority = join(pelago.data, 'tls/ca');
	for (const args of [
		['x509', '-x509toreq', '-in', `${file}.pem`, '-signkey', `${file}.key`, '-out', `${file}.request`],
		['x509', '-req', '-in', `${file}.request`, '-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-days', String(days), '-copy_extensions', 'copyall', '-out', `${file}.pem`],
	]) assert.equal((await run('openssl', args)).status, 0);
}

test('PLT-3: certificates are listed with their hosts, clusters and days', async () => {
	const all = await certificates();
	assert.deepEqual(Object.keys(all).sort(), [
		'manager ca', 'manager edge', 'manager identity', 'manager nats-server', `${host.node} edge`, `${host.node} identity`,
	].sort());
	assert.ok(all['manager edge'].daysLeft > 800 && all['manager ca'].daysLeft > 3600);
	assert.equal(all['manager edge'].serial, await byEdge());
	assert.equal(all['manager nats-server'].serial, await byBus());
	assert.equal(all['manager identity'].clusters.length, 6);
	assert.deepEqual(all[`${host.node} identity`].clusters, ['Cluster1_CC']);
});

test('PLT-3: those of a cluster are renewed by hand; nothing is started anew, and all show the new ones', { timeout: 60000 }, async () => {
	const before = await serials(), running = await pids();
	const shown = await json('certificate', 'renew', '--cluster', 'cluster2_uac', '--dry-run');
	assert.deepEqual(shown.steps.map(({ id }) => id).sort(), ['certify:edge:manager', 'certify:identity:manager', 'certify:nats-server:manager']);
	assert.deepEqual(await serials(), before);
	const plan = await json('certificate', 'renew', '--cluster', 'Cluster1_CC', '--yes');
	assert.deepEqual([plan.state, plan.steps.length], ['done', 5]);
	const now = await serials();
	for (const [name, serial] of Object.entries(before)) assert.equal(now[name] === serial, name === 'manager ca', name);
	await until('the edge shows it', async () => (await byEdge()) === now['manager edge']);
	await until('the bus shows it', async () => (await byBus()) === now['manager nats-server']);
	process.kill(running['nats-server'], 'SIGKILL'); /* who comes back shows its new one, which the bus asks for */
	await until('all is ready', async () => (await pelago.pelago(['status'])).status === 0);
	await untilStable(pelago, host.node);
	const { 'nats-server': bus, ...others } = await pids();
	assert.notEqual(bus, running['nats-server']);
	delete running['nats-server'];
	assert.deepEqual(others, running);
});

test('PLT-3: of a service, of a node; what isn\'t there is refused', async () => {
	const steps = async (...words) => (await json('certificate', 'renew', ...words, '--dry-run')).steps.length;
	assert.equal(await steps('--service', 'ucmservice'), 5);
	assert.equal(await steps('--node', host.node), 2);
	for (const words of [['--cluster', 'None'], ['--service', 'None'], ['--node', 'none']])
		assert.match((await pelago.pelago(['certificate', 'renew', ...words, '--yes'])).stderr, /no cluster|nowhere|no node/);
	assert.equal((await pelago.pelago(['certificate', 'renew', '--node', host.node, '--cluster', 'Cluster1_CC', '--yes'])).status, 2);
	assert.match((await pelago.pelago(['certificate', 'fetch'])).stderr, /has the authority itself/);
});

test('PLT-3: one that ends soon is renewed by itself, on the manager\'s host and on another, while all runs', { timeout: 90000 }, async () => {
	const running = await pids(), before = await serials();
	const short = { 'manager edge': pelago.data, 'manager identity': pelago.data, 'manager nats-server': pelago.data, [`${host.node} identity`]: host.data };
	for (const [name, data] of Object.entries(short)) await shorten(data, name.split(' ')[1], 10);
	/* a report from before the change shows good ones, too: other ones are waited for */
	await until('other ones, good for long, are there', async () => {
		const all = await certificates();
		return Object.keys(short).every((name) => all[name].serial !== before[name] && all[name].daysLeft > 800);
	}, 60000);
	const now = await serials();
	await until('the edge shows it', async () => (await byEdge()) === now['manager edge']);
	await until('the bus shows it', async () => (await byBus()) === now['manager nats-server']);
	assert.deepEqual(await pids(), running);
});
