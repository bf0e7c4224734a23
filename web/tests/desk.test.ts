// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentGets, AgentSends, SessionContact } from "../api/agent.ts";
import { step, type DeskEvent } from "../pages/workspaces/desk.ts";
import { emptyDesk, openOffers, unsent, type Desk } from "../pages/workspaces/model.ts";

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
const offer = (contactId: string, offerId = "o1"): DeskEvent => frame({
	type: "offer", offerId, contactId, channel: "chat", service: "Sales",
	customer: { name: "Ada" }, expiresInSeconds: 20,
});
const assigned = (contactId: string): DeskEvent => frame({
	type: "assigned", contactId, context: { topic: "sales" },
	transcript: [{ type: "opened", seq: 1 }, { seq: 2, from: "customer", text: "hi" }],
});
const say = (contactId: string, clientId: string): DeskEvent =>
	({ type: "say", contactId, clientId, text: clientId, now: 0 });
const talking = () => play(emptyDesk, session(), offer("k"), { type: "accept", contactId: "k" },
	assigned("k"))[0];

test("offer, accept, talk, close, complete", () => {
	const [desk, frames] = play(emptyDesk, session(), offer("k"),
		{ type: "accept", contactId: "k" }, assigned("k"), say("k", "m1"),
		frame({ type: "message", contactId: "k", seq: 3, from: "agent", text: "m1", clientId: "m1" }),
		{ type: "close", contactId: "k", disposition: "Resolved" },
		frame({ type: "closed", contactId: "k", reason: "agent", wrapUpSeconds: 10 }, 1000));
	assert.deepEqual(frames, [
		{ type: "accept", contactId: "k", offerId: "o1" },
		{ type: "message", contactId: "k", clientId: "m1", text: "m1" },
		{ type: "close", contactId: "k", disposition: "Resolved" },
	]);
	assert.equal(desk.contacts[0]!.phase, "wrapup");
	assert.deepEqual(desk.contacts[0]!.transcript.events.map((e) => e.seq), [1, 2, 3]);
	const [waits, none] = play(desk, { type: "tick", now: 10999 });
	assert.deepEqual(none, []);
	const [done, completes] = play(waits, { type: "tick", now: 11000 });
	assert.deepEqual(completes, [{ type: "complete", contactId: "k", disposition: "Resolved" }]);
	assert.equal(done.contacts.length, 0);
});

test("the chat's own end and the agent's wrap-up come in any order; neither takes the other's place", () => {
	const end = frame({ type: "closed", contactId: "k", reason: "agent", seq: 3 }, 1000);
	const wrapUp = frame({ type: "closed", contactId: "k", reason: "agent", wrapUpSeconds: 10, seq: 77 }, 1000);
	for (const order of [[end, wrapUp], [wrapUp, end], [wrapUp, end, wrapUp, end]]) {
		const [desk, frames] = play(talking(), ...order, { type: "tick", now: 10999 });
		assert.deepEqual(frames, []);
		assert.equal(desk.contacts[0]!.phase, "wrapup");
		assert.equal(desk.contacts[0]!.deadline, 11000);
		assert.deepEqual(desk.contacts[0]!.transcript.events.map((e) => e.seq), [1, 2, 3]);
	}
	const [alone, none] = play(talking(), end, { type: "tick", now: 99999 },
		{ type: "complete", contactId: "k", disposition: "Spam" });
	assert.deepEqual([alone.contacts.length, none], [1, []]);
});

test("an offer pushed again neither doubles nor loses what the agent answered", () => {
	const [desk, frames] = play(emptyDesk, session(), offer("k"), offer("k"),
		{ type: "accept", contactId: "k" }, { type: "accept", contactId: "k" }, offer("k"));
	assert.equal(desk.contacts.length, 1);
	assert.equal(desk.contacts[0]!.asked, "accept");
	assert.equal(frames.length, 1);
	const [rejected] = play(desk, offer("k", "o2"), { type: "reject", contactId: "k" },
		offer("k", "o2"));
	assert.equal(openOffers(rejected).length, 0);
});

test("an old offer's withdrawal doesn't take the new one away", () => {
	const withdrawn = (offerId: string) =>
		frame({ type: "withdrawn", contactId: "k", offerId, reason: "noAnswer" });
	const [desk] = play(emptyDesk, session(), offer("k", "o1"), offer("k", "o2"), withdrawn("o1"));
	assert.equal(openOffers(desk).length, 1);
	const [gone] = play(desk, withdrawn("o2"));
	assert.equal(openOffers(gone).length, 0);
	assert.equal(gone.notices[0]!.kind, "withdrawn");
});

