/*
 * profile.test.mjs — what the edge refuses by a service profile.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { Agent, token } from './lib/chat.mjs';
import { startInstance, until } from './lib/instance.mjs';

let pelago;

before(async () => {
	pelago = await startInstance({ args: ['--demo'] });
});
after(() => pelago?.stop());

test('PLT-23: what a user\'s service profile doesn\'t have, the user can\'t invoke; who has none may all', { timeout: 60000 }, async () => {
	const ok = async (...words) => {
		const { status, stderr } = await pelago.pelago(['profile', ...words]);
		assert.equal(status, 0, stderr);
	};
	const bearer = await token(pelago, 'agent2');
	const get = (path, authorization = `Bearer ${bearer}`) => fetch(`http://127.0.0.1:${pelago.httpPort}${path}`, { headers: { authorization } });
	const path = '/services/OCPDataServices/contacts';
	const before = (await get(path)).status;
	assert.equal(before, 200);
	const agent = await Agent.signIn(pelago, 'agent2');
	await ok('create', 'Narrow');
	await ok('add', 'Narrow', 'UnifiedAgentController');
	await ok('assign', 'Narrow', 'agent2');
	const answer = await until('it is refused', async () => {
		const got = await get(path);
		return got.status === 403 && got;
	});
	assert.match(answer.headers.get('content-type'), /^application\/problem\+json/);
	const { status, detail } = await answer.json();
	assert.deepEqual([status, detail], [403, 'the service profile Narrow does not have OCPDataServices']);
	agent.end();
	(await Agent.signIn(pelago, 'agent2')).end(); /* that one it has; and one may always sign in */
	assert.notEqual((await get(path, `Bearer ${await token(pelago, 'admin')}`)).status, 403);

	await ok('remove', 'Narrow', 'UnifiedAgentController', '--yes');
	const refused = await until('it is refused there, too', async () => {
		const socket = new WebSocket(`ws://127.0.0.1:${pelago.httpPort}/services/UnifiedAgentController/agent`);
		socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', token: bearer })));
		const [data] = await once(socket, 'message');
		socket.close();
		const frame = JSON.parse(data.toString());
		return frame.type === 'error' && frame;
	});
	assert.deepEqual([refused.code, refused.message], ['unauthorized', 'the service profile Narrow does not have UnifiedAgentController']);
	await ok('unassign', 'Narrow', 'agent2');
	await until('all is allowed again', async () => (await get(path)).status === before);
	await ok('delete', 'Narrow', '--yes');
});
