/*
 * line.mjs — a WebSocket that does as little as a generator of load may: a handler a type of frame, no account.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import WebSocket from 'ws';

export class Line {
	/* handlers: { type: (frame) => … }; opened and ended are promises. tls: by whatever certificate. */
	constructor(pelago, path, handlers, { tls = false } = {}) {
		const origin = tls ? `wss://127.0.0.1:${pelago.httpsPort}` : `ws://127.0.0.1:${pelago.httpPort}`;
		this.socket = new WebSocket(`${origin}${path}`, { perMessageDeflate: false, rejectUnauthorized: false });
		this.opened = new Promise((resolve, reject) => {
			this.socket.on('open', resolve);
			this.socket.on('error', reject);
		});
		this.opened.catch(() => {}); /* ended tells it, too */
		this.ended = new Promise((resolve) => this.socket.on('close', resolve));
		this.socket.on('message', (data) => {
			const frame = JSON.parse(data);
			handlers[frame.type]?.(frame);
		});
	}

	send(frame) {
		this.socket.send(JSON.stringify(frame));
	}

	end() {
		this.socket.close();
	}
}
