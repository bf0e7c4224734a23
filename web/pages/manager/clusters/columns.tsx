// SPDX-License-Identifier: Apache-2.0
import type { Cluster, Node, Service } from "../../../api/manager.ts";
import { t, word } from "../../../ui/i18n/manager.ts";
import type { Column } from "../list/column.ts";
import { isServing } from "../moods.ts";
import { nodeActivity } from "../nodes/activity.ts";
import { addressOf } from "../places.ts";
import { StateLabel } from "../StateLabel.tsx";

export const profileOf = ({ kind }: Cluster): string => word("kind", String(kind));

export const stateOf = ({ state, arrived, nodes }: Cluster): string =>
	`${word("state", state)} [${arrived}/${nodes.length}]`;

export const databaseOf = ({ database: { store, open, of } }: Cluster): string =>
	(of === 0 ? t("none") : `${store} ${open}/${of}`);

const own = (cluster: Cluster, services: Service[]): Service[] =>
	services.filter((s) => s.cluster === cluster.name);

/** What is under way in a cluster, in words; empty while all is as it should be. */
export function activityOf(cluster: Cluster, services: Service[], nodes: Node[]): string {
	const { state, arrived } = cluster;
	const moving = own(cluster, services).filter((s) => !isServing(s.state) && s.state !== "Failed");
	return [
		...nodes.filter((n) => n.cluster === cluster.name)
			.flatMap((n) => nodeActivity(n).map((what) => `${n.name}: ${what}`)),
		...(arrived < cluster.nodes.length
			? [t(`activity.${state}`, { arrived, nodes: cluster.nodes.length })] : []),
		...moving.map((s) => `${s.name}: ${s.state}`),
	].join(", ");
}

export function columnsFor({ services, nodes }: { services: Service[]; nodes: Node[] }): Column<Cluster>[] {
	return [
		{
			id: "name", title: t("column.clusterName"), isWhole: true, text: (c) => c.name,
			value: (c) => <a href={addressOf("clusters", c.name)} data-testid="open">{c.name}</a>,
		},
		{ id: "profile", title: t("column.profile"), value: profileOf, text: profileOf },
		{
			id: "state", title: t("column.state"), isWhole: true, text: stateOf,
			value: (c) => (
				<StateLabel
					id="cluster-state" text={stateOf(c)}
					mood={c.state === "Accepting" ? "good" : "attention"}
				/>
			),
		},
		{
			id: "alarms", title: t("column.alarms"),
			value: (c) => (c.alarms === 0 ? t("none") : (
				<a href={addressOf("alarms")} data-testid="cluster-alarms">
					<StateLabel mood="bad" text={String(c.alarms)} />
				</a>
			)),
		},
		{
			id: "activity", title: t("column.activity"), text: (c) => activityOf(c, services, nodes),
			value: (c) => activityOf(c, services, nodes) || t("none"),
		},
		{
			id: "database", title: t("column.clusterDatabase"), isWhole: true, text: databaseOf,
			value: (c) => (
				<StateLabel
					id="cluster-database" text={databaseOf(c)}
					mood={c.database.of === 0 ? "idle" : c.database.open === c.database.of ? "good" : "attention"}
				/>
			),
		},
		{
			id: "installStatus", title: t("column.installStatus"), isWhole: true,
			value: (c) => <InstallStatus services={own(c, services)} />,
		},
		{
			id: "testsPass", title: t("column.testsPass"),
			value: (c) => (
				<a href={`${addressOf("tests")}?q=${encodeURIComponent(c.name)}`}>
					<StateLabel
						id="tests-pass"
						mood={c.testsPass === null ? "idle" : c.testsPass ? "good" : "bad"}
						text={t(c.testsPass === null ? "tests.never" : c.testsPass ? "tests.pass" : "tests.fail")}
					/>
				</a>
			),
		},
	];
}

function InstallStatus({ services }: { services: Service[] }) {
	const n = services.filter((s) => isServing(s.state)).length;
	const failed = services.filter((s) => s.state === "Failed").length;
	if (services.length === 0)
		return t("none");
	return (
		<StateLabel
			id="install-status"
			mood={failed ? "bad" : n === services.length ? "good" : "attention"}
			text={failed ? t("install.failed", { n: failed, all: services.length })
				: t("install.done", { n, all: services.length })}
		/>
	);
}
