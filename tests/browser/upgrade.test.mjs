/*
 * upgrade.test.mjs — the console's page of upgrades, alone: what is looked at, the steps beforehand, the run as it
 * goes, with a page that leaves and comes back, a step that fails, the ways on, and the end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { signIn } from './lib/agent.mjs';
import { look } from './lib/axe.mjs';
import { exactly, launchBrowser, newPerson } from './lib/browser.mjs';
import { startStage } from './lib/stage.mjs';

let stage, browser;

before(async () => { browser = await launchBrowser(); });
after(async () => { await browser?.close(); });
beforeEach(async () => { stage = await startStage(); });
afterEach(async () => { await stage.stop(); });

async function atUpgrade(user = 'admin') {
	const { page } = await newPerson(browser, stage);
	await page.goto('/manager/#/upgrade');
	await signIn(page, user, stage.password);
	const at = (id) => page.getByTestId(id);
	const is = (state) => page.locator(`[data-testid=upgrade][data-state=${state}]`).waitFor();
	await is('none');
	return { page, at, is };
}

const picture = async (page, name) => process.env.PELAGO_PICTURES && page.screenshot({ path: `${process.env.PELAGO_PICTURES}/${name}.png`, fullPage: true });
const confirmed = async (at, id) => {
	await at(id).click();
	await at('confirm-yes').click();
	await at('confirm').waitFor({ state: 'detached' });
};

test('UPG-2 UPG-5 UPG-10: what inhibits is told first, the steps are shown, and nothing has begun', async () => {
	const { page, at, is } = await atUpgrade();
	const found = [];
	await at('upgrade-configuration').selectOption('VoiceOnly-100');
	assert.equal(await at('option-Chat').count(), 0, 'no option of that configuration');
	await at('upgrade-configuration').selectOption('DigitalOnly-100');
	assert.ok(await at('option-Chat').isChecked());
	await at('upgrade-check').click();
	await at('checks').waitFor();
	assert.deepEqual(await at('check').evaluateAll((rows) => rows.map((row) => row.dataset.result)), ['inhibit', 'warn', 'pass']);
	await look(page, 'checks', found);
	await picture(page, 'checks');
	await at('upgrade-plan').click();
	await exactly('steps', () => at('planned-step').count(), 5);
	await picture(page, 'planned');
	await at('upgrade-run').click();
	await at('upgrade-failure').waitFor();
	assert.match(await at('upgrade-failure').innerText(), /release-notes/);
	await is('none');
	assert.deepEqual(found, []);
});

test('UPG-7 UPG-9 UPG-62 UPG-63: an upgrade is seen step by step, goes on without the page, and can be resumed, taken back, made final', async () => {
	const { page, at, is } = await atUpgrade();
	const found = [];
	await stage.play('upgrade', { step: 3, waits: 1 });
	await at('upgrade-read').check();
	await at('upgrade-run').click();
	await is('running');
	await page.locator('[data-testid=step][data-state=done]').first().waitFor();
	/* whoever looks at night: what runs, what is next, how long, and what if it fails */
	await at('upgrade-next').waitFor();
	assert.match(await at('upgrade-left').innerText(), /At most about \d+ s left/);
	assert.match(await at('upgrade-if').innerText(), /goes back by itself/);
	await picture(page, 'running');
	await at('nav-clusters').click();
	await at('page-clusters').waitFor();
	await stage.play('upgrade-go');
	await at('nav-upgrade').click();
	await is('failed');
	assert.match(await at('upgrade-why').innerText(), /UCMService ended on node node1-1/);
	await look(page, 'failed', found);
	await picture(page, 'failed');
	await confirmed(at, 'upgrade-resume');
	await is('upgraded');
	await exactly('done', () => page.locator('[data-testid=step][data-state=done]').count(), 5);
	assert.equal(await at('upgrade-now').count(), 0);
	await page.locator('[data-testid=after][data-state=done]').waitFor();
	assert.deepEqual(await at('interface').evaluateAll((rows) => rows.map((row) => `${row.dataset.change} ${row.querySelector('[data-column=user]').textContent}`)),
		['changed Page of https://shop.example', 'changed <i>till/4</i>, user Ines Albrecht', 'removed Nobody was seen using it']);
	await look(page, 'upgraded', found);
	await picture(page, 'upgraded');
	await confirmed(at, 'upgrade-rollback');
	await is('undone');
	await at('upgrade-run').click();
	await is('upgraded');
	await confirmed(at, 'upgrade-finalize');
	await is('finalized');
	assert.equal(await at('upgrade-rollback').count(), 0, 'there is no way back');
	assert.deepEqual(found, []);
});

test('PLT-51: an auditor sees upgrades and is offered nothing', async () => {
	const { at } = await atUpgrade('auditor');
	assert.equal(await at('upgrade-form').count(), 0);
});
