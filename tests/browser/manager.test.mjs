/*
 * manager.test.mjs — an administrator at the manager's pages: what they show is what is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { token } from '../scenario/lib/chat.mjs';
import { startInstance, until } from '../scenario/lib/instance.mjs';
import { atDesk, passwordOf, signIn } from './lib/agent.mjs';
import { exactly, launchBrowser, newPerson } from './lib/browser.mjs';
import { atShop } from './lib/customer.mjs';

let pelago;
let browser;
let admin;

before(async () => {
	[pelago, browser] = await Promise.all([startInstance({ demo: true }), launchBrowser()]);
	admin = await newPerson(browser, pelago);
	await admin.page.goto('/manager/');
	await signIn(admin.page, 'admin', await passwordOf(pelago, 'admin'));
	await at('page-overview').waitFor();
});
after(async () => {
	await browser?.close();
	await pelago?.stop();
});

const at = (id) => admin.page.getByTestId(id);
const cluster = (name) => admin.page.locator(`[data-testid=cluster][data-name="${name}"]`);

async function list(noun) {
	const { status, stdout, stderr } = await pelago.pelago([noun, 'list', '--json']);
	assert.equal(status, 0, stderr);
	return JSON.parse(stdout);
}

/* What the API lists, all its pages. */
async function ask(noun) {
	const headers = { authorization: `Bearer ${await token(pelago, 'admin')}` };
	const items = [];
	let cursor = '';
	do {
		const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/api/v1/${noun}?limit=3${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, { headers });
		assert.equal(answer.status, 200, noun);
		const page = await answer.json();
		items.push(...page.items);
		cursor = page.cursor;
	} while (cursor);
	return items;
}

const KINDS = { 1: 'Common', 2: 'Unified Agent', 3: 'Omnichannel Provider', 4: 'CoBrowse', 5: 'Connectors', provisioning: 'Provisioning' };

/* The rows of a table, each as the texts of its cells under the column's title. */
function rowsOf(id) {
	return at(id).evaluateAll((rows) => rows.map((row) => Object.fromEntries(
		[...row.querySelectorAll('td[data-label]')].map((cell) => [cell.dataset.label, cell.textContent]),
	)));
}

test('PLT-1 PLT-2 PLT-14: clusters, nodes and services are shown as they are', async () => {
	await admin.page.locator('[data-testid=health][data-health=ok]').waitFor();
	await admin.page.locator('[data-testid=freshness][data-freshness=live]').waitFor();
	await until('what was installed is tested', async () => (await list('cluster')).every((c) => c.testsPass !== null), 30000);
	const clusters = await list('cluster');
	assert.ok(clusters.length >= 6);
	assert.match(await at('tile-clusters').textContent(), new RegExp(`${clusters.length} of ${clusters.length} `));

	await at('nav-clusters').click();
	const row = (c) => ({
		'Cluster Name': c.name, Profile: KINDS[c.kind], State: `${c.state} [${c.nodes.length}/${c.nodes.length}]`, Alarms: String(c.alarms || '–'), Activity: '–',
		'Cluster Database': c.database.of ? `${c.database.store} ${c.database.open}/${c.database.of}` : '–',
		'Service Install Status': c.services.length ? `Installed ${c.services.length}/${c.services.length}` : '–',
		'Tests Pass': { true: 'pass', false: 'fail', null: 'not run' }[c.testsPass],
	});
	await exactly('the clusters are those of the command line', async () => (await rowsOf('cluster')).map(({ Actions, ...rest }) => rest), clusters.map(row));
	for (const c of clusters) await cluster(c.name).getByTestId('details-toggle').click();
	assert.deepEqual(await at('details').evaluateAll((all) => all.map((one) => [...one.querySelectorAll('dd')].map((dd) => [...dd.children].map((child) => child.firstChild.textContent)))),
		clusters.map((c) => [c.nodes, c.services]));

	await at('nav-nodes').click();
	const steady = ({ Name, Cluster, State, Version }) => ({ Name, Cluster, State, Version });
	await exactly('the nodes are those of the command line', async () => (await rowsOf('node')).map(steady),
		(await list('node')).map((n) => steady({ Name: n.name, Cluster: n.cluster, State: n.state, Version: n.version })));
	for (const row of await rowsOf('node')) {
		assert.match(row.Memory, /^[\d.]+ [kM]B$/);
		assert.match(row['Last heard'], /ago$/);
	}

	await at('nav-services').click();
	const processes = await pelago.processes();
	const services = await list('service');
	assert.ok(services.length >= 11);
	await exactly('the services are those of the command line', async () => (await rowsOf('service')).map(({ Memory, ...row }) => row), services.map((s) => ({
		Name: s.name, Version: s.version, State: s.state, Cluster: s.cluster, Nodes: s.nodes.join(', ') || '–', Restarts: '0', PID: String(processes[s.name] ?? '–'),
	})));
	await admin.page.reload();
	await at('page-services').waitFor();
});

