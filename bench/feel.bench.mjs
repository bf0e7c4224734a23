/*
 * feel.bench.mjs — evaluations a second of FEEL expressions, beside npm's feelin in the same run.
 *
 * feelin reads an expression anew each time it is evaluated; it has no other form. So there are two ratios: of
 * what was compiled once, which is how Pelago evaluates, and of compiling and evaluating each time. Both
 * sides must find the same value. Seconds are of each process's own processor time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';

const { evaluate } = createRequire(new URL('../tests/package.json', import.meta.url))('feelin');

const expressions = [
	'age >= 18 and tier = "gold" and amount < 1000',
	'if age > 30 then amount * 1.1 else amount - 3',
	'age between 18 and 30 or list contains(["gold", "platinum"], tier)',
	'for i in 1..10 return i * age',
	'[1, 2, 3, 4, 5, 6, 7, 8][item > age / 10]',
];
const people = Array.from({ length: 64 }, (_, i) => ({
	age: 10 + i, tier: i % 2 ? 'gold' : 'silver', amount: i * 20,
}));

function feelinRate(text) {
	const start = process.cpuUsage();
	let done = 0, spent = 0, last;
	do {
		for (const person of people) {
			last = evaluate(text, person);
			last = last && typeof last === 'object' && 'value' in last ? last.value : last;
		}
		done += people.length;
		const used = process.cpuUsage(start);
		spent = (used.user + used.system) / 1e6;
	} while (spent < 1);
	return { rate: done / spent, last };
}

function run(program, args, input) {
	const { stdout, stderr, status, error } = spawnSync(program, args, { input, encoding: 'utf8' });
	if (error || status !== 0) throw new Error(`${program}: ${error ?? stderr}`);
	return stdout;
}

const build = process.env.PELAGO_BUILD ?? 'build';
run('ninja', ['-C', build, '--quiet', 'engines/feel/feel_rate']);
const ours = run(`${build}/engines/feel/feel_rate`, [], expressions.join('\n') + '\n')
	.trim().split('\n').map((line) => JSON.parse(line));

const millions = (rate) => `${(rate / 1e6).toFixed(2).padStart(7)} M/s`;
for (const [i, text] of expressions.entries()) {
	const theirs = feelinRate(text);
	if (!isDeepStrictEqual(ours[i].last, theirs.last))
		throw new Error(`${text}: ${JSON.stringify(ours[i].last)}, not ${JSON.stringify(theirs.last)}`);
	console.log(`${text}\n   compiled once ${millions(ours[i].compiled)}   each time anew ${millions(ours[i].eachTime)}`
		+ `   feelin ${millions(theirs.rate)}   ratio ${Math.round(ours[i].compiled / theirs.rate)}`
		+ `, anew ${Math.round(ours[i].eachTime / theirs.rate)}`);
}
