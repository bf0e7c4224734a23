// SPDX-License-Identifier: Apache-2.0
import type { Broker } from "../../../api/manager.ts";
import { t, word } from "../../../ui/i18n/manager.ts";
import { bytes, decimal, duration, moment } from "../../../ui/page/format.ts";
import { ActionList } from "../list/ActionList.tsx";
import type { Column } from "../list/column.ts";
import { useReport } from "../live/report.ts";
import { Place } from "../Place.tsx";
import { StateLabel } from "../StateLabel.tsx";

/** A figure that a broker which is down doesn't tell. */
const told = (value: number | null | undefined, form: (n: number) => string): string =>
	value === null || value === undefined ? t("none") : form(value);

const columns: Column<Broker>[] = [
	{ id: "name", title: t("column.broker"), text: (b) => b.name, value: (b) => <strong>{b.name}</strong> },
	{
		id: "state", title: t("column.state"), isWhole: true, text: (b) => word("broker", b.state),
		value: (b) => <StateLabel mood={b.state === "Up" ? "good" : "bad"} text={word("broker", b.state)} />,
	},
	{
		id: "address", title: t("column.address"), text: (b) => b.host,
		value: (b) => (b.port ? `${b.host}:${b.port}` : b.host),
	},
	{ id: "uptime", title: t("column.uptime"), value: (b) => told(b.uptimeSeconds, duration) },
	{ id: "connections", title: t("column.connections"), value: (b) => told(b.connections, decimal) },
	{ id: "in", title: t("column.in"), value: (b) => told(b.inMessages, decimal) },
	{ id: "out", title: t("column.out"), value: (b) => told(b.outMessages, decimal) },
	{ id: "slow", title: t("column.slow"), value: (b) => told(b.slowConsumers, decimal) },
	{ id: "memory", title: t("column.memory"), value: (b) => told(b.memoryBytes, bytes) },
	{
		id: "storage", title: t("column.storage"),
		value: (b) => told(b.storageBytes, (n) => t("storage.of", { n: bytes(n), all: bytes(b.storageMostBytes ?? 0) })),
	},
	{ id: "seen", title: t("column.seen"), value: (b) => moment(b.seenMs) },
];

/** Reliable eventing: the brokers, up or down, with figures (PLT-31). */
export function Brokers() {
	return (
		<Place place="brokers" live={useReport("brokers")}>
			{({ brokers }) => (
				<ActionList
					id="brokers" row="broker" title={t("column.broker")} columns={columns} items={brokers}
					keyOf={(b) => b.name} data={(b) => ({ name: b.name, state: b.state })}
					empty={t("brokers.none")}
				/>
			)}
		</Place>
	);
}
