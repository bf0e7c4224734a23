// SPDX-License-Identifier: Apache-2.0
import type { Cluster } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { send } from "../../../ui/net/api.ts";
import type { Action } from "../action/action.ts";

const at = ({ name }: Cluster, verb: string): string =>
	`/api/v1/clusters/${encodeURIComponent(name)}/${verb}`;

export const actions: Action<Cluster>[] = [
	{
		id: "cluster-accept", title: t("accept"), isGrave: false, isInRow: true,
		fits: (c) => c.state === "Denying",
		question: (name) => t("accept.title", { name }), text: t("accept.text"),
		run: (c) => send("POST", at(c, "accept")),
	},
	{
		id: "cluster-deny", title: t("deny"), isGrave: true, isInRow: true,
		fits: (c) => c.state === "Accepting",
		question: (name) => t("deny.title", { name }), text: t("deny.text"),
		run: (c) => send("POST", at(c, "deny")),
	},
];
