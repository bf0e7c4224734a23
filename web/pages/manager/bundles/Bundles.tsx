// SPDX-License-Identifier: Apache-2.0
import type { Bundle } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { bytes, moment } from "../../../ui/page/format.ts";
import { ActionList } from "../list/ActionList.tsx";
import type { Column } from "../list/column.ts";
import { refresh, useReport } from "../live/report.ts";
import { useMayChange } from "../may.ts";
import { Place } from "../Place.tsx";
import { StateLabel } from "../StateLabel.tsx";
import { bundleActions } from "./actions.ts";
import { Load } from "./Load.tsx";

const columns: Column<Bundle>[] = [
	{
		id: "name", title: t("column.name"), text: (b) => `${b.name} ${b.title}`,
		value: (b) => (
			<>
				<strong>{b.name}</strong>
				{b.title && <div className="pl-subtle">{b.title}</div>}
			</>
		),
	},
	{
		id: "version", title: t("column.version"), text: (b) => b.version,
		value: (b) => (
			<>
				{b.version} {b.preferred && <StateLabel mood="idle" text={t("preferred")} />}
			</>
		),
	},
	{
		id: "state", title: t("column.state"), text: (b) => b.clusters.join(" "),
		value: (b) => (b.clusters.length
			? <StateLabel mood="good" text={t("bundle.installed", { clusters: b.clusters.join(", ") })} />
			: <StateLabel mood="idle" text={t("bundle.loaded")} />),
	},
	{ id: "signer", title: t("column.signer"), text: (b) => b.signer, value: (b) => b.signer },
	{ id: "size", title: t("column.size"), value: (b) => bytes(b.bytes) },
	{ id: "loaded", title: t("column.loaded"), value: (b) => moment(b.loadedMs) },
];

/** Service Management, Bundles: loaded versions of services, and what is done with them. */
export function Bundles() {
	const mayChange = useMayChange();
	return (
		<Place place="bundles" live={useReport("bundles", "clusters")}>
			{({ bundles, clusters }) => (
				<>
					{mayChange && (
						<Load<Bundle>
							path="/api/v1/bundles" title="load" nameOf={({ name, version }) => `${name} ${version}`}
							onDone={() => refresh("bundles")}
						/>
					)}
					<ActionList
						id="bundles" row="bundle" title={t("nav.bundles")} columns={columns} items={bundles}
						keyOf={(b) => `${b.name} ${b.version}`}
						data={(b) => ({ name: b.name, version: b.version })}
						actions={bundleActions(clusters.map((c) => c.name))}
						onDone={() => refresh("bundles")} empty={t("bundles.none")}
					/>
				</>
			)}
		</Place>
	);
}
