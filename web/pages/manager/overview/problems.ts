// SPDX-License-Identifier: Apache-2.0

/** What an administrator should look at, out of a report, and where. */

import { t, word } from "../../../ui/i18n/manager.ts";
import { duration } from "../../../ui/page/format.ts";
import type { Report } from "../live/report.ts";
import { isServing, isUp } from "../moods.ts";
import { nodeActivity } from "../nodes/activity.ts";
import { addressOf } from "../places.ts";

const silentAfterSeconds = 10;

export interface Problem {
	text: string;
	href: string;
}

export function problemsOf(
	{ clusters, nodes, services, alarms }: Pick<Report, "clusters" | "nodes" | "services" | "alarms">,
): Problem[] {
	const at = (text: string, ...where: Parameters<typeof addressOf>): Problem =>
		({ text, href: addressOf(...where) });
	return [
		...clusters.filter((c) => c.state === "Denying")
			.map((c) => at(t("problem.denying", { name: c.name }), "clusters", c.name)),
		...clusters.filter((c) => c.arrived < c.nodes.length)
			.map((c) => at(t("problem.arriving", {
				name: c.name, arrived: c.arrived, nodes: c.nodes.length,
				state: word("state", c.state),
			}), "clusters", c.name)),
		...alarms.filter((a) => a.acknowledgedBy === null)
			.map((a) => at(t("problem.alarm", {
				title: a.title, what: [a.source, a.subject].filter(Boolean).join(" "),
			}), "alarms")),
		...nodes.filter((n) => !isUp(n.state))
			.map((n) => at(t("problem.node", { name: n.name, state: n.state }), "nodes", n.name)),
		...nodes.filter((n) => (n.lastHeardSeconds ?? 0) > silentAfterSeconds)
			.map((n) => at(t("problem.silent", {
				name: n.name, age: duration(n.lastHeardSeconds ?? 0),
			}), "nodes", n.name)),
		...nodes.filter((n) => n.restart === "failed" || n.overload?.length)
			.map((n) => at(`${n.name}: ${nodeActivity(n).join(", ")}`, "nodes", n.name)),
		...services.filter((s) => !isServing(s.state) && s.state !== "Loaded")
			.map((s) => at(t("problem.service", { name: s.name, state: s.state }), "services")),
	];
}
