/*
 * rounds.mjs — a small upgrade forth and back, somebody killed at its points: it ends upgraded, or where it began with
 * the cause named, and nothing that was acknowledged is lost.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { Command, Killer } from './points.mjs';
import { until } from './instance.mjs';
import { SMALL } from './small.mjs';
import { settledAfter, stateOf, versions } from './upgrade.mjs';

export const RUN = (small) => ['upgrade', 'run', small.release, '--rolling', ...SMALL];

/* All processes are of a version, and the solution is ready. */
export async function isWhole(pelago, version) {
	let seen;
	await until(`all is of ${version}, and ready`, async () => {
		const status = await pelago.pelago(['status']);
		seen = status.status === 0 ? (await versions(pelago)).join() : status.stdout;
		return seen === version;
	}, 90000).catch((error) => { throw new Error(`${error.message}: ${seen}`); });
}

/*
 * Says words, follows what comes of it through its points, and returns how it ended. act(point, command, killer):
 * something else that happens at a point.
 */
export async function through(pelago, points, words, options, act = () => {}) {
	const command = new Command(pelago), killer = new Killer(pelago, command, options);
	const former = await until('the state of the last upgrade', () => stateOf(pelago));
	command.begin(words);
	/* A command that is refused would be waited for in vain. */
	const refused = command.child.ended.then((code) => code !== null && code > 1 && new Promise((_, reject) => { setTimeout(async () => {
		if ((await stateOf(pelago))?.plan === former.plan) reject(new Error(command.child.said));
	}, 1000); })).then(() => new Promise(() => {}));
	const ended = await points.follow((point) => {
		killer.at(point);
		return act(point, command, killer);
	}, Promise.race([settledAfter(pelago, former), refused]));
	await killer.mended();
	return { ...ended, killed: killer.done };
}

/* It ended well, or has gone back by itself and says why. Returns the version that all is of. */
export async function checkEnd(pelago, ended, wanted) {
	assert.ok([wanted, 'undone'].includes(ended.state), `${ended.state}: ${ended.why}`);
	if (ended.state === 'undone' && wanted !== 'undone') assert.notEqual(ended.why, '', 'the cause is named');
	const version = ended.state === 'undone' ? '0.1.0' : '0.2.0';
	await isWhole(pelago, version);
	return version;
}