/* What changes by itself from one question to the next. */
const MOVING = ['uptimeSeconds', 'load', 'memoryBytes', 'diskFreeBytes', 'lastHeardSeconds', 'instances'];
const still = (items) => items.map((item) => Object.fromEntries(Object.entries(item).filter(([member]) => !MOVING.includes(member))));

test('PLT-1 PLT-2 PLT-14: the console, the command line and the API say the same', async () => {
	for (const [noun, place] of [['cluster', 'clusters'], ['node', 'nodes'], ['service', 'services']]) {
		const listed = await list(noun);
		const asked = await ask(place);
		assert.deepEqual(still(asked), still(listed), place);
		for (const [i, item] of asked.entries()) assert.deepEqual(Object.keys(item).sort(), Object.keys(listed[i]).sort(), `members of a ${noun}`);
		await at(`nav-${place}`).click();
		await exactly(`the console shows ${place}`, () => at(noun).evaluateAll((rows) => rows.map((one) => `${one.dataset.name} ${one.dataset.state}`)), asked.map((one) => `${one.name} ${one.state}`));
	}
});

test('PLT-1 PLT-52: what one of the three does, the others see, and the audit trail says who', async () => {
	const [, , , name] = (await list('cluster')).map((c) => c.name);
	const state = async () => [(await list('cluster')).find((c) => c.name === name).state, (await ask('clusters')).find((c) => c.name === name).state];
	const shows = (wanted) => exactly(`the console shows ${wanted}`, () => cluster(name).getAttribute('data-state'), wanted);
	await at('nav-clusters').click();

	assert.equal((await pelago.pelago(['cluster', 'deny', name, '--yes'])).status, 0);
	await shows('Denying');
	assert.deepEqual(await state(), ['Denying', 'Denying']);

	await cluster(name).getByTestId('cluster-accept').click();
	await at('confirm-yes').click();
	await shows('Accepting');
	assert.deepEqual(await state(), ['Accepting', 'Accepting']);

	const answer = await fetch(`http://127.0.0.1:${pelago.httpPort}/api/v1/clusters/${name}/deny`, { method: 'POST', headers: { authorization: `Bearer ${await token(pelago, 'admin')}` } });
	assert.equal(answer.status, 200);
	await shows('Denying');
	assert.deepEqual(await state(), ['Denying', 'Denying']);
	assert.equal((await pelago.pelago(['cluster', 'accept', name, '--yes'])).status, 0);
	await shows('Accepting');

	await at('nav-audit').click();
	const entries = await ask('audit');
	await exactly('the audit trail is the API\'s', async () => (await rowsOf('audit-entry')).map(({ When, ...row }) => row), entries.map((e) => ({
		Who: e.who, From: e.from || '–', Action: { 'cluster.accept': 'Accept New Service', 'cluster.deny': 'Deny New Service', 'bundle.load': 'Load a bundle', 'plan.start': 'Start a plan', 'plan.state': 'State of a plan' }[e.action], What: e.target, Before: e.before || '–', After: e.after || '–',
	})));
	assert.deepEqual(entries.slice(0, 4).map((e) => `${e.action} ${e.target}`), [`cluster.accept ${name}`, `cluster.deny ${name}`, `cluster.accept ${name}`, `cluster.deny ${name}`]);
});

