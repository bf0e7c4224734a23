// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CustomerGets, CustomerSends, OpenFrame } from "../api/chat.ts";
import {
	keep, newChat, partner, restore, step, wantsLink, type ChatEvent, type ChatState,
} from "../widget/session.ts";

const request: OpenFrame = { type: "open", clientId: "c1", name: "Ada" };
const opened: CustomerGets = { type: "opened", seq: 1, contactId: "k", resumeToken: "t" };

function play(state: ChatState, ...events: ChatEvent[]): [ChatState, CustomerSends[]] {
	const frames: CustomerSends[] = [];
	for (const event of events) {
		const [next, sent] = step(state, event);
		state = next;
		frames.push(...sent);
	}
	return [state, frames];
}
const frame = (f: CustomerGets, now = 0): ChatEvent => ({ type: "frame", frame: f, now });
const online = (now = 0): ChatEvent => ({ type: "online", now });
const say = (clientId: string, now = 0): ChatEvent =>
	({ type: "say", clientId, text: `text ${clientId}`, now });
const began = () => play(newChat, { type: "start", request }, online(), frame(opened))[0];

test("open is repeated under the same clientId until it is answered", () => {
	const [state, frames] = play(newChat, { type: "start", request }, online(), { type: "lost" },
		online(), { type: "tick", now: 4999 }, { type: "tick", now: 5000 });
	assert.deepEqual(frames, [request, request, request]);
	assert.equal(state.phase, "opening");
});

test("a lost connection resumes after the last event without a gap", () => {
	const [, frames] = play(began(),
		frame({ type: "message", seq: 2, from: "bot", text: "hi" }),
		frame({ type: "message", seq: 4, from: "bot", text: "late" }),
		{ type: "lost" }, online());
	assert.deepEqual(frames, [{ type: "resume", contactId: "k", resumeToken: "t", after: 2 }]);
});

test("messages wait for the answer to resume and keep id and order", () => {
	const [offline] = play(began(), say("m1"), { type: "lost" }, say("m2"));
	const [state, frames] = play(offline, online(),
		frame({ type: "resumed", contactId: "k", head: 2 }));
	assert.deepEqual(frames.slice(1), [
		{ type: "message", clientId: "m1", text: "text m1" },
		{ type: "message", clientId: "m2", text: "text m2" },
	]);
	const [done] = play(state, ...["m1", "m2"].map((clientId, i) => frame(
		{ type: "message", seq: 2 + i, from: "customer", text: clientId, clientId })));
	assert.deepEqual(done.transcript.pending, []);
	assert.deepEqual(done.transcript.events.map((e) => e.seq), [1, 2, 3]);
});

test("what was written before the chat opened is sent with it", () => {
	const [, frames] = play(newChat, { type: "start", request }, say("m1"), online(), frame(opened));
	assert.deepEqual(frames, [request, { type: "message", clientId: "m1", text: "text m1" }]);
});

test("a page change keeps contact, transcript and unsent messages", () => {
	const [before] = play(began(), { type: "lost" }, say("m1", 77));
	const [after, frames] = play(restore(keep(before)), online(),
		frame({ type: "resumed", contactId: "k", head: 1 }));
	assert.deepEqual(frames.map((f) => f.type), ["resume", "message"]);
	assert.equal(after.contactId, "k");
});

test("a broken or foreign keepsake is a new chat", () => {
	for (const text of [null, "", "{", '{"version":9}', '{"version":1}', "null"])
		assert.equal(restore(text), newChat);
});

test("refusals: not accepting, gone, passing, final", () => {
	const error = (code: "notAccepting" | "unauthorized" | "unavailable" | "tooLarge",
		clientId?: string) => frame({ type: "error", code, ...(clientId ? { clientId } : {}) });
	const opening = play(newChat, { type: "start", request }, online())[0];
	assert.equal(play(opening, error("notAccepting"))[0].phase, "refused");
	assert.equal(play(opening, error("unavailable"))[0].phase, "opening");
	assert.equal(play(opening, error("tooLarge"))[0].phase, "form");

	const resuming = play(began(), { type: "lost" }, online())[0];
	assert.equal(play(resuming, error("unavailable"))[0].phase, "chat");
	const gone = play(resuming, error("unauthorized"))[0];
	assert.deepEqual([gone.phase, gone.closedReason], ["closed", "gone"]);

	const [waits, again] = play(began(), say("m1", 0), error("unavailable", "m1"),
		{ type: "tick", now: 999 }, { type: "tick", now: 1000 });
	assert.equal(again.length, 2);
	assert.equal(waits.transcript.pending[0]!.failed, undefined);
	const failed = play(began(), say("m1"), error("tooLarge", "m1"))[0];
	assert.equal(failed.transcript.pending[0]!.failed, "tooLarge");
	assert.equal(play(failed, { type: "tick", now: 9999 })[1].length, 0);
});

