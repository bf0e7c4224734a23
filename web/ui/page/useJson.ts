// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "react";
import { ApiError, getJson } from "../net/api.ts";

export type Loaded<T> =
	| { state: "loading" }
	| { state: "here"; value: T }
	/** The server knows of none. */
	| { state: "none" }
	| { state: "failed"; again(): void };

/** Asks for a document while the component lives; for none while the path is null. */
export function useJson<T>(path: string | null, everyMs?: number): Loaded<T> {
	const [loaded, setLoaded] = useState<Loaded<T>>({ state: path ? "loading" : "none" });
	const [tries, setTries] = useState(0);
	useEffect(() => {
		if (!path) {
			setLoaded({ state: "none" });
			return undefined;
		}
		let wanted = true;
		const ask = () => void getJson<T>(path).then(
			(value) => wanted && setLoaded({ state: "here", value }),
			(error: unknown) => {
				if (!wanted)
					return;
				const isNone = error instanceof ApiError && error.status === 404;
				const failed: Loaded<T> = isNone ? { state: "none" }
					: { state: "failed", again: () => setTries((n) => n + 1) };
				// What was here a moment ago is better than nothing, where it is asked for again.
				setLoaded((before) => (everyMs && before.state === "here" ? before : failed));
			},
		);
		setLoaded({ state: "loading" });
		ask();
		const timer = everyMs ? setInterval(ask, everyMs) : undefined;
		return () => {
			wanted = false;
			clearInterval(timer);
		};
	}, [path, tries, everyMs]);
	return loaded;
}
