/*
 * axe.mjs — what axe-core finds against WCAG 2.2 AA in a page as it stands.
 *
 *   const found = [];
 *   await look(agent.page, 'the desk with an offer', found);
 *   assert.deepEqual(found, []);
 *
 * Rules that look at the whole of a page are told of what is before the eyes: an open dialog hides the rest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import axe from 'axe-core';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function look(page, what, found) {
	await page.evaluate(`if (!window.axe) { ${axe.source} }`);
	/* a colour on its way to another is none that stays */
	await page.evaluate(() => Promise.all(document.getAnimations()
		.filter((one) => one.effect?.getComputedTiming().endTime !== Infinity)
		.map((one) => one.finished.catch(() => {}))));
	const { violations, passes } = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] }), TAGS);
	assert.ok(passes.length > 10, 'axe looked at the page');
	for (const { id, help, nodes } of violations) {
		for (const { target, any, all } of nodes) found.push(`${what}: ${target.flat().join(' ')}: ${id}, ${[...any, ...all].map((one) => one.message).join('; ') || help}`);
	}
}
