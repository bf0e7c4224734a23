// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { whyNot } from "../ui/chat/upload.ts";
import { filled, matching, put, slotAt } from "../pages/workspaces/conversation/canned.ts";
import { linesOf } from "../pages/workspaces/conversation/lines.ts";
import { webAddress } from "../pages/workspaces/webAddress.ts";

const texts = [
	{ shortcut: "greeting", title: "Long greeting", text: "Good day" },
	{ shortcut: "greet", title: "Greeting", text: "Hello {customer}" },
	{ shortcut: "bye", title: "Farewell", text: "Have a great day" },
];
const shortcuts = (query: string, only?: boolean) => matching(texts, query, only).map((one) => one.shortcut);

test("a shortcut is a slash at a word's beginning, up to the caret", () => {
	assert.deepEqual(slotAt("/gr", 3), { from: 0, to: 3, query: "gr" });
	assert.deepEqual(slotAt("well, /gr and", 9), { from: 6, to: 9, query: "gr" });
	for (const [text, caret] of [["and/or", 6], ["/gr eet", 7], ["https://x", 9], ["", 0], ["//", 2]] as const)
		assert.equal(slotAt(text, caret), null, text);
});

test("the nearest shortcut comes first; words find the rest", () => {
	assert.deepEqual(shortcuts("GREET"), ["greet", "greeting"]);
	assert.deepEqual(shortcuts("great day"), ["bye"]);
	assert.deepEqual(shortcuts("day", true), []);
	assert.deepEqual(shortcuts(""), ["bye", "greet", "greeting"]);
	assert.deepEqual(put("well, /gr!", { from: 6, to: 9 }, "Hello"), ["well, Hello!", 11]);
	assert.equal(filled("Hello {customer}, {other} {agent}", { customer: "Ann $&", agent: "" }), "Hello Ann $&, {other} {agent}");
});

test("a page's address is one of the web, and nothing else", () => {
	const good = {
		"shop.example/tents": "https://shop.example/tents", " http://a.example ": "http://a.example/",
		"localhost:8080": "https://localhost:8080/", "https://[::1]/": "https://[::1]/", "münchen.example": "https://xn--mnchen-3ya.example/",
	};
	for (const [typed, url] of Object.entries(good))
		assert.equal(webAddress(typed), url, typed);
	for (const bad of ["", "   ", "javascript:alert(1)", "data:text/html,x", "ftp://a.example", "file:///etc/passwd", "tents", "https://", "https://me:word@a.example", "java\nscript:alert(1)", "//"])
		assert.equal(webAddress(bad), null, bad);
});

test("private lines lie between the others by their time", () => {
	const at = (second: number) => `2026-01-01T00:00:0${second}Z`;
	const said = (seq: number, second?: number) => ({
		type: "message" as const, seq, from: "agent" as const, text: "", ...(second === undefined ? {} : { at: at(second) }),
	});
	const lines = linesOf(
		[{ type: "opened", seq: 1 }, said(2, 1), said(3), said(4, 5)], [said(1, 2), said(2, 3), said(3, 9)]);
	assert.deepEqual(lines.map((one) => one.key), ["2", "3", "p1", "p2", "4", "p3"]);
	assert.deepEqual(lines.filter((one) => one.isPrivate).map((one) => one.key), ["p1", "p2", "p3"]);
});

test("a file is looked at before it is sent", () => {
	const allowed = { maxBytes: 100, types: ["image/*", "application/pdf", ".log"] };
	const file = (type: string, size = 10, name = "a") => whyNot({ type, size, name }, allowed);
	assert.equal(file("image/png"), null);
	assert.equal(file("application/pdf", 100), null);
	assert.equal(file("", 1, "server.LOG"), null);
	assert.equal(file("application/pdf", 101), "tooLarge");
	assert.equal(file("application/pdf", 0), "empty");
	assert.equal(file("image"), "badType");
	assert.equal(file("text/html", 1, "a.log.html"), "badType");
});
