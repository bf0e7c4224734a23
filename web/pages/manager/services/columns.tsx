// SPDX-License-Identifier: Apache-2.0
import type { Instance, Service } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { bytes } from "../../../ui/page/format.ts";
import type { Column } from "../list/column.ts";
import { moodOfService } from "../moods.ts";
import { addressOf } from "../places.ts";
import { StateLabel } from "../StateLabel.tsx";

export const keyOf = ({ cluster, name, version }: Service): string => `${cluster}/${name}/${version}`;

const none = t("none");

const each = (service: Service, value: (instance: Instance) => string): string =>
	service.instances.map(value).join(", ") || none;

export const columns: Column<Service>[] = [
	{ id: "name", title: t("column.name"), text: (s) => s.name, value: (s) => <strong>{s.name}</strong> },
	{ id: "version", title: t("column.version"), text: (s) => s.version, value: (s) => s.version },
	{
		id: "state", title: t("column.state"), isWhole: true, text: (s) => s.state,
		value: (s) => <StateLabel mood={moodOfService(s.state)} text={s.state} />,
	},
	{
		id: "cluster", title: t("column.cluster"), text: (s) => s.cluster,
		value: (s) => <a href={addressOf("clusters", s.cluster, "services")}>{s.cluster}</a>,
	},
	{
		id: "nodes", title: t("column.nodes"), text: (s) => s.nodes.join(", "),
		value: (s) => s.nodes.join(", ") || none,
	},
	{
		id: "restarts", title: t("column.restarts"),
		value: (s) => s.instances.reduce((sum, i) => sum + (i.restarts ?? 0), 0),
	},
	{
		id: "pid", title: t("column.pid"),
		value: (s) => each(s, (i) => (i.pid === null ? none : String(i.pid))),
	},
	{
		id: "memory", title: t("column.memory"),
		value: (s) => each(s, (i) => (i.memoryBytes === null ? none : bytes(i.memoryBytes))),
	},
];
