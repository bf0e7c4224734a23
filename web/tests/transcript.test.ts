// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DurableEvent } from "../api/chat.ts";
import {
	addEvents, addPending, contiguousHead, emptyTranscript, takeDue,
} from "../ui/chat/transcript.ts";

const message = (seq: number, clientId?: string): DurableEvent => ({
	type: "message", seq, from: "customer", text: `text ${seq}`, ...(clientId ? { clientId } : {}),
});
const seqs = (events: readonly DurableEvent[]) => events.map((e) => e.seq);

test("events in any order, any number of times, give one transcript", () => {
	const order = [3, 1, 2, 3, 5, 1, 4, 5];
	const transcript = addEvents(emptyTranscript, order.map((n) => message(n)));
	assert.deepEqual(seqs(transcript.events), [1, 2, 3, 4, 5]);
});

test("a repeated event is no change at all", () => {
	const once = addEvents(emptyTranscript, [message(1)]);
	assert.equal(addEvents(once, [message(1)]), once);
});

test("the head to resume after stops at a gap", () => {
	const gap = addEvents(emptyTranscript, [message(1), message(2), message(4)]);
	assert.equal(contiguousHead(gap), 2);
	assert.equal(contiguousHead(addEvents(gap, [message(3)])), 4);
	assert.equal(contiguousHead(emptyTranscript), 0);
});

test("a message stays pending until the event with its clientId", () => {
	let transcript = addPending(emptyTranscript, "a", "one", null);
	transcript = addPending(transcript, "b", "two", null);
	transcript = addEvents(transcript, [message(1, "other"), message(2, "a")]);
	assert.deepEqual(transcript.pending.map((p) => p.clientId), ["b"]);
});

test("what is due: the unsent, then what had no answer for 5 s, and all on a new connection", () => {
	let transcript = addPending(emptyTranscript, "a", "one", null);
	let due;
	[transcript, due] = takeDue(transcript, 1000, false);
	assert.deepEqual(due.map((p) => p.clientId), ["a"]);
	[transcript, due] = takeDue(transcript, 5999, false);
	assert.equal(due.length, 0);
	[transcript, due] = takeDue(transcript, 6000, false);
	assert.equal(due.length, 1);
	[, due] = takeDue(transcript, 6001, true);
	assert.equal(due.length, 1);
});
