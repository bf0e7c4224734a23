// SPDX-License-Identifier: Apache-2.0
import type { Node } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { send } from "../../../ui/net/api.ts";
import type { Action } from "../action/action.ts";

const at = ({ name }: Node, verb: string): string => `/api/v1/nodes/${encodeURIComponent(name)}/${verb}`;

export const actions: Action<Node>[] = [
	{
		id: "node-restart", title: t("reboot"), isGrave: true,
		fits: (n) => n.restart === "" || n.restart === "failed",
		question: (name) => t("reboot.title", { name }), text: t("reboot.node.text"),
		run: (n) => send("POST", at(n, "restart")),
	},
	{
		id: "node-drain", title: t("drain"), isGrave: true, fits: (n) => !n.draining,
		question: (name) => t("drain.title", { name }), text: t("drain.text"),
		run: (n) => send("POST", at(n, "drain")),
	},
	{
		id: "node-accept", title: t("undrain"), isGrave: false, fits: (n) => n.draining,
		question: (name) => t("undrain.title", { name }), text: t("undrain.text"),
		run: (n) => send("POST", at(n, "accept")),
	},
	{
		id: "node-remove", title: t("remove"), isGrave: true, fits: (n) => n.state === "Unreachable",
		question: (name) => t("remove.title", { name }), text: t("node.remove.text"),
		run: (n) => send("POST", at(n, "remove")),
	},
];
