// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff } from "../ui/net/backoff.ts";
import { Link, type SocketLike } from "../ui/net/link.ts";

interface Frame { type: string }

class FakeSocket implements SocketLike {
	readyState = 0;
	sent: string[] = [];
	onopen: SocketLike["onopen"] = null;
	onmessage: SocketLike["onmessage"] = null;
	onclose: SocketLike["onclose"] = null;
	send(data: string) { this.sent.push(data); }
	close() { this.readyState = 3; }
	opens() { this.readyState = 1; this.onopen?.(undefined as never); }
	gets(data: unknown) { this.onmessage?.({ data }); }
	breaks() { this.readyState = 3; this.onclose?.({ code: 1006 }); }
}

class FakeClock {
	timers = new Map<number, { fn: () => void; ms: number }>();
	private next = 1;
	set(fn: () => void, ms: number) { this.timers.set(this.next, { fn, ms }); return this.next++; }
	clear(id: unknown) { this.timers.delete(id as number); }
	fire(ms: number) {
		const hit = [...this.timers].find(([, t]) => t.ms === ms);
		assert.ok(hit, `a timer of ${ms} ms`);
		this.timers.delete(hit[0]);
		hit[1].fn();
	}
}

function setup() {
	const sockets: FakeSocket[] = [];
	const log: string[] = [];
	const clock = new FakeClock();
	const link = new Link<Frame, Frame>({
		url: () => "ws://x/",
		opened: () => log.push("opened"),
		lost: () => log.push("lost"),
		frame: (f) => log.push(f.type),
		connect: () => { const s = new FakeSocket(); sockets.push(s); return s; },
		clock,
		random: () => 1,
	});
	return { link, sockets, log, clock, last: () => sockets[sockets.length - 1]! };
}

/* PLT-60: back within a second of the server's return, however long it was away. */
test("back-off doubles from 200 to 800 ms, less up to a quarter", () => {
	assert.deepEqual([0, 1, 2, 3, 4, 50].map((n) => backoff(n, () => 1)),
		[200, 400, 800, 800, 800, 800]);
	assert.equal(backoff(0, () => 0), 150);
	assert.equal(backoff(9, () => 0), 600);
});

test("a broken connection is tried again, later each time", () => {
	const { link, sockets, log, clock, last } = setup();
	link.start();
	last().opens();
	last().breaks();
	clock.fire(200);
	last().breaks();
	clock.fire(400);
	last().opens();
	assert.equal(sockets.length, 3);
	assert.deepEqual(log, ["opened", "lost", "lost", "opened"]);
});

test("an accepting server that drops at once doesn't reset the back-off", () => {
	const { link, clock, last } = setup();
	link.start();
	for (const ms of [200, 400, 800]) {
		last().opens();
		last().breaks();
		clock.fire(ms);
	}
	last().opens();
	clock.fire(3000);
	last().breaks();
	clock.fire(200);
});

test("a connection that never opens is given up", () => {
	const { link, sockets, clock } = setup();
	link.start();
	clock.fire(8000);
	clock.fire(200);
	assert.equal(sockets.length, 2);
});

test("broken frames are ignored, and a stopped link is silent", () => {
	const { link, sockets, log, clock, last } = setup();
	link.start();
	last().opens();
	for (const data of ["{", "7", "null", "{}", new ArrayBuffer(2)])
		last().gets(data);
	last().gets('{"type":"fine"}');
	const old = last();
	link.stop();
	old.gets('{"type":"late"}');
	old.breaks();
	assert.deepEqual(log, ["opened", "fine"]);
	assert.equal(clock.timers.size, 0);
	assert.equal(sockets.length, 1);
	assert.equal(link.send({ type: "x" }), false);
});

test("renew connects at once and forgets the old socket", () => {
	const { link, sockets, log, last } = setup();
	link.start();
	last().opens();
	const old = last();
	link.renew();
	assert.equal(sockets.length, 2);
	old.gets('{"type":"late"}');
	last().opens();
	assert.deepEqual(log, ["opened", "lost", "opened"]);
});
