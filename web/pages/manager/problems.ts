// SPDX-License-Identifier: Apache-2.0

/** What an administrator should look at, out of a report. */

import { t, word } from "../../ui/i18n/manager.ts";
import { duration } from "../../ui/page/format.ts";
import type { Report } from "./live.ts";

const silentAfter = 10;

/** A node that is up and still waits for a service isn't stable; that service is told by itself. */
export const isUp = (state: string): boolean => state === "Stable" || state === "Up";

export const isServing = (state: string): boolean => state === "Installed";

export function problemsOf({ clusters, nodes, services }: Report): string[] {
	return [
		...clusters.filter((c) => c.state === "Denying")
			.map((c) => t("problem.denying", { name: c.name })),
		...clusters.filter((c) => c.arrived < c.nodes.length)
			.map((c) => t("problem.arriving", {
				name: c.name, arrived: c.arrived, nodes: c.nodes.length,
				state: word("state", c.state),
			})),
		...nodes.filter((n) => !isUp(n.state))
			.map((n) => t("problem.node", { name: n.name, state: n.state })),
		...nodes.filter((n) => n.lastHeardSeconds > silentAfter)
			.map((n) => t("problem.silent", { name: n.name, age: duration(n.lastHeardSeconds) })),
		...services.filter((s) => !isServing(s.state))
			.map((s) => t("problem.service", { name: s.name, state: s.state })),
	];
}
