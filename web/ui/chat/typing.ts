// SPDX-License-Identifier: Apache-2.0

/**
 * Turns key strokes into few typing frames: `on` at most every 3 s while somebody writes, `off` once
 * after 4 s of rest or when the text is sent or emptied.
 */
export class TypingThrottle {
	private on = false;
	private saidAt = 0;
	private rest: ReturnType<typeof setTimeout> | undefined;

	constructor(private readonly say: (on: boolean) => void) {}

	stroke(text: string): void {
		if (text.trim() === "") {
			this.stop();
			return;
		}
		const now = performance.now();
		if (!this.on || now - this.saidAt > 3000) {
			this.on = true;
			this.saidAt = now;
			this.say(true);
		}
		clearTimeout(this.rest);
		this.rest = setTimeout(() => this.stop(), 4000);
	}

	stop(): void {
		clearTimeout(this.rest);
		if (!this.on)
			return;
		this.on = false;
		this.say(false);
	}
}
