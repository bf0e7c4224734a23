/*
 * feel.test.mjs — `pelago feel eval`, with nothing running: the value as JSON, why it is null, and what is
 * refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { build } from './lib/instance.mjs';

function feel(args, input = '') {
	const { status, stdout, stderr } = spawnSync(`${build}/pelago`, ['feel', 'eval', ...args],
		{ input, encoding: 'utf8', maxBuffer: 16 << 20 });
	return { status, stdout, stderr };
}

test('a value is printed as JSON', () => {
	assert.deepEqual(feel(['1/3']), { status: 0, stdout: '0.3333333333333333333333333333333333\n', stderr: '' });
	assert.deepEqual(feel(['{d: @"2026-01-31" + @"P1M", l: [1 + 1, "ü"]}']),
		{ status: 0, stdout: '{"d":"2026-02-28","l":[2,"ü"]}\n', stderr: '' });
	assert.match(feel(['now()']).stdout, /^"\d{4}-\d\d-\d\dT/);
});

test('the names of the context are in scope', () => {
	assert.equal(feel(['first name + a-b', '--context', '{first name: "Ann", "a-b": "!"}']).stdout, '"Ann!"\n');
	assert.equal(feel(['people[age > limit].name', '--context={limit: 17, people: [{name: "A", age: 18}, {name: "B"}]}']).stdout,
		'["A"]\n');
	assert.equal(feel(['twice(4)', '--context', '{twice: function(n) 2 * n}']).stdout, '8\n');
});

test('null by error says why, and where', () => {
	const { status, stdout, stderr } = feel(['[1,\n 1 / 0]']);
	assert.deepEqual({ status, stdout }, { status: 0, stdout: '[1,null]\n' });
	assert.equal(stderr, 'pelago: line 2, column 4: division by 0\n');
});

test('what is no FEEL, no context or too much is refused', () => {
	for (const [args, sentence] of [
		[['1 +'], /^pelago: FEEL, line 1, column 4: expected a value, found the end\n$/],
		[['x', '--context', '[1]'], /--context must be a FEEL context, as \{a: 1\}, not a list/],
		[['x', '--context', '{a: 1'], /expected \}, found the end/],
		[['for i in 1..10**12 return i'], /takes more than \d+ bytes/],
		[['{f: function(n) f(n)}.f(1)'], /functions call each other without an end/],
		[[], /EXPR is missing/],
		[['1', '2'], /'2' is too much here/],
		[['1', '--contxt', '{}'], /did you mean '--context'/],
	]) {
		const { status, stdout, stderr } = feel(args);
		assert.deepEqual({ status, stdout }, { status: 2, stdout: '' }, args.join(' '));
		assert.match(stderr, sentence);
	}
});

test('texts of a megabyte come by standard input', () => {
	const list = `[${'1,'.repeat(500000)}1]`;
	assert.equal(feel(['-'], `count(${list})`).stdout, '500001\n');
	assert.equal(feel(['count(l)', '--context', '-'], `{l: ${list}}`).stdout, '500001\n');
	const deep = feel(['-'], '('.repeat(100000) + '1' + ')'.repeat(100000));
	assert.equal(deep.status, 2);
	assert.match(deep.stderr, /more than \d+ parts within each other/);
	assert.match(feel(['-'], Buffer.from([0x22, 0xff, 0x22])).stderr, /not UTF-8/);
});
