/*
 * browser.mjs — people at their browsers, in front of a whole Pelago.
 *
 *   const browser = await launchBrowser();
 *   const ann = await newPerson(browser, pelago);          a browser profile of her own, with one tab
 *   await ann.page.goto('/demo/');
 *   assert.deepEqual(ann.faults, []);                      errors in the console, violations of the policy
 *
 * The browser is Chromium: PELAGO_CHROMIUM, or the `chromium` of the path. Each launch has a new, empty profile.
 * With PELAGO_TRACE=1 all frames of all sockets are told.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { run } from '../../scenario/lib/instance.mjs';

const PATIENCE_MS = 20000;
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
	'--disable-component-update', '--disable-sync'];

export async function launchBrowser() {
	const executablePath = process.env.PELAGO_CHROMIUM || (await run('sh', ['-c', 'command -v chromium'])).stdout.trim();
	assert.ok(executablePath, 'there is no chromium on the path, and PELAGO_CHROMIUM names none');
	return chromium.launch({ executablePath, headless: true, args });
}

/* Tells the faults of a page that no test looks for: they must not be. */
function watch(page, faults) {
	page.setDefaultTimeout(PATIENCE_MS);
	page.on('console', (message) => {
		if (message.type() === 'error') faults.push(`${message.text()} (${message.location().url})`);
	});
	page.on('pageerror', (error) => faults.push(`${error.stack ?? error}`));
	if (!process.env.PELAGO_TRACE) return;
	page.on('websocket', (socket) => {
		const say = (way) => ({ payload }) => console.error(new Date().toISOString().slice(14, 23), new URL(socket.url()).pathname.split('/').at(-1), way, payload);
		socket.on('framesent', say('→'));
		socket.on('framereceived', say('←'));
		socket.on('close', () => say('closed')({ payload: '' }));
	});
}

export async function newPerson(browser, pelago, options = {}) {
	const context = await browser.newContext({
		baseURL: `http://127.0.0.1:${pelago.httpPort}`, locale: 'en-GB', viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', ...options,
	});
	const faults = [];
	await context.addInitScript(() => {
		document.addEventListener('securitypolicyviolation', (event) => {
			console.error(`policy violated: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
		});
	});
	context.on('page', (page) => watch(page, faults));
	const page = await context.newPage();
	return { context, page, faults };
}

/* Waits until read() gives what is wanted, exactly; says the difference if it never does. */
export async function exactly(what, read, wanted, ms = PATIENCE_MS) {
	const end = Date.now() + ms;
	let got;
	do {
		got = await read();
		if (isDeepStrictEqual(got, wanted)) return;
		await sleep(50);
	} while (Date.now() < end);
	assert.deepEqual(got, wanted, `waited ${ms} ms until ${what}`);
}

/* Presses Tab until the element with this test id has the focus, as somebody without a mouse does. */
export async function tabTo(page, id, key = 'Tab') {
	const seen = [];
	for (let left = 80; left > 0; left--) {
		const at = await page.evaluate(() => document.activeElement?.closest('[data-testid]')?.dataset.testid ?? document.activeElement?.tagName);
		if (at === id) return;
		seen.push(at);
		await page.keyboard.press(key);
	}
	assert.fail(`Tab doesn't come to ${id}; it came by ${[...new Set(seen)].join(', ')}`);
}

/* The messages of a transcript on a page, as they are read there. */
export function messagesOf(locator) {
	return locator.evaluateAll((all) => all.map((one) => ({
		seq: Number(one.dataset.seq), from: one.dataset.from, text: one.querySelector('p').textContent,
	})));
}
