// SPDX-License-Identifier: Apache-2.0
import {
	Button, DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm,
} from "@patternfly/react-core";
import type { Context } from "../../../api/desk.ts";
import { t, word } from "../../../ui/i18n/workspaces.ts";
import { useJson } from "../../../ui/page/useJson.ts";
import { serviceTitle, useBook } from "../book.ts";
import type { Contact } from "../model.ts";

export function CustomerFacts({ contact }: { contact: Contact }) {
	const { customer, channel, service, context } = contact;
	const { services } = useBook();
	const chatId = contact.consultation?.parentId ?? contact.contactId;
	const kept = useJson<Context>(
		`/services/ContextStoreRest/cs/contexts/${encodeURIComponent(chatId)}`);
	const known: [string, string][] = [
		[t("details.name"), customer.name ?? ""],
		[t("details.email"), customer.email ?? ""],
		[t("details.channel"), word("channel", channel)],
		[t("details.service"), serviceTitle(service, services)],
	];
	// What workflows and others have written since lies over what came with the contact.
	const all = { ...context, ...(kept.state === "here" ? kept.value.data : {}) };
	const entries = flatten(all).map(([key, value]): [string, string] => [word("context", key), value]);
	return (
		<>
			<Terms entries={known.filter(([, value]) => value)} />
			<h2>{t("details.context")}</h2>
			{entries.length > 0 && <Terms entries={entries} />}
			<p role="status" className="pl-subtle">
				{kept.state === "loading" ? t("loading")
					: kept.state === "failed" ? t("details.failed")
					: entries.length === 0 ? t("details.none") : ""}
			</p>
			{kept.state === "failed" && (
				<Button variant="link" isInline onClick={kept.again}>{t("again")}</Button>
			)}
		</>
	);
}

function Terms({ entries }: { entries: [string, string][] }) {
	return (
		<DescriptionList isCompact>
			{entries.map(([term, value]) => (
				<DescriptionListGroup key={term}>
					<DescriptionListTerm>{term}</DescriptionListTerm>
					<DescriptionListDescription><bdi>{value}</bdi></DescriptionListDescription>
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
