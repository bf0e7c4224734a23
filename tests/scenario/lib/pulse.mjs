/*
 * pulse.mjs — something that should happen all the time, and the longest time in which it didn't.
 *
 *   const pulse = new Pulse();
 *   customer.on('received', (frame) => frame.type === 'message' && pulse.beat());
 *   const mark = pulse.mark(); … pulse.longest(mark)      ms, of pauses that ended after the mark or go on
 *
 * SPDX-License-Identifier: Apache-2.0
 */
export class Pulse {
	constructor() {
		this.last = performance.now();
		this.beats = 0;
		this.watches = new Set();
	}

	beat() {
		const now = performance.now();
		for (const watch of this.watches) watch.longest = Math.max(watch.longest, now - Math.max(this.last, watch.from));
		this.last = now;
		this.beats++;
	}

	mark() {
		const watch = { from: performance.now(), longest: 0 };
		this.watches.add(watch);
		return watch;
	}

	/* Ends the mark. */
	longest(watch) {
		this.watches.delete(watch);
		return Math.max(watch.longest, performance.now() - Math.max(this.last, watch.from));
	}
}
