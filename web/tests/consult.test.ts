// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentGets, AgentSends, Leg, SessionContact } from "../api/agent.ts";
import { step, type DeskEvent } from "../pages/workspaces/desk.ts";
import {
	emptyDesk, hasColleague, openOffers, reachesCustomer, unsent, type Desk,
} from "../pages/workspaces/model.ts";

function play(desk: Desk, ...events: DeskEvent[]): [Desk, AgentSends[]] {
	const frames: AgentSends[] = [];
	for (const event of events) {
		const [next, sent] = step(desk, event);
		desk = next;
		frames.push(...sent);
	}
	return [desk, frames];
}
const frame = (f: AgentGets, now = 0): DeskEvent => ({ type: "frame", frame: f, now });
const session = (...contacts: SessionContact[]) => frame({ type: "session", state: "Ready", contacts });
const assigned = (contactId: string, service = "Sales"): DeskEvent => frame({
	type: "assigned", contactId, service, customer: { name: contactId },
	transcript: [{ type: "opened", seq: 1 }, { seq: 2, from: "customer", text: "hi" }],
});
const leg = (state: Leg["state"], legId = "l"): DeskEvent => frame({
	type: "consult", contactId: "k", legId, state, to: { user: "omar" },
	participant: state === "offering" ? null : { id: "omar", name: "Omar" },
});
const asked: DeskEvent = frame({
	type: "assigned", contactId: "l", kind: "consult", parentId: "k", from: { id: "mia", name: "Mia" },
	note: { text: "a refund?", from: { id: "mia", name: "Mia" } }, customer: { name: "Ada" },
	transcript: [{ seq: 1, from: "customer", text: "hi" }],
	private: [{ seq: 1, from: "agent", name: "Mia", text: "psst" }],
});
const whisper = (clientId: string): DeskEvent =>
	({ type: "say", contactId: "k", clientId, text: clientId, private: true, now: 0 });
const working = () => play(emptyDesk, session(), assigned("k"))[0];

test("private talk has numbers and a queue of its own, and is never sent to the customer", () => {
	const [offline] = play(working(), leg("offering"), leg("joined"), { type: "lost" }, whisper("p1"),
		{ type: "say", contactId: "k", clientId: "m1", text: "aloud", now: 0 });
	assert.deepEqual(unsent(offline)["k"]!.map((p) => [p.clientId, p.private]), [["m1", undefined], ["p1", true]]);
	const [reloaded] = play({ ...emptyDesk, kept: unsent(offline) });
	for (const start of [offline, reloaded]) {
		const [desk, frames] = play(start, session({ contactId: "k", state: "active" }));
		assert.deepEqual(frames, [
			{ type: "message", contactId: "k", clientId: "m1", text: "aloud" },
			{ type: "message", contactId: "k", clientId: "p1", text: "p1", private: true },
		]);
		const [failed] = play(desk, frame({ type: "error", code: "conflict", clientId: "p1", contactId: "k" }));
		assert.equal(failed.contacts[0]!.aside.pending[0]!.failed, "conflict");
		assert.deepEqual(play(failed, { type: "sayAgain", contactId: "k", clientId: "p1", now: 0 })[1],
			[{ type: "message", contactId: "k", clientId: "p1", text: "p1", private: true }]);
		const [done] = play(desk, frame({
			type: "message", private: true, contactId: "k", seq: 1, from: "agent", text: "p1", clientId: "p1",
		}));
		assert.deepEqual(done.contacts[0]!.aside.events.map((e) => e.seq), [1]);
		assert.deepEqual(done.contacts[0]!.aside.pending, []);
		assert.deepEqual(done.contacts[0]!.transcript.pending.map((p) => p.clientId), ["m1"]);
	}
});

test("a consultation's life at who asked: offered, joined, conference, over", () => {
	const [desk, frames] = play(working(),
		{ type: "consult", contactId: "k", to: { user: "omar" }, note: "a refund?" },
		leg("offering"), leg("joined"));
	assert.deepEqual(frames, [{ type: "consult", contactId: "k", to: { user: "omar" }, note: "a refund?" }]);
	assert.equal(hasColleague(desk.contacts[0]!), true);
	const [both, asks] = play(desk, { type: "conference", contactId: "k", legId: "l" }, leg("conference"));
	assert.deepEqual(asks, [{ type: "conference", contactId: "k", legId: "l" }]);
	assert.deepEqual(both.contacts[0]!.legs.map((l) => l.state), ["conference"]);
	const [left] = play(both, leg("ended"));
	assert.deepEqual([left.contacts[0]!.legs.length, left.notices[0]!.kind], [0, "leg"]);
	const [released] = play(both, { type: "release", contactId: "k", legId: "l" }, leg("ended"));
	assert.deepEqual([released.contacts[0]!.legs.length, released.notices.length], [0, 0], "one's own doing is no news");
});

test("a consultation at who was asked: watches the chat, talks in private, becomes the agent", () => {
	const [desk] = play(emptyDesk, session(), asked,
		frame({ type: "message", contactId: "k", seq: 2, from: "customer", text: "there?" }),
		frame({ type: "message", private: true, contactId: "k", seq: 2, from: "agent", text: "well?" }));
	const contact = desk.contacts[0]!;
	assert.deepEqual([contact.contactId, contact.transcript.events.length, contact.aside.events.length], ["l", 2, 2]);
	assert.equal(reachesCustomer(contact), false);
	const [conference] = play(desk, leg("conference"));
	assert.equal(reachesCustomer(conference.contacts[0]!), true);
	const [mine] = play(desk, frame({ type: "assigned", contactId: "k", customer: { name: "Ada" } }),
		frame({ type: "closed", contactId: "l", reason: "agent", wrapUpSeconds: 0 }));
	assert.deepEqual(mine.contacts.map((c) => [c.contactId, c.consultation, c.transcript.events.length]), [["k", null, 2]]);
	assert.equal(mine.selected, "k");
	const [over] = play(desk, frame({ type: "closed", contactId: "l", reason: "agent", wrapUpSeconds: 0 }));
	assert.equal(over.contacts.length, 0);
});

