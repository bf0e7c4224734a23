// SPDX-License-Identifier: Apache-2.0
import {
	DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm,
} from "@patternfly/react-core";
import { t, word } from "../../ui/i18n/workspaces.ts";
import type { Contact } from "./desk.ts";

export function Details({ contact }: { contact: Contact }) {
	const { customer, channel, service, context } = contact;
	const known: [string, string][] = [
		[t("details.name"), customer.name ?? ""],
		[t("details.email"), customer.email ?? ""],
		[t("details.channel"), word("channel", channel)],
		[t("details.service"), service],
	];
	const entries = flatten(context).map(([key, value]): [string, string] => [word("context", key), value]);
	return (
		<aside className="pl-details" aria-label={t("details")} data-testid="details">
			<h2>{t("details")}</h2>
			<Terms entries={known.filter(([, value]) => value)} />
			<h3>{t("details.context")}</h3>
			{entries.length
				? <Terms entries={entries} />
				: <p className="pl-subtle">{t("details.none")}</p>}
		</aside>
	);
}

function Terms({ entries }: { entries: [string, string][] }) {
	return (
		<DescriptionList isCompact>
			{entries.map(([term, value]) => (
				<DescriptionListGroup key={term}>
					<DescriptionListTerm>{term}</DescriptionListTerm>
					<DescriptionListDescription>{value}</DescriptionListDescription>
				</DescriptionListGroup>
			))}
		</DescriptionList>
	);
}

/** Nested context as one list: `{page:{url:"x"}}` is `page.url`. */
function flatten(value: Record<string, unknown>, prefix = ""): [string, string][] {
	return Object.entries(value).flatMap(([key, item]): [string, string][] => {
		const name = prefix + key;
		if (item === null || item === undefined || item === "")
			return [];
		if (Array.isArray(item))
			return [[name, item.map(String).join(", ")]];
		if (typeof item === "object")
			return flatten(item as Record<string, unknown>, `${name}.`);
		return [[name, String(item)]];
	});
}
