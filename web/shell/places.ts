// SPDX-License-Identifier: Apache-2.0

import type { Claims, Role } from "../ui/auth/claims.ts";

export interface Place {
	id: "workspaces" | "manager" | "demo";
	href: string;
}

const places: (Place & { roles: Role[] })[] = [
	{ id: "workspaces", href: "/workspaces/", roles: ["agent"] },
	{ id: "manager", href: "/manager/", roles: ["administrator", "auditor"] },
];

const demo: Place = { id: "demo", href: "/demo/" };

/** Where the user may go. */
export function placesFor({ roles }: Claims): Place[] {
	return places.filter((place) => place.roles.some((role) => roles.includes(role)));
}

/** What the menu offers: the user's places, and the demo for everybody. */
export function menuFor(claims: Claims): Place[] {
	return [...placesFor(claims), demo];
}

/** The one place that the user's work is at, if there is just one. */
export function homeOf(claims: Claims): Place | null {
	const own = placesFor(claims);
	return own.length === 1 ? own[0]! : null;
}
