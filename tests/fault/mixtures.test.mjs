/*
 * mixtures.test.mjs — upgrades of a whole demo under live chats. Rolling, each mixture of versions that it passes through,
 * forth and back, is stood still until chats have gone on in it; in a window, all is out of service, and goes back with
 * what came since.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, Customer, token } from '../scenario/lib/chat.mjs';
import { chatsUnderFaults } from '../scenario/lib/exact.mjs';
import { startInstance, until } from '../scenario/lib/instance.mjs';
import { Points, mixtureOf } from '../scenario/lib/points.mjs';
import { checkEnd, isWhole, through } from '../scenario/lib/rounds.mjs';
import { Book } from '../scenario/lib/small.mjs';
import { installTrain, pointedPrograms, releases, words } from '../scenario/lib/upgrade.mjs';

const LIMIT = { timeout: 30 * 60000 };
/* A manager that stands still for a second is ended by its supervisor. */
const STILL_MS = 700;
let made, programs, points, pelago, book;

before(async () => {
	made = await releases(['0.1.0', '0.2.0', '0.3.0']);
	programs = await pointedPrograms();
	points = new Points();
	pelago = await startInstance({ demo: true, programs, env: { PELAGO_TRIAL_MS: '1000', PELAGO_POINTS: points.folder } });
	await installTrain(pelago, made['0.1.0']);
	book = new Book(pelago);
}, LIMIT);
after(async () => {
	await pelago?.stop({ keep: process.env.PELAGO_KEEP });
	points?.remove();
	if (programs) rmSync(programs, { recursive: true, force: true });
});

const cli = async (list) => {
	const { status, stdout, stderr } = await pelago.pelago(list);
	assert.equal(status, 0, `${list.join(' ')}: ${stderr || stdout.slice(-600)}`);
	return stdout;
};
const WINDOW = ['-cg', '1', 'DigitalOnly-100', 'Chat'];
const clusters = async () => JSON.parse(await cli(['cluster', 'list', '--json']));

/* One chat, begun and ended: its messages. */
async function oneChat(name) {
	const agent = await Agent.signIn(pelago, 'agent1', { autoAccept: true, echo: true });
	await agent.ready();
	const customer = new Customer(pelago, { name, topic: 'support' });
	await customer.opened();
	await customer.until((c) => c.has('joined'), 'an agent joins');
	await customer.say('hello');
	await customer.until((c) => c.texts('agent').length === 1, 'an answer');
	await agent.finish(customer.contactId);
	await customer.until((c) => c.has('closed'), 'closed');
	agent.ended = true; /* it doesn't come back */
	agent.send({ type: 'logout' });
	await agent.until(() => agent.state === 'LoggedOut', 'logged out');
	for (const peer of [customer, agent]) peer.end();
	return customer.contactId;
}

/* All closed contacts of the history, each once. */
async function history() {
	const bearer = await token(pelago, 'supervisor');
	const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/services/OCPDataServices/contacts?limit=200`, { headers: { authorization: `Bearer ${bearer}` } });
	assert.ok(answer.ok, `history: ${answer.status}`);
	return (await answer.json()).items.map(({ contactId }) => contactId).sort();
}

async function inWindow(file, to) {
	await cli(['upgrade', 'check', file, ...WINDOW, '--fix', 'all']);
	points.again();
	const ended = await through(pelago, points, ['upgrade', 'run', file, ...WINDOW, '--window', '--yes'], { victims: [] });
	assert.equal(ended.state, 'upgraded', ended.why);
	await isWhole(pelago, to);
}

const accept = async () => {
	for (const { name } of await clusters()) await cli(['cluster', 'accept', name, '--yes']);
};

test('UPG-6 UPG-7 UPG-9: in a window, to N+2 at once, and back with the contacts, messages and amounts that came since', LIMIT, async () => {
	const first = await oneChat('before');
	await inWindow(made['0.3.0'], '0.3.0');
	await accept();
	const second = await oneChat('since');
	await book.put('since', 4711);
	await until('both are in the history', async () => (await history()).filter((id) => [first, second].includes(id)).length === 2);
	const was = await history();
	points.again();
	const back = await through(pelago, points, ['upgrade', 'rollback', '--yes'], { victims: [] });
	await checkEnd(pelago, back, 'undone');
	assert.deepEqual(await history(), was);
	await book.check();
	await accept();
	const third = await oneChat('after');
	await until('it goes on', async () => (await history()).includes(third));
});

/* Each mixture, and how many answers came while it was stood still in it. */
class Mixtures {
	constructor(answers) {
		this.seen = new Map();
		this.count = 0;
		const beat = answers.beat.bind(answers);
		answers.beat = (...all) => {
			this.count++;
			return beat(...all);
		};
	}

	async stand({ moment }) {
		if (moment !== 'done' && moment !== 'undone') return;
		const { line, versions } = mixtureOf(pelago.data), before = this.count;
		for (const end = Date.now() + STILL_MS; this.count === before && Date.now() < end;) await sleep(10);
		const known = this.seen.get(line) ?? { versions, answers: 0 };
		known.answers += this.count - before;
		this.seen.set(line, known);
	}

	get mixed() {
		return [...this.seen.values()].filter(({ versions }) => new Set(Object.values(versions)).size > 1);
	}
}

test('UPG-8 UPG-9 UPG-41: chats go on in every mixture of N and N+1 that a rolling upgrade and its way back pass through', LIMIT, async (t) => {
	let mixtures;
	book.begin(1);
	const { messages } = await chatsUnderFaults(pelago, {
		chats: 10, agents: 10, pauseMs: 250,
		fault: async ({ answers }) => {
			mixtures = new Mixtures(answers);
			points.again();
			const forth = await through(pelago, points, words(made['0.2.0'], '--rolling'), { victims: [] }, (point) => mixtures.stand(point));
			assert.equal(forth.state, 'upgraded', forth.why);
			await isWhole(pelago, '0.2.0');
			points.again();
			const back = await through(pelago, points, ['upgrade', 'rollback', '--yes'], { victims: [] }, (point) => mixtures.stand(point));
			assert.equal(back.state, 'undone', back.why);
			await isWhole(pelago, '0.1.0');
		},
	});
	await book.end();
	await book.check();
	const still = mixtures.mixed.filter(({ answers }) => answers === 0);
	t.diagnostic(`${mixtures.mixed.length} mixtures, ${mixtures.mixed.length - still.length} of them with answers; ${messages} messages`);
	assert.ok(mixtures.mixed.length > 20, `${mixtures.mixed.length} mixtures`);
	assert.deepEqual(still.map(({ versions }) => versions), []);
});
