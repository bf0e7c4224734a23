/*
 * console.test.mjs — the manager's pages alone: addresses, many things at once, long lists, keys, and everybody.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { signIn } from './lib/agent.mjs';
import { look } from './lib/axe.mjs';
import { exactly, launchBrowser, newPerson, tabTo } from './lib/browser.mjs';
import { startStage } from './lib/stage.mjs';

let stage;
let browser;

before(async () => { browser = await launchBrowser(); });
after(async () => { await browser?.close(); });
beforeEach(async () => { stage = await startStage(); });
afterEach(async () => { await stage.stop(); });

async function atConsole(address = '', { user = 'admin', ...options } = {}) {
	const person = await newPerson(browser, stage, options);
	await person.page.goto(`/manager/${address}`);
	await signIn(person.page, user, stage.password);
	await isLive(person.page);
	return { ...person, at: (id) => person.page.getByTestId(id) };
}

const isLive = (page) => page.locator('[data-testid=freshness][data-freshness=live]').first().waitFor();
const statesOf = ({ page }) => page.getByTestId('cluster').evaluateAll((rows) => rows.map((row) => `${row.dataset.state} ${row.dataset.arrived}`));

const LOOKS = { 'light, English': { colorScheme: 'light' }, 'dark, German': { colorScheme: 'dark', locale: 'de-DE' } };

for (const [name, options] of Object.entries(LOOKS)) {
	test(`PLT-1 PLT-2: every place of the console can be used by everybody: ${name}`, async () => {
		const found = [];
		await stage.play('audit', { n: 300 });
		await stage.play('node', { name: 'node2-1', state: 'Unreachable' });
		const admin = await atConsole('', options);
		const { page, at } = admin;
		await at('problems').waitFor();
		await look(page, 'overview', found);
		const isWhole = options.colorScheme === 'light';
		for (const id of isWhole ? await page.locator('[data-testid^=nav-]').evaluateAll((all) => all.map((one) => one.dataset.testid)) : ['nav-attributes', 'nav-alarms']) {
			await at(id).click();
			await at(id.replace('nav-', 'page-')).waitFor();
			await isLive(page);
			await look(page, id, found);
			if (!isWhole) continue;
			for (const tab of (await page.locator('[data-testid^=tab-]').evaluateAll((all) => all.map((one) => one.dataset.testid))).slice(1)) {
				await at(tab).click();
				await page.locator(`[data-testid=${tab}][aria-current=page]`).waitFor();
				await isLive(page);
				await look(page, `${id}, ${tab}`, found);
			}
		}
		await at('nav-clusters').click();
		await at('details-toggle').first().click();
		await at('clusters-all').check();
		await look(page, 'clusters that are chosen', found);
		await at('chosen-cluster-deny').click();
		await at('confirm').waitFor();
		await look(page, 'the question before', found);
		await stage.play('locked', { name: 'Cluster1_CC', on: 1 });
		await at('confirm-yes').click();
		await at('confirm-error').waitFor();
		await look(page, 'what has failed', found);
		await at('confirm-no').click();
		await page.locator('[data-name=Cluster1_CC]').getByTestId('open').click();
		await at('tab-nodes').click();
		await isLive(page);
		await look(page, 'the editor', found);
		await at('open').first().click();
		await at('node-facts').waitFor();
		await look(page, 'a node', found);
		await at('nav-services').click();
		await at('filter').locator('input').fill('nothing like that');
		await at('empty').waitFor();
		await look(page, 'a filter that nothing matches', found);
		await page.goto('/manager/#/nowhere');
		await at('page-lost').waitFor();
		await look(page, 'an address that leads nowhere', found);
		assert.deepEqual(found, []);
		assert.equal(await page.evaluate(() => document.querySelectorAll('h1').length), 1);
		await admin.context.close();
	});
}

test('each part has an address that one can be sent, come back to, and go back from', async () => {
	const { page, at, context } = await atConsole('#/elements/clusters/Cluster3_OCP/services');
	assert.deepEqual(await at('service').evaluateAll((rows) => rows.map((row) => row.dataset.name)),
		['AgentControllerService', 'AutomationController', 'CustomerControllerService', 'OCPDataServices']);
	assert.match(await page.title(), /^Cluster3_OCP · Cluster Administration/);
	await at('nav-services').click();
	await at('filter').locator('input').fill('cluster2 unified');
	await exactly('the filter finds', () => at('service').evaluateAll((rows) => rows.map((row) => row.dataset.name)), ['UnifiedAgentController']);
	assert.match(page.url(), /#\/services\?q=cluster2\+unified$/);
	await page.reload();
	await isLive(page);
	await exactly('the filter is still set', () => at('service').count(), 1);
	assert.equal(await at('count').textContent(), '1 of 12');
	await page.goBack();
	await at('tab-services').waitFor();
	await context.close();
});

test('PLT-1: clusters are denied many at once; what fails is told and tried again', async () => {
	const admin = await atConsole('#/elements/clusters');
	const { at, page } = admin;
	await stage.play('locked', { name: 'Cluster2_UA', on: 1 });
	assert.ok(await at('chosen-cluster-deny').isDisabled(), 'nothing is chosen');
	for (const name of ['Cluster1_CC', 'Cluster2_UA', 'Cluster3_OCP']) await page.locator(`[data-name=${name}]`).getByTestId('choose').check();
	assert.ok(await at('chosen-cluster-accept').isDisabled(), 'they accept already');
	await at('chosen-cluster-deny').click();
	assert.match(await at('confirm').textContent(), /Cluster1_CC, Cluster2_UA, Cluster3_OCP/);
	await at('confirm-yes').click();
	await at('confirm-error').waitFor();
	assert.match(await at('confirm-error').textContent(), /Cluster2_UA is locked/);
	assert.match(await at('confirm').locator('h1').textContent(), /^Deny new service on Cluster2_UA\?$/);
	await stage.play('locked', { name: 'Cluster2_UA', on: 0 });
	await at('confirm-yes').click();
	await at('confirm').waitFor({ state: 'detached' });
	await exactly('the states are shown as they come', () => statesOf(admin),
		['Accepting 1', 'Denying 2', 'Denying 2', 'Denying 2', 'Accepting 1', 'Accepting 1']);
	await at('nav-audit').click();
	await exactly('the audit trail has them', () => at('audit-entry').evaluateAll((rows) => rows.map((row) => row.dataset.target).sort()), ['Cluster1_CC', 'Cluster2_UA', 'Cluster3_OCP']);
	assert.deepEqual(admin.faults.filter((fault) => !/409/.test(fault)), []);
	await admin.context.close();
});

test('what goes on can be left and come back to, and is seen by another administrator', async () => {
	const ann = await atConsole('#/elements/clusters');
	const bob = await atConsole('#/elements/clusters/Cluster1_CC');
	await ann.page.locator('[data-name=Cluster1_CC]').getByTestId('cluster-deny').click();
	await ann.at('confirm-yes').click();
	const activity = '[data-name=Cluster1_CC] [data-column=activity]';
	await exactly('it goes on', () => ann.page.locator(activity).textContent(), 'Denying: 0 of 2 nodes');
	await ann.at('nav-services').click();
	await ann.page.goBack();
	await exactly('it has ended', () => ann.page.locator(activity).textContent(), '–');
	await exactly('the other sees it', () => bob.at('cluster-state').textContent(), 'Denying [2/2]');
	await bob.at('cluster-accept').click();
	await bob.at('confirm-yes').click();
	await exactly('and back', () => ann.page.locator('[data-name=Cluster1_CC]').getByTestId('cluster-state').textContent(), 'Accepting [2/2]');
	await Promise.all([ann.context.close(), bob.context.close()]);
});

test('PLT-1: all of it can be done by keys, and the focus comes back', async () => {
	const { page, at, context } = await atConsole('');
	await tabTo(page, 'nav-clusters');
	await page.keyboard.press('Enter');
	await at('page-clusters').waitFor();
	await exactly('the title has the focus', () => page.evaluate(() => document.activeElement.textContent), 'Cluster Administration');
	await isLive(page);
	await tabTo(page, 'choose');
	await page.keyboard.press('Space');
	await tabTo(page, 'chosen-cluster-deny', 'Shift+Tab');
	await page.keyboard.press('Enter');
	await at('confirm').waitFor();
	await page.keyboard.press('Escape');
	await at('confirm').waitFor({ state: 'detached' });
	await exactly('the focus is where it was', () => page.evaluate(() => document.activeElement.dataset.testid), 'chosen-cluster-deny');
	await page.keyboard.press('Enter');
	await tabTo(page, 'confirm-yes');
	await page.keyboard.press('Enter');
	await page.locator('[data-name=Provisioning][data-state=Denying]').waitFor();
	await context.close();
});

test('ten thousand rows: few are in the document, all can be come to, the newest come by themselves', async () => {
	await stage.play('audit', { n: 10000 });
	await stage.play('nodes', { n: 10000 });
	const { page, at, context, faults } = await atConsole('#/audit');
	const list = page.locator('.pl-long');
	const inDocument = () => at('audit-entry').count();
	for (let reached = 0; reached < 10000;) {
		assert.ok(await inDocument() <= 150, `${await inDocument()} rows are in the document`);
		const count = Number(await at('audit').getAttribute('aria-rowcount')) - 1;
		assert.ok(count >= reached, 'the list never becomes shorter');
		reached = count;
		await list.evaluate((one) => { one.scrollTop = one.scrollHeight; });
		if (reached < 10000) await page.waitForFunction((n) => Number(document.querySelector('[data-testid=audit]').ariaRowCount) > n, count + 1);
	}
	await exactly('the first of all is reached', () => at('audit-entry').last().locator('[data-column=after]').textContent(), 'number 0');
	await list.evaluate((one) => { one.scrollTop = 0; });
	await exactly('the newest', () => at('audit-entry').first().locator('[data-column=after]').textContent(), 'number 9999');
	await stage.play('change');
	await exactly('a newer one comes by itself', () => at('audit-entry').first().getAttribute('data-target'), 'Cluster9');
	await at('nav-nodes').click();
	await exactly('a list that is asked whole is as long', () => at('count').textContent(), '10009 in all');
	await list.evaluate((one) => { one.scrollTop = one.scrollHeight; });
	await exactly('its end is reached', () => at('node').last().getAttribute('data-name'), 'more09999');
	assert.ok(await at('node').count() <= 150);
	await at('filter').locator('input').fill('more07777');
	await exactly('it is found', () => at('node').count(), 1);
	await context.close();
	assert.deepEqual(faults, []);
});

test('PLT-20 PLT-21 PLT-22: attributes are changed as one set; who changed the same meanwhile is told of, and nothing is lost', async () => {
	const { page, at, context, faults } = await atConsole('#/configuration/attributes/globals');
	const row = (key, service) => page.locator(`[data-testid=attribute][data-key=${key}][data-service=${service}]`);
	await row('offer_timeout_s', 'UCMService').getByTestId('override').check();
	await row('offer_timeout_s', 'UCMService').getByTestId('value').fill('soon');
	assert.match(await row('offer_timeout_s', 'UCMService').getByTestId('value-problem').textContent(), /^A whole number, please/);
	assert.ok(await at('commit').isDisabled());
	await row('offer_timeout_s', 'UCMService').getByTestId('value').fill('30');
	await row('db_password', 'OCPDataServices').getByTestId('override').check();
	await row('db_password', 'OCPDataServices').getByTestId('value').fill('very secret');
	await at('tab-solution').click();
	await row('audit_kept', 'ContextStore').getByTestId('override').check();
	await row('audit_kept', 'ContextStore').getByTestId('value').fill('30');
	assert.equal(await at('pending-count').textContent(), '3 pending', 'what was changed elsewhere is still pending');
	await stage.play('commit', { service: 'UCMService', key: 'offer_timeout_s', value: 40 });
	await at('commit').click();
	await at('commit-conflict').waitFor();
	assert.match(await at('commit-conflict').textContent(), /somebody: UCMService Offer Time \(global\): not set → 40/);
	await at('commit-seen').click();
	await at('commit').click();
	await at('committed').waitFor();
	await at('tab-history').click();
	await exactly('both are there', () => at('attribute-commit').evaluateAll((rows) => rows.map((one) => one.dataset.version)), ['2', '1']);
	await at('details-toggle').first().click();
	assert.equal(await at('details').locator('li').count(), 4, 'through SolutionConfiguration it is set for both services');
	await at('tab-globals').click();
	const password = row('db_password', 'OCPDataServices');
	await password.getByText('waits for a restart on node4-1').waitFor();
	assert.equal(await password.getByTestId('value').inputValue(), '********');
	await at('tab-files').click();
	const [saved] = await Promise.all([page.waitForEvent('download'), at('export').click()]);
	assert.equal(saved.suggestedFilename(), 'pelago-attributes.json');
	const file = { kind: 'pelago-attributes', format: 1, values: [{ level: 'global', place: '', service: 'UCMService', attribute: 'offer_timeout_s', value: 50 }] };
	const choose = (text) => page.locator('input[type=file]').setInputFiles([{ name: 'set.json', mimeType: 'application/json', buffer: Buffer.from(text) }]);
	await choose('no JSON');
	await at('outcome').getByText('it is not JSON').waitFor();
	await choose(JSON.stringify(file));
	await at('difference').getByText('UCMService Offer Time (global): 30 → 50').waitFor();
	await at('import-apply').click();
	await at('outcome').getByText('Committed as version 3').waitFor();
	assert.deepEqual(faults.filter((fault) => !/409/.test(fault)), []);
	await context.close();
});

test('PLT-32: alarms are told with what to do, acknowledged, and sent to whom one says', async () => {
	const { page, at, context, faults } = await atConsole('#/');
	await at('problems').getByText('A service doesn\'t stay up').click();
	const alarm = page.locator('[data-testid=alarm][data-key="service.failed"]');
	await alarm.getByTestId('details-toggle').click();
	assert.match(await at('details').textContent(), /It ended again and again.*Read the end of its log/s);
	await alarm.getByTestId('choose').check();
	await at('chosen-alarm-ack').click();
	await at('confirm-yes').click();
	await exactly('who acknowledged it', () => alarm.locator('[data-column=acknowledged]').textContent(), 'admin');
	assert.ok(await at('chosen-alarm-ack').isDisabled());
	await at('tab-receivers').click();
	await at('receiver-add').click();
	await at('confirm-name').fill('ops');
	await at('confirm-kind').selectOption('webhook');
	await at('confirm-url').fill('https://ops.example/alarms');
	await at('confirm-secret').fill('too short');
	assert.ok(await at('confirm-yes').isDisabled());
	await at('confirm-secret').fill('sixteen letters!');
	await at('confirm-yes').click();
	const ops = page.locator('[data-testid=receiver][data-name=ops]');
	await ops.getByText('In order').waitFor();
	await ops.getByTestId('choose').check();
	await at('chosen-receiver-edit').click();
	assert.equal(await at('confirm-url').inputValue(), 'https://ops.example/alarms');
	assert.equal(await at('confirm-secret').inputValue(), '');
	await at('confirm-severity').selectOption('critical');
	await at('confirm-enabled').uncheck();
	await at('confirm-yes').click();
	await ops.getByText('Switched off').waitFor();
	assert.equal(await ops.locator('[data-column=severity]').textContent(), 'Critical');
	await at('receiver-add').click();
	await at('confirm-name').fill('nms');
	await at('confirm-kind').selectOption('snmpv3');
	await at('confirm-address').fill('nms.example');
	await at('confirm-user').fill('harbour');
	await at('confirm-authPassword').fill('signed by this');
	await at('confirm-privacyPassword').fill('short');
	assert.ok(await at('confirm-yes').isDisabled());
	await at('confirm-privacyPassword').fill('hidden by that');
	await at('confirm-yes').click();
	await page.locator('[data-testid=receiver][data-name=nms]').getByText('Engine 80007ed905').waitFor();
	await at('receivers-all').check();
	assert.ok(await at('chosen-receiver-edit').isDisabled(), 'one at a time');
	await at('receivers-all').uncheck();
	await at('receiver-add').click();
	await at('confirm-name').fill('OPS');
	await at('confirm-kind').selectOption('snmp');
	await at('confirm-address').fill('nms.example');
	await at('confirm-community').fill('public');
	await at('confirm-yes').click();
	await at('confirm-error').getByText('There is a receiver OPS already').waitFor();
	await at('confirm-no').click();
	await at('receivers-all').check();
	await at('chosen-receiver-remove').click();
	await at('confirm-yes').click();
	await at('empty').waitFor();
	assert.deepEqual(faults, []);
	await context.close();
});

test('PLT-2 PLT-5 PLT-7 PLT-16 PLT-30: nodes are drained and restarted, told anew and tested, and all of it is seen', async () => {
	const { page, at, context, faults } = await atConsole('#/elements/servers');
	const node = (name) => page.locator(`[data-testid=node][data-name=${name}]`);
	await node('node2-1').getByTestId('choose').check();
	await at('chosen-node-drain').click();
	await at('confirm-yes').click();
	await exactly('it is drained', () => node('node2-1').locator('[data-column=activity]').textContent(), 'drained');
	await node('node2-1').getByTestId('open').click();
	await at('node-accept').click();
	await at('confirm-yes').click();
	await at('node-drain').waitFor();
	await page.goto('/manager/#/elements/clusters/Cluster1_CC');
	await at('cluster-restart').click();
	await at('confirm-together').check();
	await at('confirm-yes').click();
	await exactly('it restarts', () => page.locator('[data-fact=activity] dd').textContent(), 'node2-1: restarts, node2-2: restarts');
	await exactly('it has restarted', () => page.locator('[data-fact=activity] dd').textContent(), '–');
	await at('cluster-join').click();
	await at('confirm-minutes').fill('0');
	assert.ok(await at('confirm-yes').isDisabled());
	await at('confirm-minutes').fill('30');
	await at('confirm-yes').click();
	assert.match(await at('result').locator('input').inputValue(), /^192\.0\.2\.1:8443,/);
	await at('result-done').click();
	await at('nav-replication').click();
	await page.locator('[data-testid=replica][data-name=node1-1][data-state=Stale]').getByTestId('choose').check();
	await at('chosen-resync').click();
	await at('confirm-yes').click();
	await page.locator('[data-testid=replica][data-name=node1-1][data-state=Synchronized]').waitFor();
	await page.goto('/manager/#/tests?q=Cluster5');
	await exactly('the results of the cluster', () => at('test').evaluateAll((rows) => rows.map((row) => row.dataset.result)), ['Failure', 'Failure']);
	await at('tests-all').check();
	await at('chosen-tests-run').click();
	await at('confirm-yes').click();
	await at('tab-runs').click();
	await exactly('one run for the node', () => at('run').evaluateAll((rows) => rows.map((row) => row.dataset.node)), ['node6-1']);
	await at('nav-solution').click();
	await at('solution-stop').click();
	await at('confirm-yes').click();
	await at('solution-start').waitFor();
	assert.equal(await at('solution-state').textContent(), 'Stopped');
	await context.close();
	assert.deepEqual(faults, []);
});

test('PLT-31 PLT-33: brokers, streams and their readers, and the way of one contact by its address', async () => {
	const { page, at, context, faults } = await atConsole('#/eventing/dashboard');
	assert.deepEqual(await at('broker').evaluateAll((rows) => rows.map((row) => row.dataset.state)), ['Up', 'Down']);
	await at('nav-destinations').click();
	await exactly('what waits for a reader', () => page.locator('[data-service=UCMService] [data-column=pending]').textContent(), '2');
	await at('nav-logs').click();
	await at('empty').waitFor();
	await at('contact').fill(' 01M82KVE5NGPJMY3RWJ0BBGHQA ');
	await at('contact').press('Enter');
	await exactly('its way', () => at('line').evaluateAll((rows) => rows.map((row) => row.dataset.program)), ['CustomerControllerService', 'EngagementDesigner', 'UCMService']);
	await page.getByText('Not all nodes have answered: node6-1').waitFor();
	await page.reload();
	await exactly('the same by its address', () => at('line').count(), 3);
	assert.deepEqual(faults, []);
	await context.close();
});

test('PLT-10 PLT-11 PLT-12 PLT-14: bundles are loaded, installed and deleted; a plan is seen, left, come back to, and gone on with', async () => {
	const { page, at, context, faults } = await atConsole('#/bundles');
	await page.locator('input[type=file]').setInputFiles([{ name: 'bad.svar', mimeType: 'application/zip', buffer: Buffer.from('PK') }]);
	await at('load-outcome').getByText('bad.svar wasn\'t loaded: it isn\'t signed by anybody who is trusted').waitFor();
	const bundle = (version) => page.locator(`[data-testid=bundle][data-version="${version}"]`);
	await bundle('0.1.0').getByTestId('choose').check();
	assert.ok(await at('chosen-bundle-delete').isDisabled(), 'it is installed');
	await bundle('0.1.0').getByTestId('choose').uncheck();
	await bundle('0.2.0').getByTestId('choose').check();
	await at('chosen-bundle-install').click();
	await at('confirm-yes').click();
	await page.locator('[data-testid=plan-state][data-state=running]').waitFor();
	const address = page.url();
	await at('nav-services').click();
	await at('nav-plans').click();
	await page.locator('[data-testid=plan][data-state=failed]').getByTestId('open').click();
	assert.equal(page.url(), address);
	await at('plan-why').getByText('node2-2 can\'t be reached').waitFor();
	assert.deepEqual(await at('step').evaluateAll((rows) => rows.map((row) => row.dataset.state)), ['done', 'failed', 'waiting']);
	await at('plan-resume').click();
	await at('confirm-yes').click();
	await page.locator('[data-testid=plan-state][data-state=done]').waitFor();
	await at('nav-services').click();
	for (const name of ['UCMService', 'WorkAssignment']) await page.locator(`[data-testid=service][data-name=${name}]`).getByTestId('choose').check();
	await at('chosen-service-uninstall').click();
	assert.equal(await at('confirm-dropData').isChecked(), false, 'its data stays, unless one says so');
	await at('confirm-yes').click();
	await at('plan-state').waitFor();
	await exactly('one plan for both', () => page.locator('h1').textContent(), 'uninstall UCMService, WorkAssignment');
	await at('nav-bundles').click();
	await bundle('0.2.0').getByTestId('choose').check();
	await at('chosen-bundle-delete').click();
	await at('confirm-yes').click();
	await exactly('it is gone', () => at('bundle').count(), 1);
	assert.deepEqual(faults.filter((fault) => !/400/.test(fault)), []);
	await context.close();
});

test('PLT-51: who only may look is offered nothing to change', async () => {
	const { page, at, context, faults } = await atConsole('#/elements/clusters', { user: 'auditor' });
	await at('cluster').first().waitFor();
	for (const id of ['cluster-deny', 'chosen-cluster-deny', 'choose']) assert.equal(await at(id).count(), 0, id);
	await page.goto('/manager/#/elements/clusters/Cluster1_CC');
	await at('cluster-facts').waitFor();
	assert.equal(await at('cluster-deny').count(), 0);
	assert.deepEqual(faults, []);
	await context.close();
});

test('the manager goes and comes back: the age of what is shown is told, and heals', async () => {
	const { at, page, context } = await atConsole('#/elements/servers');
	await stage.play('silent', { on: 1 });
	await at('stale').waitFor();
	assert.equal(await at('node').count(), 9, 'what was known is still shown');
	await at('nav-audit').click();
	await at('unreachable').waitFor();
	await stage.play('silent', { on: 0 });
	await isLive(page);
	await at('empty').waitFor();
	await context.close();
});
