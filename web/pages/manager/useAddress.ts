// SPDX-License-Identifier: Apache-2.0
import { useMemo, useSyncExternalStore } from "react";
import { addressAt, type Address } from "./places.ts";

/** Told when the address was replaced: browsers tell of those only that were gone to. */
const replaced = "pelago-address";

export function useAddress(): Address {
	const hash = useSyncExternalStore(
		(changed) => {
			addEventListener("hashchange", changed);
			addEventListener(replaced, changed);
			return () => {
				removeEventListener("hashchange", changed);
				removeEventListener(replaced, changed);
			};
		},
		() => location.hash,
	);
	return useMemo(() => addressAt(hash), [hash]);
}

/** What is chosen within a place, kept in its address; "" takes it out. Going back skips it. */
export function setQuery(name: string, value: string): void {
	const [path = "", text = ""] = location.hash.split(/\?(.*)/s);
	const query = new URLSearchParams(text);
	if (value)
		query.set(name, value);
	else
		query.delete(name);
	history.replaceState(null, "", (path || "#/") + (query.size ? `?${query}` : ""));
	dispatchEvent(new Event(replaced));
}
