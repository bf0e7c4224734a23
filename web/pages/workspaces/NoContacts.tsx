// SPDX-License-Identifier: Apache-2.0
import { Button, EmptyState, EmptyStateBody, EmptyStateFooter } from "@patternfly/react-core";
import CommentsIcon from "@patternfly/react-icons/dist/esm/icons/comments-icon";
import { t } from "../../ui/i18n/workspaces.ts";
import type { AgentDesk } from "./agentDesk.ts";
import { openOffers, type Desk } from "./desk.ts";

export function NoContacts({ state, desk }: { state: Desk; desk: AgentDesk }) {
	const ready = state.state === "Ready";
	const isOffered = openOffers(state).length > 0;
	return (
		<div className="pl-nocontacts">
			<EmptyState
				titleText={titleOf(state, isOffered)} headingLevel="h1" icon={CommentsIcon}
				data-testid="no-contacts"
			>
				{state.state && !isOffered && (
					<EmptyStateBody>
						{t(ready ? "empty.ready.text" : "empty.notReady.text")}
					</EmptyStateBody>
				)}
				{state.state && !ready && !isOffered && (
					<EmptyStateFooter>
						<Button
							onClick={() => desk.ready()} isDisabled={state.wanted !== null}
							data-testid="go-ready"
						>
							{t("contacts.goReady")}
						</Button>
					</EmptyStateFooter>
				)}
			</EmptyState>
		</div>
	);
}

function titleOf({ state }: Desk, isOffered: boolean): string {
	if (isOffered)
		return t("empty.offered");
	return state ? t(state === "Ready" ? "empty.ready" : "empty.notReady") : t("contacts.none");
}
