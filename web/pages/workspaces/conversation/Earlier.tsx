// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { useState } from "react";
import type { WholeContact } from "../../../api/desk.ts";
import { t } from "../../../ui/i18n/workspaces.ts";
import { getJson } from "../../../ui/net/api.ts";
import type { AgentDesk } from "../agentDesk.ts";
import type { Contact } from "../model.ts";

/** Fetches what was said before the part of a long conversation that came with the contact. */
export function Earlier({ contact, desk }: { contact: Contact; desk: AgentDesk }) {
	const [state, setState] = useState<"rest" | "fetching" | "failed" | "none">("rest");
	const first = contact.transcript.events[0]?.seq ?? 1;
	if (first <= 1 || state === "none")
		return null;

	async function fetchThem() {
		setState("fetching");
		const chatId = contact.consultation?.parentId ?? contact.contactId;
		try {
			const { transcript } = await getJson<WholeContact>(
				`/services/OCPDataServices/contacts/${encodeURIComponent(chatId)}`);
			const events = transcript
				.filter((message) => !message.private && message.seq < first)
				.map(({ seq, from, name, text, atMs }) => ({
					type: "message" as const, seq, from, text, at: new Date(atMs).toISOString(),
					...(name ? { name } : {}),
				}));
			desk.earlier(contact.contactId, events);
			// What isn't there has been no message.
			setState("none");
		} catch {
			setState("failed");
		}
	}

	return (
		<p className="pl-event">
			{state === "failed" && `${t("earlier.failed")} `}
			<Button
				variant="link" isInline isDisabled={state === "fetching"}
				onClick={() => void fetchThem()} data-testid="earlier"
			>
				{t("earlier")}
			</Button>
		</p>
	);
}
