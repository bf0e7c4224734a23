// SPDX-License-Identifier: Apache-2.0

import type { Role } from "../../ui/auth/claims.ts";

/** The console's places in the order of the navigation; what is below a place's path is its own. */
export const places = [
	{ id: "overview", path: "/", group: null },
	{ id: "upgrade", path: "/upgrade", group: null },
	{ id: "clusters", path: "/elements/clusters", group: "elements" },
	{ id: "nodes", path: "/elements/servers", group: "elements" },
	{ id: "certificates", path: "/elements/certificates", group: "elements" },
	{ id: "solution", path: "/elements/solution", group: "elements" },
	{ id: "services", path: "/services", group: "serviceManagement" },
	{ id: "bundles", path: "/bundles", group: "serviceManagement" },
	{ id: "plans", path: "/plans", group: "serviceManagement" },
	{ id: "attributes", path: "/configuration/attributes", group: "configuration" },
	{ id: "profiles", path: "/configuration/profiles", group: "configuration" },
	{ id: "brokers", path: "/eventing/dashboard", group: "eventing" },
	{ id: "destinations", path: "/eventing/destinations", group: "eventing" },
	{ id: "tests", path: "/tests", group: "monitoring" },
	{ id: "alarms", path: "/alarms", group: "monitoring" },
	{ id: "logs", path: "/logs", group: "monitoring" },
	{ id: "audit", path: "/audit", group: "monitoring" },
	{ id: "replication", path: "/replication", group: "replicas" },
] as const satisfies readonly { id: string; path: string; group: string | null }[];

export type PlaceId = (typeof places)[number]["id"];
export type GroupId = NonNullable<(typeof places)[number]["group"]>;

/** Who may change what the console shows; the others look. */
export const changers: readonly Role[] = ["administrator"];

export interface Address {
	/** Null: there is no such place. */
	place: PlaceId | null;
	/** The parts of the path below the place's. */
	rest: string[];
	query: URLSearchParams;
}

/** Where a part of a place is found: `#/elements/clusters/Common?…`. */
export function addressOf(id: PlaceId, ...rest: string[]): string {
	const { path } = places.find((p) => p.id === id)!;
	return `#${[path === "/" && rest.length ? "" : path, ...rest.map(encodeURIComponent)].join("/")}`;
}

/** Reads location.hash; whatever somebody typed there. */
export function addressAt(hash: string): Address {
	const [path = "", query = ""] = hash.replace(/^#/, "").split(/\?(.*)/s);
	const parts = path.split("/").filter(Boolean);
	const found = places
		.filter((p) => partsOf(p.path).every((part, i) => part === parts[i]))
		.sort((a, b) => b.path.length - a.path.length)[0]!;
	const rest = parts.slice(partsOf(found.path).length);
	const isPlace = found.path !== "/" || rest.length === 0;
	return {
		place: isPlace ? found.id : null,
		rest: rest.map(decoded),
		query: new URLSearchParams(query),
	};
}

const partsOf = (path: string): string[] => path.split("/").filter(Boolean);

function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}
