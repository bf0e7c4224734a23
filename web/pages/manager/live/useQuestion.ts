// SPDX-License-Identifier: Apache-2.0
import { useMemo, useSyncExternalStore } from "react";
import { Feed } from "./feed.ts";
import type { Live } from "./live.ts";

/** The answer to one question, kept live while the component is shown; another key is another question. */
export function useQuestion<T>(key: string, ask: () => Promise<T>): [Live<T>, () => Promise<void>] {
	const feed = useMemo(() => new Feed(ask), [key]);
	return [useSyncExternalStore(feed.subscribe, feed.get), feed.ask];
}