test("ending while offline ends with the next connection", () => {
	const [, frames] = play(began(), { type: "lost" }, { type: "end" }, online(),
		frame({ type: "resumed", contactId: "k", head: 1 }));
	assert.deepEqual(frames.map((f) => f.type), ["resume", "close"]);
});

test("closed is final, whatever comes after", () => {
	const [state] = play(began(), frame({ type: "closed", seq: 2, reason: "agent" }),
		frame({ type: "message", seq: 3, from: "agent", text: "late" }));
	assert.equal(state.phase, "closed");
	assert.equal(state.transcript.events.length, 2);
});

test("the partner is who joined last and is still there", () => {
	const joined = frame({ type: "joined", seq: 2, participant: { role: "agent", name: "Bo" } });
	const left = frame({ type: "left", seq: 3, participant: { role: "agent", name: "Bo" } });
	assert.equal(partner(play(began(), joined)[0]), "Bo");
	assert.equal(partner(play(began(), left, joined)[0]), null);
});

const survey: CustomerGets = {
	type: "survey", seq: 3, questions: [{ id: "stars", text: "How was it?", kind: "rating", most: 5 }],
};
const closed = (now = 0) => frame({ type: "closed", seq: 2, reason: "agent" }, now);

test("a survey comes after the end, and its answers are sent until they are taken", () => {
	const [asked] = play(began(), closed(1000), frame(survey, 1500));
	assert.deepEqual([asked.phase, asked.survey?.state, wantsLink(asked)], ["closed", "asked", true]);
	const answer: ChatEvent = { type: "answer", clientId: "s1", answers: { stars: 4 }, now: 2000 };
	const sent = { type: "survey", clientId: "s1", answers: { stars: 4 } };
	const [sending, frames] = play(asked, answer, { type: "tick", now: 6999 }, { type: "tick", now: 7000 });
	assert.deepEqual(frames, [sent, sent]);
	const resume = { type: "resume", contactId: "k", resumeToken: "t", after: 3 };
	for (const state of [sending, restore(keep(sending))]) {
		const [again, more] = play(state, { type: "lost" }, online(8000), frame({ type: "resumed", contactId: "k", head: 3 }, 8000));
		assert.deepEqual(more, [resume, sent]);
		const [done] = play(again, frame({ type: "surveyed", seq: 4 }));
		assert.deepEqual([done.survey?.state, wantsLink(done), done.transcript.events.length], ["done", false, 4]);
		assert.deepEqual(play(done, answer)[1], [], "once");
	}
	const [long] = play(asked, answer, frame({ type: "error", code: "tooLarge", clientId: "s1" }));
	assert.deepEqual([long.survey?.state, long.notice, wantsLink(long)], ["asked", "tooLarge", true]);
	const [late] = play(asked, answer, frame({ type: "error", code: "conflict", clientId: "s1" }));
	assert.deepEqual([late.survey, wantsLink(late)], [null, false]);
});

test("a chat that is over waits a while for a survey, then lets go of the connection", () => {
	const [over] = play(began(), closed(1000));
	assert.equal(wantsLink(over), true);
	const [gone] = play(over, { type: "tick", now: 11_000 });
	assert.deepEqual([wantsLink(gone), gone.phase, gone.closedReason], [false, "closed", "agent"]);
	const [skipped] = play(over, frame(survey), { type: "skip" });
	assert.equal(wantsLink(skipped), false);
});

test("out of hours is told as such", () => {
	const [state] = play(began(), frame({ type: "closed", seq: 2, reason: "timeout", offHours: true }));
	assert.equal(state.closedReason, "offHours");
});
