// SPDX-License-Identifier: Apache-2.0
import { Button, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useState } from "react";
import type { AgentInfo } from "../../api/agent.ts";
import { t, word } from "../../ui/i18n/workspaces.ts";
import { useNow } from "../../ui/page/useNow.ts";
import type { AgentDesk } from "./agentDesk.ts";
import { defaultDispositions } from "./codes.ts";
import { customerName, secondsLeft, type Contact } from "./desk.ts";

interface Props {
	contact: Contact;
	desk: AgentDesk;
	agent: AgentInfo;
}

/** Head of a conversation: who it is with, how it ended, and how the agent ends it. */
export function CloseBar({ contact, desk, agent }: Props) {
	const [disposition, setDisposition] = useState(contact.disposition ?? "");
	const { contactId, phase, asked } = contact;
	const isOver = phase === "wrapup";
	return (
		<header className="pl-closebar">
			<h1>{customerName(contact)}</h1>
			{isOver && <WrapUpLeft contact={contact} />}
			<div className="pl-closebar__actions">
				<FormSelect
					value={disposition} onChange={(_e, value) => setDisposition(value)}
					aria-label={t("disposition")} className="pl-disposition"
					data-testid="disposition"
				>
					<FormSelectOption value="" label={t("disposition")} isPlaceholder />
					{(agent.dispositions ?? defaultDispositions).map((code) => (
						<FormSelectOption
							key={code} value={code} label={word("disposition", code)}
						/>
					))}
				</FormSelect>
				{isOver ? (
					<Button
						onClick={() => desk.complete(contactId, disposition)}
						isDisabled={asked === "complete" || contact.deadline === null}
						data-testid="complete"
					>
						{t(asked === "complete" ? "wrapup.completing" : "wrapup.complete")}
					</Button>
				) : (
					<Button
						variant="secondary" onClick={() => desk.close(contactId, disposition)}
						isDisabled={asked === "close"} title={t("close.title")}
						data-testid="close"
					>
						{t(asked === "close" ? "close.closing" : "close")}
					</Button>
				)}
			</div>
		</header>
	);
}

function WrapUpLeft({ contact }: { contact: Contact }) {
	const now = useNow(250);
	const { deadline } = contact;
	const seconds = secondsLeft(contact, now);
	return (
		<span className="pl-wrapup" data-testid="wrapup">
			{t("wrapup.title")}
			{deadline !== null && (
				<>
					{" · "}
					<span data-testid="wrapup-countdown">{t("wrapup.left", { n: seconds })}</span>
				</>
			)}
		</span>
	);
}
