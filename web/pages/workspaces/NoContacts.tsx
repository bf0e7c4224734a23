// SPDX-License-Identifier: Apache-2.0
import { Button, EmptyState, EmptyStateBody, EmptyStateFooter } from "@patternfly/react-core";
import CommentsIcon from "@patternfly/react-icons/dist/esm/icons/comments-icon";
import { t } from "../../ui/i18n/workspaces.ts";
import type { AgentDesk } from "./agentDesk.ts";
import { openOffers, type Desk } from "./model.ts";

type Case = "none" | "offered" | "start" | "ready" | "notReady";

export function NoContacts({ state, desk }: { state: Desk; desk: AgentDesk }) {
	const now = caseOf(state);
	return (
		<div className="pl-nocontacts">
			<EmptyState
				titleText={now === "none" ? t("contacts.none") : t(`empty.${now}`)} headingLevel="h1"
				icon={CommentsIcon} data-testid="no-contacts" data-case={now}
			>
				{now !== "none" && now !== "offered" && (
					<EmptyStateBody>{t(`empty.${now}.text`)}</EmptyStateBody>
				)}
				{now === "start" && (
					<EmptyStateFooter>
						<Button
							onClick={() => desk.startWork()} isDisabled={state.wanted !== null}
							data-testid="start-work"
						>
							{t("state.start")}
						</Button>
					</EmptyStateFooter>
				)}
				{(now === "notReady" || now === "start") && (
					<EmptyStateFooter>
						<Button
							variant={now === "start" ? "link" : "primary"} onClick={() => desk.ready()}
							isDisabled={state.wanted !== null} data-testid="go-ready"
						>
							{t("contacts.goReady")}
						</Button>
					</EmptyStateFooter>
				)}
			</EmptyState>
		</div>
	);
}

function caseOf(state: Desk): Case {
	if (openOffers(state).length > 0)
		return "offered";
	if (!state.state)
		return "none";
	if (!state.working)
		return "start";
	return state.state === "Ready" ? "ready" : "notReady";
}
