// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";

const DAY_MS = 86_400_000;
const LIFETIME_MS = 900_000;

/* What of a browser the module needs; the time of day can be put ahead. */
const wall = Date.now;
let ahead = 0;
Date.now = () => wall() + ahead;
let asked = 0;
const kept = new Map([["pelago.tokens", JSON.stringify({
	access: "first", refresh: "r1", expiresAt: Date.now() + LIFETIME_MS, lifetime: LIFETIME_MS,
})]]);
Object.assign(globalThis, {
	sessionStorage: {
		getItem: (key: string) => kept.get(key) ?? null,
		setItem: (key: string, value: string) => kept.set(key, value),
		removeItem: (key: string) => kept.delete(key),
	},
	fetch: async () => {
		asked++;
		return new Response(JSON.stringify({ access_token: "next", expires_in: LIFETIME_MS / 1000 }));
	},
});

test("PLT-60: a token is renewed in time though the time of day was put back", async () => {
	const { freshToken, renewalDue } = await import("../ui/auth/session.ts");
	const usual = renewalDue();
	assert.ok(usual > LIFETIME_MS - 70_000 && usual < LIFETIME_MS);
	ahead = -DAY_MS;
	assert.ok(renewalDue() <= usual, `due in ${renewalDue()} ms`);
	assert.equal(await freshToken(), "first");
	assert.equal(asked, 0);
	ahead = DAY_MS;
	assert.equal(await freshToken(), "next");
	assert.equal(asked, 1);
	ahead = 0;
	assert.ok(renewalDue() <= usual + 1000, `due in ${renewalDue()} ms`);
});
