/*
 * clock.mjs — a wall clock for all of an instance's programs that can be put forward and back (tests/clock/clock.c).
 *
 *   const clock = await WallClock.make();
 *   const pelago = await startInstance({ demo: true, env: clock.env });
 *   await clock.put(DAY_MS);          ahead of the real one by so much, at once, for all
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './instance.mjs';

export const DAY_MS = 86400000;

export class WallClock {
	static async make() {
		const clock = new WallClock();
		clock.folder = await mkdtemp(join(tmpdir(), 'pelago-clock-'));
		clock.file = await open(join(clock.folder, 'ahead_ms'), 'w+');
		await clock.put(0);
		return clock;
	}

	get env() {
		const sanitizers = process.env.PELAGO_SANITIZED ? { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS}:verify_asan_link_order=0` } : {};
		return { ...sanitizers, LD_PRELOAD: join(build, 'tests', 'clock', 'libtestclock.so'), PELAGO_TEST_CLOCK: join(this.folder, 'ahead_ms') };
	}

	async put(aheadMs) {
		const bytes = Buffer.alloc(8);
		bytes.writeBigInt64LE(BigInt(aheadMs));
		await this.file.write(bytes, 0, 8, 0);
		this.aheadMs = aheadMs;
	}

	async remove() {
		await this.file.close();
		await rm(this.folder, { recursive: true, force: true });
	}
}