test('PLT-20 PLT-21: an attribute set in one of the three is shown in the others, with where it comes from', async () => {
	const pick = ({ service, key, effective, origin, overrides }) => ({ service, key, effective, origin, overrides });
	assert.deepEqual((await ask('attributes')).map(pick), (await list('attribute')).map(pick));
	await admin.page.goto('/manager/#/configuration/attributes/globals?service=UCMService');
	const first = (await list('attribute')).find((one) => one.service === 'UCMService' && one.type === 'duration');
	const row = admin.page.locator(`[data-testid=attribute][data-key="${first.key}"]`);
	await row.getByTestId('override').check();
	await row.getByTestId('value').fill(String(first.most + 1));
	await row.getByTestId('value-problem').waitFor();
	assert.ok(await at('commit').isDisabled());
	await row.getByTestId('value').fill(String(first.least));
	await at('commit-note').fill('tried in a browser');
	await at('commit').click();
	await at('committed').waitFor();
	const set = async () => (await list('attribute')).find((one) => one.service === 'UCMService' && one.key === first.key);
	assert.deepEqual(pick(await set()), { service: 'UCMService', key: first.key, effective: first.least, origin: 'global', overrides: { global: first.least } });
	await exactly('it has arrived, and from where', async () => [await row.getByTestId('origin').textContent(), await row.getByText('on its way').count()], ['global', 0]);

	const { status, stderr } = await pelago.pelago(['attribute', 'set', first.key, String(first.least + 1), '--service', 'UCMService']);
	assert.equal(status, 0, stderr);
	await exactly('the console shows the command line\'s', () => row.getByTestId('value').inputValue(), String(first.least + 1));
	await at('tab-history').click();
	await exactly('both are in the history', () => at('attribute-commit').count(), 2);
	assert.match(await at('attribute-commit').last().textContent(), /tried in a browser/);
	await at('revert').click();
	await at('confirm-yes').click();
	await exactly('it is what it was', async () => (await set()).effective, first.least);
	const ended = await pelago.pelago(['attribute', 'reset', first.key, '--service', 'UCMService']);
	assert.equal(ended.status, 0, ended.stderr);
});

test('PLT-23: a service profile made in the console is there for the command line', async () => {
	await admin.page.goto('/manager/#/configuration/profiles');
	await at('profile-create').click();
	await at('confirm-name').fill('Gold');
	await at('confirm-title').fill('The best');
	await at('confirm-yes').click();
	await at('open').click();
	await at('profile-add').click();
	await at('confirm-service').selectOption('UCMService');
	await at('confirm-yes').click();
	await at('profile-service').waitFor();
	await at('profile-assign').click();
	await at('confirm-id').fill('agent1');
	await at('confirm-yes').click();
	await admin.page.locator('[data-testid=member][data-id=agent1]').waitFor();
	const [gold] = await list('profile');
	assert.deepEqual([gold.name, gold.services.map((s) => s.name ?? s), gold.users], ['Gold', ['UCMService'], 1]);
	assert.deepEqual((await ask('profiles'))[0], gold);
	await at('members-all').check();
	await at('chosen-member-remove').click();
	await at('confirm-yes').click();
	await at('empty').waitFor();
	await at('nav-profiles').click();
	await at('profiles-all').check();
	await at('chosen-profile-delete').click();
	await at('confirm-yes').click();
	await at('empty').waitFor();
	assert.deepEqual(await list('profile'), []);
});

