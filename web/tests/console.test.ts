// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { runAll } from "../pages/manager/action/runAll.ts";
import type { Attribute } from "../api/manager.ts";
import { check, firstWish, settingsOf } from "../pages/manager/attributes/setting.ts";
import { matches } from "../pages/manager/list/column.ts";
import { staleAfterMs, together, type Live } from "../pages/manager/live/live.ts";
import { pauseAfter } from "../pages/manager/live/poll.ts";
import { noRows, withChanged, withNewest, withOlder, type Rows } from "../pages/manager/live/rows.ts";
import { addressAt, addressOf, places } from "../pages/manager/places.ts";

test("each place has an address of its own, and so has each part of it", () => {
	assert.equal(new Set(places.map((p) => p.path)).size, places.length);
	for (const { id } of places) {
		assert.equal(addressAt(addressOf(id)).place, id);
		if (id !== "overview")
			assert.deepEqual(addressAt(addressOf(id, "a/b ü?#", "c")), {
				place: id, rest: ["a/b ü?#", "c"], query: new URLSearchParams(),
			});
	}
	assert.equal(addressAt("").place, "overview");
	assert.equal(addressAt("#/elements/servers?q=a%26b").query.get("q"), "a&b");
});

test("an address that leads nowhere is said to, whatever was typed", () => {
	for (const hash of ["#/nowhere", "#/elements", "#/elements/clustersx", "#//x//"])
		assert.equal(addressAt(hash).place, null, hash);
	assert.deepEqual(addressAt("#/elements/clusters/%E0%A4%A").rest, ["%E0%A4%A"]);
});

const live = <T>(value: T | null, at = 0, detail?: string, refused = false): Live<T> =>
	({ value, at, failure: detail === undefined ? null : { refused, detail } });

test("several answers are as old as the oldest, and there once all are", () => {
	assert.deepEqual(together<{ a: number; b: number }>({ a: live(1, 5), b: live(2, 3) }),
		{ value: { a: 1, b: 2 }, at: 3, failure: null });
	assert.equal(together<{ a: number; b: number }>({ a: live(1, 5), b: live<number>(null) }).value, null);
	const failed = together<{ a: number; b: number }>({ a: live(1, 5, "lost"), b: live(2, 3, "no", true) });
	assert.deepEqual(failed.failure, { refused: true, detail: "no" });
});

test("the manager is asked every two seconds, and a slow one less", () => {
	assert.equal(pauseAfter(30), 2000);
	assert.equal(pauseAfter(2500), 2500);
	assert.ok(pauseAfter(0) * 2 < staleAfterMs, "one answer may be missed before the page warns");
});

interface Entry { id: string; text?: string }
const entries = (...ids: number[]): Entry[] => ids.map((n) => ({ id: String(n) }));
const ids = (rows: Rows<Entry>): string => rows.items.map((one) => one.id).join(" ");

test("a journal grows at both ends, without gaps and without doubles", () => {
	let rows: Rows<Entry> = withNewest(noRows, entries(9, 8, 7), "7");
	rows = withOlder(rows, "7", entries(6, 5, 4), "4");
	assert.equal(ids(rows), "9 8 7 6 5 4");
	rows = withNewest(rows, entries(10, 9, 8), "8");
	assert.equal(ids(rows), "10 9 8 7 6 5 4");
	assert.equal(rows.next, "4", "older ones are asked for where they ended");
	rows = withOlder(rows, "7", entries(6, 5, 4), "4");
	assert.equal(ids(rows), "10 9 8 7 6 5 4", "an answer that comes twice changes nothing");
	rows = withOlder(rows, "4", entries(3), null);
	assert.equal(ids(rows), "10 9 8 7 6 5 4 3");
	assert.equal(rows.next, null);
});

test("a journal that doesn't join on to what is known begins anew", () => {
	const rows = withOlder(withNewest(noRows, entries(9, 8), "8"), "8", entries(7, 6), "6");
	const fresh = withNewest(rows, entries(30, 29), "29");
	assert.deepEqual(fresh, { items: entries(30, 29), next: "29", pages: [] });
});

