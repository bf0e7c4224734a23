// SPDX-License-Identifier: Apache-2.0
import { Button, TextInput } from "@patternfly/react-core";
import { useState, type FormEvent } from "react";
import type { LogLine, LogPage } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { Note } from "../../../ui/page/Note.tsx";
import { ActionList } from "../list/ActionList.tsx";
import type { Column } from "../list/column.ts";
import { pageOf } from "../live/pages.ts";
import { useQuestion } from "../live/useQuestion.ts";
import { Place } from "../Place.tsx";
import { StateLabel, type Mood } from "../StateLabel.tsx";
import { setQuery, useAddress } from "../useAddress.ts";

type Line = LogLine & { id: string };

interface Way {
	lines: Line[];
	silent: string[];
	hasMore: boolean;
}

const moods: Record<string, Mood> = { ERROR: "bad", WARN: "attention" };

const columns: Column<Line>[] = [
	{ id: "at", title: t("column.at"), isWhole: true, width: "14rem", value: (l) => <time dateTime={l.at}>{l.at}</time> },
	{
		id: "level", title: t("column.level"), width: "6rem", text: (l) => l.level,
		value: (l) => <StateLabel mood={moods[l.level] ?? "idle"} text={l.level} />,
	},
	{ id: "program", title: t("column.program"), text: (l) => l.program, value: (l) => l.program },
	{ id: "node", title: t("column.node"), text: (l) => l.node, value: (l) => l.node },
	{ id: "event", title: t("column.event"), text: (l) => l.event, value: (l) => l.event },
	{ id: "text", title: t("column.text"), text: (l) => l.text, value: (l) => l.text },
];

const nothing: Way = { lines: [], silent: [], hasMore: false };

/** The way of one contact through all processes, by its id, which is in the address (PLT-33). */
export function Logs() {
	const contact = useAddress().query.get("contact") ?? "";
	const [live] = useQuestion(contact, () => (contact ? wayOf(contact) : Promise.resolve(nothing)));
	return (
		<Place place="logs" live={live}>
			{({ lines, silent, hasMore }) => (
				<>
					<Ask contact={contact} />
					{silent.length > 0 && (
						<Note component="h2" variant="warning" title={t("logs.silent", { nodes: silent.join(", ") })} />
					)}
					{hasMore && <Note component="h2" variant="info" title={t("logs.more")} />}
					<ActionList
						id="lines" row="line" title={t("nav.logs")} columns={columns} items={lines}
						keyOf={(l) => l.id} data={(l) => ({ program: l.program, event: l.event, level: l.level })}
						empty={t(contact ? "logs.none" : "logs.ask")}
					/>
				</>
			)}
		</Place>
	);
}

function Ask({ contact }: { contact: string }) {
	const [typed, setTyped] = useState(contact);
	function ask(event: FormEvent): void {
		event.preventDefault();
		setQuery("contact", typed.trim());
	}
	return (
		<form className="pl-commit__row" onSubmit={ask} role="search">
			<TextInput
				value={typed} aria-label={t("logs.contact")} placeholder={t("logs.contact")}
				data-testid="contact" onChange={(_event, text) => setTyped(text)}
			/>
			<Button type="submit" isDisabled={!typed.trim()} data-testid="contact-ask">{t("logs.show")}</Button>
		</form>
	);
}

async function wayOf(contact: string): Promise<Way> {
	const way: Way = { lines: [], silent: [], hasMore: false };
	let cursor: string | null = null;
	do {
		const page = await pageOf<LogLine>(
			`/api/v1/logs?contact=${encodeURIComponent(contact)}`, cursor) as LogPage;
		// Lines have no ids, and two may be alike: their place in the way tells them apart.
		way.lines.push(...page.items.map((line, i) => ({ ...line, id: String(way.lines.length + i) })));
		way.silent = page.silent;
		way.hasMore = page.hasMore;
		cursor = page.cursor;
	} while (cursor);
	return way;
}