test('PLT-5 PLT-30 PLT-31: nodes told anew, tests that are run and brokers are shown as the command line has them', async () => {
	const json = async (words) => {
		const { status, stdout, stderr } = await pelago.pelago([...words, '--json']);
		assert.equal(status, 0, stderr);
		return JSON.parse(stdout);
	};
	await admin.page.goto('/manager/#/replication');
	await exactly('replication', () => at('replica').evaluateAll((rows) => rows.map((row) => `${row.dataset.name} ${row.dataset.state}`)),
		(await json(['replication', 'status'])).map((r) => `${r.node} ${r.state}`));
	await admin.page.goto('/manager/#/tests');
	await at('tests-run-all').click();
	await at('confirm-yes').click();
	await at('test').first().waitFor();
	await exactly('tests', () => at('test').evaluateAll((rows) => rows.map((row) => `${row.dataset.node} ${row.dataset.test} ${row.dataset.result}`)),
		(await json(['test', 'list'])).map((r) => `${r.node} ${r.test} ${r.result}`));
	await at('nav-brokers').click();
	await exactly('brokers', () => at('broker').evaluateAll((rows) => rows.map((row) => `${row.dataset.name} ${row.dataset.state}`)),
		(await json(['event', 'dashboard'])).map((b) => `${b.name} ${b.state}`));
});

test('PLT-3: certificates are shown as the command line has them, and renewed by a plan', async () => {
	const known = await list('certificate');
	await admin.page.goto('/manager/#/elements/certificates');
	await exactly('certificates', () => at('certificate').evaluateAll((rows) => rows.map((row) => `${row.dataset.host} ${row.dataset.name}`)),
		known.map((one) => `${one.host} ${one.name}`));
	await at('certificates-renew').click();
	await at('confirm-of').selectOption('service:UCMService');
	await at('confirm-yes').click();
	await admin.page.locator('[data-testid=plan-state][data-state=done]').waitFor();
	const fresh = await list('certificate');
	const serialOf = (all, name) => all.find((one) => one.name === name).serial;
	assert.notEqual(serialOf(fresh, 'identity'), serialOf(known, 'identity'));
	assert.equal(serialOf(fresh, 'ca'), serialOf(known, 'ca'));
});

test('PLT-11 PLT-12 PLT-31: an optional service is installed from its bundle, its plan watched, its receiver shown, and it goes again', async () => {
	await at('nav-bundles').click();
	const bundles = await ask('bundles');
	await exactly('bundles', () => at('bundle').evaluateAll((rows) => rows.map((row) => row.dataset.name)), bundles.map((one) => one.name));
	await admin.page.locator('[data-testid=bundle][data-name=EventStreaming]').getByTestId('choose').check();
	await at('chosen-bundle-install').click();
	await at('confirm-yes').click();
	await admin.page.locator('[data-testid=plan-state][data-state=done]').waitFor();
	assert.equal((await list('service')).find((one) => one.name === 'EventStreaming').state, 'Installed');
	await at('nav-destinations').click();
	await admin.page.locator('[data-testid=destination][data-kind=destination]').getByText('Switched off').waitFor();
	await at('nav-plans').click();
	await admin.page.locator('[data-testid=plan]').getByText('Install EventStreaming').first().waitFor();
	await at('nav-services').click();
	await admin.page.locator('[data-testid=service][data-name=EventStreaming]').getByTestId('choose').check();
	await at('chosen-service-uninstall').click();
	await at('confirm-yes').click();
	await admin.page.locator('[data-testid=plan-state][data-state=done]').waitFor();
	assert.equal((await list('service')).find((one) => one.name === 'EventStreaming').state, 'Loaded');
	assert.deepEqual(admin.faults, []);
});

test('PLT-6 PLT-14: a service that was killed is shown with its new process', async () => {
	await at('nav-services').click();
	const row = admin.page.locator('[data-testid=service][data-name=ContextStore]');
	const pid = Number(await row.locator('[data-column=pid]').textContent());
	assert.equal(pid, (await pelago.processes()).ContextStore);
	process.kill(pid, 'SIGKILL');
	await exactly('its restart is counted', () => row.locator('[data-column=restarts]').textContent(), '1');
	await exactly('its process is shown', async () => Number(await row.locator('[data-column=pid]').textContent()) === (await pelago.processes()).ContextStore, true);
	await at('nav-overview').click();
	await admin.page.locator('[data-testid=health][data-health=ok]').waitFor();
});

