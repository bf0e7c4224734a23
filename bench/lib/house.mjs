/*
 * house.mjs — an instance with as many agents as a benchmark wants, each of whom can take any demo chat, and
 * without the demo's limits.
 *
 *   const pelago = await startHouse({ agents: 50, places: 1 });    places: chats at once an agent
 *   const agent = await employ(pelago, 'agent7', { offer: (frame) => …, … });
 *   await agent.ready();
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInstance } from '../../tests/scenario/lib/instance.mjs';
import { token } from '../../tests/scenario/lib/chat.mjs';
import { writeLimits } from '../../tests/scenario/lib/limits.mjs';
import { Line } from '../../tests/scenario/lib/line.mjs';

const SKILLS = ['Language.English', 'Service.Sales', 'Service.Billing', 'Service.Support'];

/* Answers of a service, as the administrator; who signs in again where filling the stores took longer than a token lives. */
export async function asAdmin(pelago, method, path, body) {
	const ask = async () => {
		pelago.adminToken ??= await token(pelago, 'admin');
		const headers = { authorization: `Bearer ${pelago.adminToken}`, 'content-type': 'application/json' };
		return fetch(`http://127.0.0.1:${pelago.httpPort}/services/${path}`, { method, headers, body: body && JSON.stringify(body) });
	};
	let answer = await ask();
	if (answer.status === 401) {
		pelago.adminToken = undefined;
		answer = await ask();
	}
	if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
	return answer.json();
}

export async function startHouse({ agents, places, ...options }) {
	const data = await mkdtemp(join(tmpdir(), 'pelago-bench-'));
	const names = Array.from({ length: agents }, (_, i) => `agent${i + 1}`);
	const passwords = ['admin', 'supervisor', 'designer', ...names].map((name) => [name, randomBytes(12).toString('hex')]);
	await writeFile(join(data, 'demo-users.json'), JSON.stringify(Object.fromEntries(passwords)), { mode: 0o600 });
	await writeLimits(data);
	const pelago = await startInstance({ demo: true, data, ...options });
	try {
		for (const name of names)
			await asAdmin(pelago, 'PUT', `UCAStoreService/users/${name}`, {
				name, roles: ['agent'], enabled: true, attributes: SKILLS.map((skill) => ({ name: skill, proficiency: 1 })), capacity: { total: places, chat: places },
			});
	} catch (error) {
		await pelago.stop();
		throw error;
	}
	return pelago;
}

/* Resolves once the agent has a session; ready() once the agent is Ready. */
export async function employ(pelago, user, handlers) {
	const accessToken = await token(pelago, user);
	const states = new Set();
	const waiting = new Map();
	const reached = (state) => {
		states.add(state);
		waiting.get(state)?.();
	};
	const until = (state) => (states.has(state) ? Promise.resolve() : new Promise((resolve) => waiting.set(state, resolve)));
	const agent = new Line(pelago, '/services/UnifiedAgentController/agent', {
		...handlers,
		session: () => reached('session'),
		state: (frame) => reached(frame.state),
	});
	agent.ready = () => {
		agent.send({ type: 'state', state: 'Ready' });
		return until('Ready');
	};
	await agent.opened;
	agent.send({ type: 'hello', token: accessToken });
	await until('session');
	return agent;
}