test("the chat's end shows at who was asked, whose own end is another", () => {
	const [desk, frames] = play(emptyDesk, session(), asked,
		frame({ type: "closed", contactId: "k", seq: 2, reason: "customer" }), { type: "tick", now: 99_999 });
	assert.deepEqual([desk.contacts[0]!.phase, frames], ["wrapup", []]);
});

test("a transfer goes once more after a reconnect, and is over when the contact is withdrawn", () => {
	const transfer: DeskEvent = {
		type: "transfer", contactId: "k", transfer: { to: { service: "billing" }, note: "twice" },
	};
	const sent = { type: "transfer", contactId: "k", to: { service: "billing" }, note: "twice" };
	const [desk, frames] = play(working(), transfer, transfer);
	assert.deepEqual(frames, [sent]);
	assert.deepEqual(play(desk, { type: "lost" }, session({ contactId: "k", state: "active" }))[1], [sent]);
	const [gone] = play(desk, { type: "lost" }, session());
	assert.deepEqual([gone.contacts.length, gone.notices.length], [0, 0]);
	const [done] = play(desk, frame({ type: "withdrawn", contactId: "k", reason: "transferred" }));
	assert.deepEqual([done.contacts.length, done.notices.length], [0, 0]);
	const [refused] = play(desk, frame({ type: "error", code: "conflict", contactId: "k", message: "nobody" }));
	assert.deepEqual([refused.contacts[0]!.asked, refused.notices[0]!.kind], [null, "error"]);
});

test("a note comes with offer and contact, as text or with its author", () => {
	const [desk] = play(emptyDesk, session(), frame({
		type: "offer", contactId: "k", offerId: "o", expiresInSeconds: 9, kind: "consult", parentId: "p",
		from: { id: "mia", name: "Mia" }, note: "look",
	}));
	assert.deepEqual(openOffers(desk)[0]!.note, { text: "look", from: { id: "mia", name: "Mia" } });
});

test("a wrap-up is extended as often as the server says", () => {
	const [desk] = play(working(), frame({
		type: "closed", contactId: "k", reason: "customer", wrapUpSeconds: 10, extensionsLeft: 1,
	}, 1000));
	const [more, frames] = play(desk, { type: "extend", contactId: "k" },
		frame({ type: "wrapup", contactId: "k", wrapUpSeconds: 60, extensionsLeft: 0 }, 2000));
	assert.deepEqual(frames, [{ type: "extend", contactId: "k" }]);
	assert.deepEqual([more.contacts[0]!.deadline, more.contacts[0]!.extensionsLeft], [62_000, 0]);
});

test("places side by side: filled, kept, given back", () => {
	const [desk] = play(emptyDesk, session(), assigned("a"), assigned("b"), assigned("c"),
		{ type: "split", split: 2 });
	assert.deepEqual([desk.shown, desk.selected], [["a", "b"], "a"]);
	const [other] = play(desk, { type: "select", contactId: "c" });
	assert.deepEqual([other.shown, other.selected], [["c", "b"], "c"], "in the place of the selected one");
	const [gone] = play(other, frame({ type: "withdrawn", contactId: "c", reason: "transferred" }));
	assert.deepEqual([gone.shown, gone.selected], [["b", "a"], "b"]);
	const [unread] = play(other, frame({ type: "message", contactId: "a", seq: 3, from: "customer", text: "?" }),
		frame({ type: "message", contactId: "b", seq: 3, from: "customer", text: "?" }));
	assert.deepEqual(unread.contacts.map((c) => c.unread), [1, 0, 0], "what is shown is read");
	const [one] = play(other, { type: "split", split: 1 });
	assert.deepEqual([one.shown, one.selected], [["c"], "c"]);
	assert.equal(play(one, { type: "split", split: 9 })[0].split, 3);
});

test("the agent's state: since when, what is pending, and a log-out that nobody here asked for", () => {
	const state = (more: object) => frame({
		type: "state", state: "NotReady", reason: "Break", working: true, sinceMs: 4000, nowMs: 10_000, ...more,
	} as AgentGets, 50_000);
	const [desk] = play(working(), state({ pending: true }));
	assert.deepEqual([desk.pending, desk.stateSince], [true, 44_000]);
	const [out] = play(desk, state({ state: "LoggedOut", reason: null }));
	assert.equal(out.connection, "out");
	const [own, frames] = play(desk, { type: "want", frame: { type: "logout" } },
		state({ state: "LoggedOut", reason: null }));
	assert.deepEqual([own.connection, frames], ["online", [{ type: "logout" }]]);
});

test("5,000 messages come in one piece, and one more is quick", () => {
	const transcript = Array.from({ length: 5000 }, (_none, i) =>
		({ seq: i + 1, from: "customer" as const, text: `message ${i}` }));
	const began = performance.now();
	let [desk] = play(emptyDesk, session({ contactId: "k", state: "active", transcript }));
	for (let seq = 5001; seq <= 5100; seq++)
		[desk] = play(desk, frame({ type: "message", contactId: "k", seq, from: "customer", text: "more" }));
	assert.equal(desk.contacts[0]!.transcript.events.length, 5100);
	assert.ok(performance.now() - began < 500, `${performance.now() - began} ms`);
});
