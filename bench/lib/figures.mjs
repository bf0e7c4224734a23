/*
 * figures.mjs — sizes from the environment, and samples as the figures that are printed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/* A size that the environment may change. */
export function size(name, normal) {
	const value = Number(process.env[name] ?? normal);
	if (!(value > 0 && value <= 1e9)) throw new Error(`${name}=${process.env[name]}: not a number above 0`);
	return value;
}

export function summary(samples) {
	const sorted = Float64Array.from(samples).sort();
	const at = (q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
	return { n: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

export function show(name, { n, p50, p99, max }) {
	const ms = (value) => `${value.toFixed(2).padStart(8)} ms`;
	console.log(`${name.padEnd(28)} n ${String(n).padStart(6)}   p50 ${ms(p50)}   p99 ${ms(p99)}   max ${ms(max)}`);
}