test("a row of a journal that changed is shown as it is, where it was", () => {
	const rows = withNewest(noRows, entries(3, 2, 1), null);
	const changed = withChanged(rows, [{ id: "2", text: "cleared" }, { id: "99" }]);
	assert.deepEqual(changed.items, [{ id: "3" }, { id: "2", text: "cleared" }, { id: "1" }]);
});

test("something is done with each of many, a few at a time, and what failed is told", async () => {
	let now = 0;
	let most = 0;
	const told: number[] = [];
	const failed = await runAll(Array.from({ length: 20 }, (_one, i) => i), async (i) => {
		most = Math.max(most, ++now);
		await new Promise((done) => setTimeout(done, 1));
		now--;
		if (i % 7 === 3)
			throw new Error(`no ${i}`);
	}, (done) => told.push(done));
	assert.deepEqual([...failed].map(([i, error]) => [i, (error as Error).message]),
		[[3, "no 3"], [10, "no 10"], [17, "no 17"]]);
	assert.deepEqual(told, Array.from({ length: 20 }, (_one, i) => i + 1));
	assert.equal(most, 4);
});

test("the filter finds all words in any of the columns that can be searched", () => {
	const columns = [
		{ id: "a", title: "A", value: () => "", text: (item: { a: string }) => item.a },
		{ id: "b", title: "B", value: () => "secret" },
	];
	assert.ok(matches({ a: "Cluster1 Accepting" }, columns, "accept CLUSTER1"));
	assert.ok(matches({ a: "x" }, columns, "  "));
	assert.ok(!matches({ a: "Cluster1" }, columns, "cluster1 secret"));
});

const attribute = (more: Partial<Attribute>): Attribute => ({
	service: "UCMService", cluster: "Cluster1_CC", key: "k", name: "K", type: "string", area: null, unit: null,
	least: null, most: null, pattern: null, values: null, default: null, overrides: {}, effective: null,
	origin: "default", originPlace: "", setOutside: false, restart: false, restartNodes: [], nodes: 1, arrived: 1, ...more,
});
const settingOf = (more: Partial<Attribute>) => settingsOf([attribute(more)], "global", "")[0]!;

test("PLT-20: what was typed for an attribute is read by its type, and what is wrong is named", () => {
	const number = settingOf({ type: "duration", least: 1, most: 60 });
	const wrong: [string, string][] = [["", "number"], ["1.5", "number"], ["1e1", "number"], ["9007199254740993", "number"], ["0", "least"], ["61", "most"]];
	for (const [typed, problem] of wrong)
		assert.deepEqual(check(number, typed), { problem }, typed);
	assert.deepEqual(check(number, " 60 "), { value: 60 });
	const text = settingOf({ pattern: "[A-Z]{3}|", most: 3 });
	assert.deepEqual(check(text, "FRA"), { value: "FRA" });
	assert.deepEqual(check(text, "FRAX"), { problem: "long" });
	assert.deepEqual(check(text, "fra"), { problem: "pattern" });
	for (const pattern of ["[[:alpha:]]+", "[a", "(?<n>"])
		assert.deepEqual(check(settingOf({ pattern }), "x"), { value: "x" }, `${pattern} is the manager's to check`);
	assert.deepEqual(check(settingOf({ type: "secret" }), ""), { problem: "blank" });
	assert.deepEqual(check(settingOf({ type: "boolean" }), false), { value: false });
	assert.deepEqual(check(number, null), { value: null }, "taken back");
	assert.equal(firstWish(settingOf({ type: "secret", effective: "********" })), "", "a secret that isn't known isn't set again");
});

test("PLT-22: through SolutionConfiguration all services that have an attribute of one name are set", () => {
	const all = [attribute({ area: "Audit" }), attribute({ area: "Audit", service: "ContextStore" }), attribute({ name: "Own", key: "own" })];
	assert.deepEqual(settingsOf(all, "solution", "").map((s) => s.attributes.map((a) => a.service)), [["UCMService", "ContextStore"]]);
	assert.deepEqual(settingsOf(all, "cluster", "").map((s) => s.place), ["Cluster1_CC", "Cluster1_CC", "Cluster1_CC"]);
});
