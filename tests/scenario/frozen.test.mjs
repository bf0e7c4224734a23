/*
 * frozen.test.mjs — a bus that lives but doesn't answer is ended and started again; one that is slow to start,
 * or that only its watcher can't talk to, is left alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chatsUnderFaults } from './lib/exact.mjs';
import { isAlive, startInstance, until } from './lib/instance.mjs';

let pelago;

before(async () => {
	pelago = await startInstance({ demo: true });
});
after(() => pelago?.stop({ keep: process.env.PELAGO_KEEP }));

const bus = async () => (await pelago.processes())['nats-server'];
const root = async () => JSON.parse((await pelago.pelago(['status', '--json'])).stdout).pid;
const ready = async () => (await pelago.pelago(['status'])).status === 0;

async function untilAnother(pid, ms) {
	const began = Date.now();
	await until('another bus runs', async () => {
		const now = await pelago.processes().catch(() => ({}));
		return now['nats-server'] && now['nats-server'] !== pid;
	}, ms);
	return Date.now() - began;
}

test('PLT-60 PLT-6 PLT-31: nats-server freezes under 20 chats, and everything is exact', { timeout: 180000 }, async (t) => {
	const took = [];
	const { longest, messages } = await chatsUnderFaults(pelago, {
		chats: 20,
		agents: 4,
		fault: async () => {
			for (let i = 0; i < 2; i++) {
				await until('ready', ready);
				await sleep(11000); /* a run that is shorter than 10 s would meet the back-off */
				const pid = await bus();
				process.kill(pid, 'SIGSTOP');
				took.push(await untilAnother(pid, 10000));
			}
		},
	});
	t.diagnostic(`${messages} messages; back after ${took} ms; longest loss of a connection ${longest} ms`);
	for (const ms of took) assert.ok(ms > 2000 && ms < 8000, `${took}`);
	await until('ready again', ready);
});

test('PLT-6: root and bus that both slept go on as if nothing had been', { timeout: 60000 }, async () => {
	const pid = await bus();
	const watcher = await root();
	process.kill(watcher, 'SIGSTOP');
	process.kill(pid, 'SIGSTOP');
	await sleep(6000);
	process.kill(pid, 'SIGCONT');
	process.kill(watcher, 'SIGCONT');
	await sleep(4000);
	assert.equal(await bus(), pid);
	process.kill(watcher, 'SIGSTOP'); /* a debugger at the root */
	await sleep(6000);
	process.kill(watcher, 'SIGCONT');
	await sleep(4000);
	assert.equal(await bus(), pid);
});

test('PLT-6: a bus that froze while no root was there is noticed by the next one', { timeout: 60000 }, async () => {
	const pid = await bus();
	const watcher = await root();
	process.kill(pid, 'SIGSTOP');
	process.kill(watcher, 'SIGKILL');
	await until('the root is gone', () => !isAlive(watcher));
	const up = pelago.up();
	await untilAnother(pid, 20000);
	assert.equal((await up).status, 0, (await up).stderr);
	await until('ready again', ready);
});

test('PLT-31: a bus that only refuses the watcher is not ended', { timeout: 60000 }, async () => {
	const pid = await bus();
	const file = join(pelago.data, 'bus/nats.conf');
	const conf = await readFile(file, 'utf8');
	const without = conf.replace(/\t\t\{ # root\n[^]*?\n\t\t\}\n/, '');
	assert.ok(without.length < conf.length && without.includes('# cli'));
	await writeFile(file, without);
	process.kill(pid, 'SIGHUP');
	await until('it is said', async () => (await pelago.logs()).includes('nats-server answers, but there is no connection to it'), 20000);
	await sleep(9000);
	assert.ok(isAlive(pid));
	await writeFile(file, conf);
	process.kill(pid, 'SIGHUP');
	await until('ready again', ready);
	assert.equal(await bus(), pid);
	await sleep(1500); /* it is watched again */
	process.kill(pid, 'SIGSTOP');
	await untilAnother(pid, 10000);
	await until('ready again', ready);
});
