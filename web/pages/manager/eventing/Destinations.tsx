// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import type { Destination } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { bytes, decimal, duration } from "../../../ui/page/format.ts";
import { ActionList } from "../list/ActionList.tsx";
import type { Column } from "../list/column.ts";
import { useReport } from "../live/report.ts";
import { Place } from "../Place.tsx";
import { StateLabel, type Mood } from "../StateLabel.tsx";

const number = (n: number | undefined): string => (n === undefined ? t("none") : decimal(n));

const readerOf = (d: Destination): string => d.target || d.service || d.consumer || t("none");

const moods: Record<string, Mood> = { Up: "good", Down: "bad", Off: "idle" };

const readerAndState = (d: Destination): ReactNode => (
	<>
		{readerOf(d)}
		{d.state && <div><StateLabel mood={moods[d.state] ?? "idle"} text={d.error ?? t(`destination.${d.state}`)} /></div>}
	</>
);

const columns: Column<Destination>[] = [
	{ id: "stream", title: t("column.stream"), text: (d) => d.stream, value: (d) => d.stream },
	{ id: "kind", title: t("column.kind"), text: (d) => t(`destination.${d.kind}`), value: (d) => t(`destination.${d.kind}`) },
	{ id: "reader", title: t("column.reader"), text: readerOf, value: readerAndState },
	{ id: "subject", title: t("column.subject"), text: (d) => d.subject, value: (d) => <code>{d.subject}</code> },
	{
		id: "depth", title: t("column.depth"),
		value: (d) => (d.depth === undefined ? t("none")
			: t("depth.bytes", { n: decimal(d.depth), bytes: bytes(d.bytes ?? 0) })),
	},
	{ id: "pending", title: t("column.pending"), value: (d) => number(d.pending) },
	{ id: "redelivered", title: t("column.redelivered"), value: (d) => number(d.redelivered) },
	{
		id: "oldest", title: t("column.oldest"),
		value: (d) => (d.oldestSeconds === null ? t("none") : duration(d.oldestSeconds)),
	},
];

/** Streams of events, and who reads them (PLT-31). */
export function Destinations() {
	return (
		<Place place="destinations" live={useReport("destinations")}>
			{({ destinations }) => (
				<ActionList
					id="destinations" row="destination" title={t("nav.destinations")} columns={columns}
					items={destinations}
					keyOf={(d) => [d.stream, d.kind, d.service, d.consumer, d.subject].join(" ")}
					data={(d) => ({ stream: d.stream, kind: d.kind, service: d.service ?? "" })}
					empty={t("destinations.none")}
				/>
			)}
		</Place>
	);
}
