// SPDX-License-Identifier: Apache-2.0

/** The console's places by their address, in the order of the navigation. */
export const places = [
	{ id: "overview", group: null },
	{ id: "clusters", group: "elements" },
	{ id: "nodes", group: "elements" },
	{ id: "services", group: "serviceManagement" },
] as const;

export type PlaceId = (typeof places)[number]["id"];
export type GroupId = NonNullable<(typeof places)[number]["group"]>;

const addresses: Record<PlaceId, string> = {
	overview: "#/",
	clusters: "#/elements/clusters",
	nodes: "#/elements/servers",
	services: "#/services",
};

export function addressOf(id: PlaceId): string {
	return addresses[id];
}

export function placeAt(hash: string): PlaceId {
	return places.find((p) => addresses[p.id] === hash)?.id ?? "overview";
}
