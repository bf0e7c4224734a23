/*
 * workflow.test.mjs — `pelago workflow validate` and `convert`, with nothing running.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { build } from './lib/instance.mjs';

const models = new URL('../../engines/bpmndoc/models/', import.meta.url).pathname;
const chat = new URL('../../workflows/chat.bpmn', import.meta.url).pathname;
const folder = mkdtempSync('/tmp/pelago-workflow-');
after(() => rmSync(folder, { recursive: true }));

function workflow(...args) {
	const { status, stdout, stderr } = spawnSync(`${build}/pelago`, ['workflow', ...args],
		{ encoding: 'utf8', maxBuffer: 1 << 28 });
	return { status, stdout, stderr };
}

function file(name, text) {
	writeFileSync(join(folder, name), text);
	return join(folder, name);
}

test('EDR-14: validate tells a valid file, and whether it can be executed', () => {
	const ours = workflow('validate', chat);
	assert.equal(ours.status, 0);
	assert.match(ours.stdout, /^valid BPMN 2\.0: \d+ elements, 1 processes, 1 diagrams\ncan be executed\n$/);
	const all = JSON.parse(workflow('validate', '--json', `${models}process.bpmn`).stdout);
	assert.equal(all.valid, true);
	assert.deepEqual(all.problems, []);
	assert.equal(all.executable, false);
	assert.match(all.why, /^line \d+: /);
});

test('EDR-14: what breaks the schema is told by line, element and id, and exits with 4', () => {
	const broken = file('broken.bpmn', readFileSync(chat, 'utf8').replace('targetRef="', 'targetRef="no'));
	const { status, stdout } = workflow('validate', '--json', broken);
	const { valid, problems } = JSON.parse(stdout);
	assert.equal(status, 4);
	assert.equal(valid, false);
	assert.equal(problems.length, 1);
	assert.equal(problems[0].element, 'sequenceFlow');
	assert.match(problems[0].reason, /^targetRef is 'no\w+', and there is no element of that id$/);
	assert.ok(problems[0].line > 1);
	assert.match(workflow('validate', broken).stdout, /not valid BPMN 2\.0/);
});

test('EDR-1: what is no BPMN is refused with line and reason', () => {
	for (const [text, sentence] of [['', /empty/], ['<a>\n<b>', /line 2/], ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', /document type/],
		['<definitions/>', /no BPMN 2\.0/]]) {
		const path = file('none.bpmn', text);
		const seen = workflow('validate', path);
		assert.equal(seen.status, 4);
		assert.match(seen.stdout, sentence);
		const converted = workflow('convert', path, join(folder, 'out.bpmn'));
		assert.equal(converted.status, 4);
		assert.match(converted.stderr, sentence);
	}
	assert.equal(workflow('validate', join(folder, 'absent.bpmn')).status !== 0, true);
	assert.equal(workflow('validate').status, 2);
});

test('EDR-14: convert loses nothing', () => {
	for (const name of ['process.bpmn', 'collaboration.bpmn']) {
		const out = join(folder, name);
		assert.deepEqual(workflow('convert', models + name, out), { status: 0, stdout: '', stderr: '' });
		assert.equal(workflow('convert', out, '-').stdout, readFileSync(out, 'utf8'));
		const [before, after_] = [models + name, out].map((path) => readFileSync(path, 'utf8'));
		for (const word of before.match(/[\w:]+="[^"]*"|<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?made.*?\?>/g))
			assert.ok(after_.includes(word), `${word} is lost`);
	}
});

test('EDR-14: ten thousand elements are read and written', () => {
	const tasks = Array.from({ length: 10000 }, (_, i) => `<task id="t${i}"/>`).join('\n');
	const path = file('large.bpmn', '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:large">'
		+ `<process id="p" isExecutable="false">${tasks}</process></definitions>`);
	assert.equal(JSON.parse(workflow('validate', '--json', path).stdout).elements, 10002);
	assert.equal(workflow('convert', path, join(folder, 'large-out.bpmn')).status, 0);
});

test('EDR-14: a file of more than 64 MB is refused by its size', () => {
	const seen = workflow('validate', file('huge.bpmn', ' '.repeat((64 << 20) + 1)));
	assert.equal(seen.status, 4);
	assert.match(seen.stdout, /larger than 67108864 bytes/);
});
