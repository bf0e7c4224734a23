// SPDX-License-Identifier: Apache-2.0
import type { Node } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { bytes, decimal, duration } from "../../../ui/page/format.ts";
import type { Column } from "../list/column.ts";
import { moodOfNode } from "../moods.ts";
import { addressOf } from "../places.ts";
import { StateLabel } from "../StateLabel.tsx";
import { nodeActivity } from "./activity.ts";

/** What a node that was never heard hasn't told. */
const told = <T,>(value: T | null, form: (value: T) => string): string =>
	value === null ? t("none") : form(value);

export const columns: Column<Node>[] = [
	{
		id: "name", title: t("column.name"), isWhole: true, text: (n) => n.name,
		value: (n) => <a href={addressOf("nodes", n.name)} data-testid="open">{n.name}</a>,
	},
	{
		id: "cluster", title: t("column.cluster"), text: (n) => n.cluster,
		value: (n) => <a href={addressOf("clusters", n.cluster)}>{n.cluster}</a>,
	},
	{
		id: "state", title: t("column.state"), text: (n) => n.state,
		value: (n) => <StateLabel id="node-state" mood={moodOfNode(n.state)} text={n.state} />,
	},
	{
		id: "activity", title: t("column.activity"), text: (n) => nodeActivity(n).join(", "),
		value: (n) => nodeActivity(n).join(", ") || t("none"),
	},
	{
		id: "version", title: t("column.version"), text: (n) => n.version ?? "",
		value: (n) => told(n.version, String),
	},
	{ id: "uptime", title: t("column.uptime"), value: (n) => told(n.uptimeSeconds, duration) },
	{ id: "load", title: t("column.load"), value: (n) => told(n.load, decimal) },
	{ id: "memory", title: t("column.memory"), value: (n) => told(n.memoryBytes, bytes) },
	{ id: "disk", title: t("column.disk"), value: (n) => told(n.diskFreeBytes, bytes) },
	{
		id: "heard", title: t("column.heard"), isWhole: true,
		value: (n) => (n.lastHeardSeconds === null ? t("never")
			: t("ago", { age: duration(n.lastHeardSeconds) })),
	},
];
