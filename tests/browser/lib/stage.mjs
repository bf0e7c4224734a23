/*
 * stage.mjs — the pages alone, in front of the stand-in for edge and services (web/mock/server.mjs).
 *
 *   const stage = await startStage();                      as startInstance gives a whole Pelago
 *   const mia = await atDesk(browser, stage, 'agent1');
 *   await stage.play('drop');                              a trouble of the stand-in, by its name
 *   await stage.stop();
 *
 * For what a page does with frames that a whole Pelago says only after minutes, or hardly ever.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const SERVER = new URL('../../../web/mock/server.mjs', import.meta.url).pathname;

export async function startStage() {
	const server = spawn(process.execPath, [SERVER], { env: { ...process.env, PORT: '0', END_WITH_STDIN: '1' }, stdio: ['pipe', 'pipe', 'inherit'] });
	const gone = once(server, 'exit');
	const [line] = await Promise.race([once(createInterface(server.stdout), 'line'), gone.then(([code]) => assert.fail(`the stand-in ended with ${code}`))]);
	const httpPort = Number(new URL(line).port);
	return {
		httpPort,
		password: 'demo',
		async play(what, values = {}) {
			const answer = await fetch(`http://127.0.0.1:${httpPort}/mock/${what}?${new URLSearchParams(values)}`);
			assert.equal(answer.status, 200, what);
			return answer.json();
		},
		async stop() {
			server.kill();
			await gone;
		},
	};
}
