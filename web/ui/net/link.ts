// SPDX-License-Identifier: Apache-2.0

/**
 * A WebSocket of JSON frames that comes back by itself.
 *
 * What it hides: connecting, back-off, broken frames. What it does not do: keep messages. Whoever
 * sends says hello again in `opened` and repeats there what has no acknowledgement yet.
 */

import { backoff } from "./backoff.ts";

export interface SocketLike {
	readyState: number;
	send(data: string): void;
	close(): void;
	onopen: ((event: never) => void) | null;
	onmessage: ((event: { data: unknown }) => void) | null;
	onclose: ((event: { code: number }) => void) | null;
}

export interface Clock {
	set(fn: () => void, ms: number): unknown;
	clear(timer: unknown): void;
}

export interface LinkOptions<Gets> {
	url(): string;
	opened(): void;
	frame(frame: Gets): void;
	/** The connection is gone; it is being tried again unless stop() was called. */
	lost(): void;
	connect?(url: string): SocketLike;
	clock?: Clock;
	random?(): number;
}

const OPEN = 1;
const connectLimit = 8000;
/** A connection that lived this long was a good one: the next back-off starts anew. */
const goodAfter = 3000;

const browserClock: Clock = {
	set: (fn, ms) => setTimeout(fn, ms),
	clear: (timer) => clearTimeout(timer as number),
};

export class Link<Sends extends { type: string }, Gets extends { type: string }> {
	private socket: SocketLike | null = null;
	private retry: unknown = null;
	private limit: unknown = null;
	private good: unknown = null;
	private attempt = 0;
	private wanted = false;
	private readonly clock: Clock;

	constructor(private readonly options: LinkOptions<Gets>) {
		this.clock = options.clock ?? browserClock;
	}

	get isOpen(): boolean {
		return this.socket?.readyState === OPEN;
	}

	start(): void {
		if (this.wanted)
			return;
		this.wanted = true;
		this.attempt = 0;
		this.connect();
	}

	stop(): void {
		this.wanted = false;
		this.drop();
	}

	/** Connects anew at once: the server said that it goes away, or the network came back. */
	renew(): void {
		if (!this.wanted)
			return;
		const had = this.isOpen;
		this.drop();
		if (had)
			this.options.lost();
		this.attempt = 0;
		this.connect();
	}

	/** False when there is no connection; the frame is then not kept. */
	send(frame: Sends): boolean {
		if (!this.socket || this.socket.readyState !== OPEN)
			return false;
		this.socket.send(JSON.stringify(frame));
		return true;
	}

	private connect(): void {
		let socket: SocketLike;
		try {
			socket = this.options.connect
				? this.options.connect(this.options.url())
				: (new WebSocket(this.options.url()) as unknown as SocketLike);
		} catch {
			this.tryLater();
			return;
		}
		this.socket = socket;
		this.limit = this.clock.set(() => this.gone(socket), connectLimit);
		socket.onopen = () => {
			if (this.socket !== socket)
				return;
			this.clock.clear(this.limit);
			this.good = this.clock.set(() => { this.attempt = 0; }, goodAfter);
			this.options.opened();
		};
		socket.onmessage = (event) => {
			if (this.socket !== socket)
				return;
			const frame = parse<Gets>(event.data);
			if (frame)
				this.options.frame(frame);
		};
		socket.onclose = () => this.gone(socket);
	}

	private gone(socket: SocketLike): void {
		if (this.socket !== socket)
			return;
		this.drop();
		this.options.lost();
		if (this.wanted)
			this.tryLater();
	}

	private tryLater(): void {
		this.retry = this.clock.set(() => {
			if (this.wanted)
				this.connect();
		}, backoff(this.attempt++, this.options.random));
	}

	private drop(): void {
		this.clock.clear(this.limit);
		this.clock.clear(this.retry);
		this.clock.clear(this.good);
		const socket = this.socket;
		this.socket = null;
		if (!socket)
			return;
		socket.onopen = socket.onmessage = socket.onclose = null;
		socket.close();
	}
}

function parse<T extends { type: string }>(data: unknown): T | null {
	if (typeof data !== "string")
		return null;
	try {
		const frame: unknown = JSON.parse(data);
		if (typeof frame === "object" && frame !== null && "type" in frame)
			return frame as T;
	} catch {
		// Not ours to repair: a frame that isn't JSON is no event.
	}
	return null;
}

/** The socket address of a path on the server at origin. */
export function socketUrl(path: string, origin: string): string {
	return origin.replace(/^http/, "ws") + path;
}
