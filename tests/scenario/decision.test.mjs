/*
 * decision.test.mjs — `pelago decision eval`: decisions of DMN files at the command line, with nothing running.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build, run } from './lib/instance.mjs';

const pelago = join(build, 'pelago');
const models = new URL('../../engines/dmn/models/', import.meta.url).pathname;

describe('pelago decision eval', () => {
	let folder;

	before(() => {
		folder = mkdtempSync(join(tmpdir(), 'pelago-decision-'));
	});
	after(() => rmSync(folder, { recursive: true }));

	async function check(args, status, stdout, stderr) {
		const result = await run(pelago, ['decision', 'eval', ...args]);
		assert.equal(result.status, status, `${args.join(' ')}: ${result.stderr}`);
		if (typeof stdout === 'string') assert.equal(result.stdout, stdout, args.join(' '));
		else assert.match(result.stdout, stdout, args.join(' '));
		assert.match(result.stderr, stderr, args.join(' '));
	}

	test('prints values as JSON', async () => {
		const graph = join(models, 'graph.dmn'), types = join(models, 'types.dmn');
		await check([graph, '--decision', 'Total', '--context', '{Amount: 0.1}'], 0, '1.12\n', /^$/);
		await check([graph, '--decision', "Mail", '--context', '{"Buyer\'s e-mail + address": "a@b"}'], 0, '"A@B"\n', /^$/);
		await check([graph, '--service', 'Two of them', '--context', '{Amount: 100, Größe: 3}'], 0, '{"Total":121,"Area":9}\n', /^$/);
		await check([graph, '--decision', 'discount', '--context', '{amount: 10, rate: 0}'], 0, '9.5\n', /^$/);
		await check([types, '--decision', 'To date and time'], 0, '"2024-02-29T00:00:00Z"\n', /^$/);
		await check([types, '--decision', 'Echo old', '--context', '{old: duration("P1DT2H")}'], 0, '"P1DT2H"\n', /^$/);
		await check([types, '--decision', 'Echo number', '--context', '{number: 12345678901234567890123456789.01234}'], 0,
			'12345678901234567890123456789.01234\n', /^$/);
	});

	test('says why a value is null', async () => {
		const boxed = join(models, 'boxed.dmn');
		await check([boxed, '--decision', 'Null in second line'], 0, 'null\n',
			/^pelago: .*boxed\.dmn: line \d+, column \d+: Null in second line: .*\n/);
		await check([boxed, '--decision', 'Literal'], 0, 'null\n', /"n" is not given/);
	});

	test('says what there is', async () => {
		const graph = join(models, 'graph.dmn');
		await check([graph], 2, '', /add --decision NAME or --service NAME; .*graph\.dmn has:\n {2}--decision "Net \/ gross"\n[^]*--service "Pricing"/);
		await check([graph, '--decision', 'Totl'], 1, '', /graph\.dmn has no decision "Totl"\n[^]*--decision "Total"/);
		await check([graph, '--service', 'Total'], 1, '', /has no service "Total"/);
		await check([graph, '--service', 'a', '--decision', 'b'], 2, '', /--decision or --service, not both/);
	});

	test('refuses what it cannot read', async () => {
		const graph = join(models, 'graph.dmn'), broken = join(folder, 'broken.dmn');
		writeFileSync(broken, '<a/>');
		await check([], 2, '', /FILE… is missing/);
		await check([join(folder, 'none.dmn'), '--decision', 'a'], 1, '', /none\.dmn can't be opened: No such file/);
		await check([folder, '--decision', 'a'], 1, '', /can't be read: Is a directory/);
		await check([broken, '--decision', 'a'], 2, '', /broken\.dmn: line 1: the root is not <definitions>/);
		await check([graph, '--decision', 'Total', '--context', '{Amount: }'], 2, '', /line 1, column 10/);
		await check([graph, '--decision', 'Total', '--context', '[1]'], 2, '', /context/);
		await check([join(models, 'boxed.dmn'), '--decision', 'Endless', '--context', '{n: 1}'], 2, '', /without an end/);
	});

	test('finds imports beside the file, or takes them', async () => {
		const first = join(folder, 'first.dmn'), other = join(folder, 'other.dmn');
		const args = ['--decision', 'Greeting', '--context', '{first name: "Al"}'];
		copyFileSync(join(models, 'import.dmn'), first);
		await check([first, ...args], 2, '', /first\.dmn: line \d+: the imported file with the namespace "urn:pelago:test:base" is missing/);
		await check([first, join(models, 'import_base.dmn'), join(models, 'import_merged.dmn'), ...args], 0, '"Hello, Al Doe!!"\n', /^$/);
		copyFileSync(join(models, 'import_base.dmn'), other); /* found by its namespace */
		copyFileSync(join(models, 'import_merged.dmn'), join(folder, 'import_merged.dmn'));
		await check([first, ...args], 0, '"Hello, Al Doe!!"\n', /^$/);
		await check([join(models, 'import.dmn'), ...args], 0, '"Hello, Al Doe!!"\n', /^$/);
	});
});
