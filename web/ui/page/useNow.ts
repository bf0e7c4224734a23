// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "react";

/** The monotonic clock, ticking; for countdowns and ages. */
export function useNow(everyMs: number): number {
	const [now, setNow] = useState(() => performance.now());
	useEffect(() => {
		const timer = setInterval(() => setNow(performance.now()), everyMs);
		return () => clearInterval(timer);
	}, [everyMs]);
	return now;
}