test('PLT-1: a denying cluster refuses new chats kindly and finishes those it has', async () => {
	const ocp = (await list('cluster')).find((c) => c.services.includes('CustomerControllerService')).name;
	const agent = await atDesk(browser, pelago, 'agent1');
	await agent.ready();
	const ann = await atShop(browser, pelago, { name: 'Ann' });
	await ann.start({ topic: 'sales' });
	await agent.accept('Ann');

	await at('nav-clusters').click();
	await cluster(ocp).getByTestId('cluster-deny').click();
	await at('confirm-no').click();
	await at('confirm').waitFor({ state: 'detached' });
	assert.equal((await list('cluster')).find((c) => c.name === ocp).state, 'Accepting');
	await cluster(ocp).getByTestId('cluster-deny').click();
	assert.match(await at('confirm').textContent(), new RegExp(ocp));
	await at('confirm-yes').click();
	await exactly('the page shows that it arrived', () => cluster(ocp).getByTestId('cluster-state').textContent(), 'Denying [1/1]');
	assert.equal((await list('cluster')).find((c) => c.name === ocp).state, 'Denying');
	await at('nav-overview').click();
	await admin.page.locator('[data-testid=health][data-health=attention]').waitFor();
	assert.match(await at('problems').textContent(), new RegExp(ocp));

	const bob = await atShop(browser, pelago, { name: 'Bob' });
	await bob.open();
	await bob.at('chat-name').fill('Bob');
	await bob.at('chat-start').click();
	await bob.inPhase('refused');
	assert.match(await bob.at('chat-refused').textContent(), /not taking new chats/);
	await ann.say('do we go on?');
	await agent.say('we do');
	await ann.talked(['do we go on?', 'we do']);

	await at('nav-clusters').click();
	await cluster(ocp).getByTestId('cluster-accept').click();
	await at('confirm-yes').click();
	await exactly('it accepts again', () => cluster(ocp).getByTestId('cluster-state').textContent(), 'Accepting [1/1]');
	await until('the chat can be begun', async () => {
		await bob.at('chat-retry').click();
		await bob.at('chat-name').fill('Bob');
		await bob.at('chat-start').click();
		await bob.page.locator('[data-testid=chat-panel]:is([data-phase=chat],[data-phase=refused])').waitFor();
		return await bob.at('chat-panel').getAttribute('data-phase') === 'chat';
	});
	await agent.accept('Bob');
	await bob.say('thank you');
	await agent.sees('customer', 'thank you');
	await agent.finish();
	await agent.finish();
	assert.deepEqual([...admin.faults, ...agent.faults, ...ann.faults, ...bob.faults], []);
	await Promise.all([agent.leave(), ann.leave(), bob.leave()]);
});

test('PLT-51: an agent sees nothing of the manager', async () => {
	const person = await newPerson(browser, pelago);
	await person.page.goto('/manager/');
	await signIn(person.page, 'agent2', await passwordOf(pelago, 'agent2'));
	await person.page.getByTestId('unreachable').waitFor();
	assert.match(await person.page.getByTestId('unreachable').textContent(), /not allowed/);
	assert.equal(await person.page.getByTestId('tile-clusters').count(), 0);
	await person.context.close();
});

test('PLT-51: who is no agent is told so at the desk, and can go on elsewhere', async () => {
	const person = await newPerson(browser, pelago);
	await person.page.goto('/workspaces/');
	await signIn(person.page, 'supervisor', await passwordOf(pelago, 'supervisor'));
	await person.page.getByTestId('no-agent').waitFor();
	await person.page.getByTestId('no-agent').getByRole('link').click();
	await person.page.getByTestId('menu').waitFor();
	assert.deepEqual(person.faults, []);
	await person.context.close();
});

test('while the manager can\'t be reached, the page says how old its figures are, and comes back', async () => {
	await at('nav-clusters').click();
	await admin.page.locator('[data-testid=freshness][data-freshness=live]').waitFor();
	await admin.context.setOffline(true);
	await at('stale').waitFor();
	assert.ok(await at('cluster').first().isVisible(), 'what was known is still shown');
	await admin.context.setOffline(false);
	await admin.page.locator('[data-testid=freshness][data-freshness=live]').waitFor();
	await at('stale').waitFor({ state: 'detached' });
});
