/*
 * upgrade-after.test.mjs — what comes after an upgrade's services, for real: a release with other workflows, rules that
 * name those of before, and the way back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startInstance, until } from '../scenario/lib/instance.mjs';
import { begin, follow, installTrain, releases, stateOf, words } from '../scenario/lib/upgrade.mjs';

const WHOLE_MS = 20 * 60000;
let made, pelago;

before(async () => {
	made = await releases(['0.1.0', '0.2.0']);
	pelago = await startInstance({ demo: true });
	await installTrain(pelago, made['0.1.0']);
}, { timeout: WHOLE_MS });
after(async () => { await pelago?.stop({ keep: process.env.PELAGO_KEEP }); });

async function listed(...list) {
	const { status, stdout, stderr } = await pelago.pelago([...list, '--json']);
	assert.equal(status, 0, stderr);
	return JSON.parse(stdout);
}
const deployed = async () => (await listed('workflow', 'list')).filter((one) => one.name === 'chat' && one.deployed).map((one) => one.version);
const identity = async () => (await listed('certificate', 'list')).find((one) => one.name === 'identity').serial;
const targets = async () => (await listed('rule', 'list')).filter((one) => one.rank === 5).map((one) => one.version);

/* UPG-62 */
test('UPG-62: workflows are replaced, rules that name one of before lead to the new one, the identity is another; and back', { timeout: WHOLE_MS }, async () => {
	const file = join(pelago.data, 'rule.json');
	writeFileSync(file, JSON.stringify({ event: 'ROUTE_CONTACT', channel: 'chat', condition: 'contact.topic = "vip"', rank: 5, workflow: 'chat', version: 1, enabled: true }));
	assert.equal((await pelago.pelago(['rule', 'add', file])).status, 0);
	const came = await stateOf(pelago), serial = await identity();
	assert.deepEqual([await deployed(), await targets()], [[1], [1]]);

	const checks = JSON.parse((await pelago.pelago(['upgrade', 'check', made['0.2.0'], '-cg', '1', 'DigitalOnly-100', 'Chat', '--rolling', '--json'])).stdout);
	const seen = Object.fromEntries(checks.map((one) => [one.key, one.seen]));
	assert.match(seen.workflows, /chat is replaced/);
	assert.match(seen['rule-targets'], /names version 1 of chat/);
	assert.match(seen['identity-certificate'], /refreshed/);

	let status = '';
	const looksOn = async (step) => { if (step.id.startsWith('install:')) status ||= (await pelago.pelago(['upgrade', 'status'])).stdout; };
	const forth = await follow(pelago, came.plan, looksOn, begin(pelago, words(made['0.2.0'], '--rolling')));
	assert.equal(forth.state, 'upgraded', `${forth.why} ${(await pelago.pelago(['test', 'list', '--json'])).stdout}`);
	const order = forth.steps.map((step) => step.id);
	for (const [first, second] of [['workflows-replace', 'rules-aim'], ['rules-aim', 'certify:node-agent'], ['certify:node-agent', 'gate:the edges']])
		assert.ok(order.indexOf(first) >= 0 && order.indexOf(first) < order.indexOf(second), `${first} before ${second}: ${order}`);
	assert.deepEqual([await deployed(), await targets()], [[2], [2]]);
	assert.notEqual(await identity(), serial);
	assert.match(status, /Now: \d+\/\d+ .*\nNext: .*\nLeft: about .*\nIf a step fails: it goes back by itself/);
	const { afterwards } = JSON.parse((await pelago.pelago(['upgrade', 'report', '--json'])).stdout);
	assert.deepEqual(afterwards.map(({ key, state }) => [key, state]), [['workflows', 'done'], ['transfer-rules', ''], ['profiles-restored', ''], ['rule-targets', 'done'], ['identity-certificate', 'done'], ['database-attributes', '']]);

	const back = await pelago.pelago(['upgrade', 'rollback', '--yes'], { timeout: WHOLE_MS });
	assert.equal(back.status, 0, back.stdout + back.stderr);
	assert.deepEqual(await targets(), [1]);
	await until('the workflow of before is deployed again, as it came with the program', async () => (await deployed()).includes(1));
	await until('all is ready', async () => (await pelago.pelago(['status'])).status === 0);
});
