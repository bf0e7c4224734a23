/*
 * designer.test.mjs — `pelago workflow` and `pelago rule` on a running instance: a workflow is imported, exported,
 * deployed, listed, undeployed; rules are added, edited, deleted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startInstance } from './lib/instance.mjs';

const chat = new URL('../../workflows/chat.bpmn', import.meta.url).pathname;
let pelago;

before(async () => {
	pelago = await startInstance();
});
after(() => pelago?.stop());

async function said(...words) {
	const { status, stdout, stderr } = await pelago.pelago(words);
	assert.equal(status, 0, `${words.join(' ')}: ${stderr}`);
	return words.includes('--json') ? JSON.parse(stdout) : stdout;
}

async function refused(expected, pattern, ...words) {
	const { status, stderr } = await pelago.pelago(words);
	assert.equal(status, expected, words.join(' '));
	assert.match(stderr, pattern);
}

test('EDR-2: a workflow is imported, exported with nothing changed, deployed and undeployed at the command line', async () => {
	const file = join(pelago.data, 'mine.bpmn'), copy = join(pelago.data, 'copy.bpmn');
	const xml = readFileSync(chat, 'utf8').replace('PT30S', 'PT31S');

	writeFileSync(file, xml);
	assert.equal((await said('workflow', 'list', '--json')).length, 1);
	assert.equal(await said('workflow', 'import', file), 'chat version 2\n');
	assert.equal(await said('workflow', 'import', file), 'chat version 2, as it was\n');
	await said('workflow', 'export', 'chat', '--out', copy);
	assert.equal(readFileSync(copy, 'utf8'), xml);
	assert.equal(await said('workflow', 'export', 'chat', '1'), readFileSync(chat, 'utf8'));
	assert.equal(await said('workflow', 'deploy', 'chat'), 'chat version 2 is deployed\n');
	assert.deepEqual((await said('workflow', 'list', '--json')).map(({ version, deployed, gold }) => [version, deployed, gold]),
		[[1, true, 'gold'], [2, true, 'broken']]);
	assert.equal(await said('workflow', 'undeploy', 'chat', '2'), 'chat version 2 is no longer deployed\n');
	assert.deepEqual(await said('workflow', 'instances', '--json'), []);
	assert.deepEqual(await said('workflow', 'incidents', '--json'), []);
	writeFileSync(file, '<broken');
	await refused(2, /line 1/, 'workflow', 'import', file);
	await refused(1, /there is no workflow nothing/, 'workflow', 'export', 'nothing');
	await refused(2, /whole number/, 'workflow', 'deploy', 'chat', 'two');
	await refused(1, /there is no instance X/, 'workflow', 'retry', 'X');
	await refused(1, /there is no instance X/, 'workflow', 'cancel', 'X', '--yes');
});

test('EDR-7: a rule is added, edited in what a file names, and deleted', async () => {
	const file = join(pelago.data, 'rule.json');
	const rules = () => said('rule', 'list', '--json');

	writeFileSync(file, JSON.stringify({ event: 'ROUTE_CONTACT', workflow: 'chat', rank: 5, condition: 'contact.topic = "x"' }));
	await said('rule', 'add', file);
	const [rule, standard] = await rules();
	assert.equal(rule.rank, 5);
	assert.equal(rule.version, 'latest');
	assert.equal(standard.default, true);
	writeFileSync(file, JSON.stringify({ enabled: false, version: 1 }));
	await said('rule', 'edit', rule.id, file);
	assert.deepEqual((await rules())[0], { ...rule, enabled: false, version: 1 });
	assert.equal(await said('rule', 'recreate'), '0 rules made anew\n');
	writeFileSync(file, JSON.stringify({ condition: 'contact.topic = ' }));
	await refused(2, /column/, 'rule', 'edit', rule.id, file);
	await refused(1, /there is no rule X/, 'rule', 'edit', 'X', file);
	await said('rule', 'delete', rule.id, '--yes');
	assert.deepEqual(await rules(), [standard]);
});