test("after a reconnect the session heals everything and repeats what was asked", () => {
	const [offline] = play(talking(), say("k", "m1"), offer("n"), { type: "lost" },
		say("k", "m2"), { type: "accept", contactId: "n" }, { type: "want", frame: { type: "state", state: "NotReady", reason: "Break" } });
	assert.equal(offline.connection, "lost");
	const [desk, frames] = play(offline, session(
		{
			contactId: "k", state: "active", transcript: [
				{ type: "opened", seq: 1 }, { seq: 2, from: "customer", text: "hi" },
				{ type: "message", seq: 3, from: "agent", text: "m1", clientId: "m1" },
			],
		},
		{ contactId: "n", offerId: "o1", state: "offered", expiresInSeconds: 9 },
	));
	assert.deepEqual(frames, [
		{ type: "state", state: "NotReady", reason: "Break" },
		{ type: "accept", contactId: "n", offerId: "o1" },
		{ type: "message", contactId: "k", clientId: "m2", text: "m2" },
	]);
	assert.deepEqual(desk.contacts[0]!.transcript.events.map((e) => e.seq), [1, 2, 3]);
	assert.deepEqual(desk.contacts[0]!.transcript.pending.map((p) => p.clientId), ["m2"]);
	assert.equal(desk.selected, "k");
});

test("a contact that the new session doesn't know is explained, not hidden", () => {
	const [desk] = play(talking(), { type: "lost" }, session());
	assert.equal(desk.contacts.length, 0);
	assert.equal(desk.notices[0]!.kind, "gone");
});

test("complete asked for while offline is sent with the next session", () => {
	const [offline] = play(talking(),
		frame({ type: "closed", contactId: "k", reason: "customer", wrapUpSeconds: 10 }),
		{ type: "lost" }, { type: "complete", contactId: "k", disposition: "Spam" });
	const [desk, frames] = play(offline, session({ contactId: "k", state: "wrapup", wrapUpSeconds: 4 }));
	assert.deepEqual(frames, [{ type: "complete", contactId: "k", disposition: "Spam" }]);
	assert.equal(desk.contacts.length, 0);
});

test("events come reordered and doubled; unread counts each once", () => {
	const message = (seq: number): DeskEvent => frame({
		type: "message", contactId: "n", seq, from: "customer", text: `${seq}` });
	const [desk] = play(talking(), assigned("n"), message(4), message(3), message(4));
	const other = desk.contacts[1]!;
	assert.deepEqual(other.transcript.events.map((e) => e.seq), [1, 2, 3, 4]);
	assert.equal(other.unread, 2);
	assert.equal(play(desk, { type: "select", contactId: "n" })[0].contacts[1]!.unread, 0);
});

test("taken over by another tab: said, and nothing is sent", () => {
	const [desk, frames] = play(talking(), frame({ type: "replaced" }), { type: "lost" }, say("k", "m1"));
	assert.equal(desk.connection, "replaced");
	assert.deepEqual(frames, []);
	assert.deepEqual(Object.keys(unsent(desk)), ["k"]);
});

test("what a service couldn't take for the moment is asked again", () => {
	const [waiting] = play(talking(), { type: "close", contactId: "k", disposition: "Spam" },
		frame({ type: "error", code: "unavailable", contactId: "k" }, 100));
	assert.deepEqual(play(waiting, { type: "tick", now: 1000 })[1], []);
	const [asked, frames] = play(waiting, { type: "tick", now: 1100 });
	assert.deepEqual(frames, [{ type: "close", contactId: "k", disposition: "Spam" }]);
	assert.deepEqual(play(asked, { type: "tick", now: 9999 })[1], []);
});

test("errors: a refused message can be sent again, a late accept takes the offer away", () => {
	const [failed] = play(talking(), say("k", "m1"),
		frame({ type: "error", code: "tooLarge", clientId: "m1", contactId: "k" }));
	assert.equal(failed.contacts[0]!.transcript.pending[0]!.failed, "tooLarge");
	const [, frames] = play(failed, { type: "sayAgain", contactId: "k", clientId: "m1", now: 1 });
	assert.deepEqual(frames, [{ type: "message", contactId: "k", clientId: "m1", text: "m1" }]);
	const [late] = play(emptyDesk, session(), offer("k"), { type: "accept", contactId: "k" },
		frame({ type: "error", code: "conflict", contactId: "k" }));
	assert.equal(late.contacts.length, 0);
});
