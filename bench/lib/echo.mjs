/*
 * echo.mjs — the baseline of what the edge does: a WebSocket server of npm's `ws` in a process of its own, that
 * parses each message and sends it back.
 *
 *   const echo = await startEcho({ tls: true });
 *   echo.pid, echo.httpPort or echo.httpsPort (as line.mjs wants them)
 *   await echo.stop()
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../tests/scenario/lib/instance.mjs';

const { WebSocketServer } = createRequire(new URL('../../tests/package.json', import.meta.url))('ws');

/* A key and a certificate as the edge has them: P-256. */
async function makeCertificate() {
	const folder = await mkdtemp(join(tmpdir(), 'pelago-echo-'));
	try {
		const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
		const made = await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', cert]);
		assert.equal(made.status, 0, made.stderr);
		return { key: await readFile(key), cert: await readFile(cert) };
	} finally {
		await rm(folder, { recursive: true });
	}
}

async function serve(tls) {
	const server = tls ? https.createServer(await makeCertificate()) : http.createServer();
	new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
		socket.on('message', (data) => socket.send(JSON.stringify(JSON.parse(data))));
		socket.on('error', () => {}); /* a client that went away */
	});
	server.listen(0, '127.0.0.1', () => process.send(server.address().port));
	process.on('disconnect', () => process.exit());
}

export async function startEcho({ tls = false } = {}) {
	const child = fork(fileURLToPath(import.meta.url), [tls ? 'tls' : 'plain'], { execArgv: [] });
	const ended = once(child, 'exit');
	const port = await Promise.race([once(child, 'message').then(([port]) => port), ended.then(([code]) => assert.fail(`the echo server ended: ${code}`))]);
	const stop = async () => {
		child.disconnect();
		await ended;
	};
	return { pid: child.pid, [tls ? 'httpsPort' : 'httpPort']: port, stop };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve(process.argv[2] === 'tls');
