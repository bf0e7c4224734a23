// SPDX-License-Identifier: Apache-2.0
import type { Cluster } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { send } from "../../../ui/net/api.ts";
import type { Action } from "../action/action.ts";

const at = ({ name }: Cluster, verb: string): string =>
	`/api/v1/clusters/${encodeURIComponent(name)}/${verb}`;

export const actions: Action<Cluster>[] = [
	{
		id: "cluster-accept", title: t("accept"), isGrave: false, inRow: t("accept.short"),
		fits: (c) => c.state === "Denying",
		question: (name) => t("accept.title", { name }), text: t("accept.text"),
		run: (c) => send("POST", at(c, "accept")),
	},
	{
		id: "cluster-deny", title: t("deny"), isGrave: true, inRow: t("deny.short"),
		fits: (c) => c.state === "Accepting",
		question: (name) => t("deny.title", { name }), text: t("deny.text"),
		run: (c) => send("POST", at(c, "deny")),
	},
	{
		id: "cluster-restart", title: t("reboot"), isGrave: true, fits: (c) => c.nodes.length > 0,
		question: (name) => t("reboot.title", { name }), text: t("reboot.text"),
		fields: [{
			id: "together", label: t("reboot.together"), kind: "check", hint: t("reboot.together.hint"),
		}],
		run: (c, { together }) => send("POST", at(c, "restart"), { together }),
	},
];

/** What is done with one cluster at a time. */
export const ownActions: Action<Cluster>[] = [
	{
		id: "cluster-rename", title: t("rename"), isGrave: false, fits: () => true,
		question: (name) => t("rename.title", { name }),
		fields: [{ id: "name", label: t("column.clusterName"), kind: "text", pattern: /^\S(.{0,62}\S)?$/ }],
		run: (c, { name }) => send("POST", at(c, "rename"), { name }),
	},
	{
		id: "cluster-address", title: t("address"), isGrave: false, fits: () => true,
		question: (name) => t("address.title", { name }), text: t("address.text"),
		fields: [{ id: "address", label: t("column.address"), kind: "text", pattern: /^[\w.:-]{0,253}$/ }],
		run: (c, { address }) => send("POST", at(c, "address"), { address }),
	},
	{
		id: "cluster-join", title: t("join"), isGrave: false, fits: () => true,
		question: (name) => t("join.title", { name }), text: t("join.text"),
		fields: [{
			id: "minutes", label: t("join.minutes"), kind: "text", first: "60", hint: t("join.minutes.hint"),
			pattern: /^([1-9]\d{0,2}|1[0-3]\d\d|14[0-3]\d|1440)$/,
		}],
		run: (c, { minutes }) => send("POST", at(c, "join-token"), { minutes: Number(minutes) }),
		result: ({ token }: { token: string }) => token,
	},
];
