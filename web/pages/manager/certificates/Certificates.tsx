// SPDX-License-Identifier: Apache-2.0
import type { Certificate, Plan } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { send } from "../../../ui/net/api.ts";
import { decimal, moment } from "../../../ui/page/format.ts";
import { ActionBar } from "../action/ActionBar.tsx";
import type { Action } from "../action/action.ts";
import { ActionList } from "../list/ActionList.tsx";
import type { Column } from "../list/column.ts";
import { refresh, useReport } from "../live/report.ts";
import { Place } from "../Place.tsx";
import { addressOf } from "../places.ts";
import { StateLabel, type Mood } from "../StateLabel.tsx";

/** By themselves they are renewed a month before. */
const moodOf = ({ daysLeft }: Certificate): Mood => (daysLeft < 14 ? "bad" : daysLeft < 30 ? "attention" : "good");

const columns: Column<Certificate>[] = [
	{ id: "host", title: t("column.host"), text: (c) => c.host, value: (c) => c.host },
	{ id: "name", title: t("column.certificate"), text: (c) => c.name, value: (c) => <strong>{c.name}</strong> },
	{
		id: "expires", title: t("column.goodUntil"),
		value: (c) => (
			<>
				{moment(c.expiresMs)} <StateLabel mood={moodOf(c)} text={t("certificate.days", { n: decimal(c.daysLeft) })} />
			</>
		),
	},
	{ id: "issuer", title: t("column.issuer"), text: (c) => c.issuer, value: (c) => c.issuer },
	{
		id: "clusters", title: t("column.clusters"), text: (c) => c.clusters.join(" "),
		value: (c) => c.clusters.join(", ") || t("none"),
	},
];

/** With clusters and services by name. */
function renewal(clusters: string[], services: string[]): Action<null> {
	return {
		id: "certificates-renew", title: t("certificates.renew"), isGrave: false, fits: () => true,
		question: () => t("certificates.renew.title"), text: t("certificates.renew.text"),
		fields: [{
			id: "of", label: t("certificates.of"), kind: "choice",
			choices: [
				{ id: "", label: t("certificates.ofAll") },
				...clusters.map((name) => ({ id: `cluster:${name}`, label: t("certificates.ofCluster", { name }) })),
				...services.map((name) => ({ id: `service:${name}`, label: t("certificates.ofService", { name }) })),
			],
		}],
		async run(_none, { of }) {
			const [kind = "", name = ""] = String(of).split(":");
			const { id } = await send<Plan>("POST", "/api/v1/certificates/renew", kind ? { [kind]: name } : {});
			location.hash = addressOf("plans", id);
		},
	};
}

const installed = (services: { name: string; cluster: string | null }[]): string[] =>
	[...new Set(services.filter((s) => s.cluster).map((s) => s.name))];

/** The certificates of all hosts, how long they are good, and renewing them (PLT-3). */
export function Certificates() {
	return (
		<Place place="certificates" live={useReport("certificates", "clusters", "services")}>
			{({ certificates, clusters, services }) => (
				<>
					<ActionBar
						actions={[renewal(clusters.map((c) => c.name), installed(services))]} item={null}
						nameOf={() => ""} onDone={() => refresh("certificates")}
					/>
					<ActionList
						id="certificates" row="certificate" title={t("nav.certificates")} columns={columns}
						items={certificates} keyOf={(c) => `${c.host} ${c.name}`}
						data={(c) => ({ name: c.name, host: c.host })} empty={t("certificates.none")}
					/>
				</>
			)}
		</Place>
	);
}
