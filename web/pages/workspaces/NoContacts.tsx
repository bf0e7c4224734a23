// SPDX-License-Identifier: Apache-2.0
import { Button, EmptyState, EmptyStateBody, EmptyStateFooter } from "@patternfly/react-core";
import CommentsIcon from "@patternfly/react-icons/dist/esm/icons/comments-icon";
import { t } from "../../ui/i18n/workspaces.ts";
import type { AgentDesk } from "./agentDesk.ts";
import type { Desk } from "./desk.ts";

export function NoContacts({ state, desk }: { state: Desk; desk: AgentDesk }) {
	const ready = state.state === "Ready";
	return (
		<div className="pl-nocontacts">
			<EmptyState
				titleText={t("contacts.none")} headingLevel="h1" icon={CommentsIcon}
				data-testid="no-contacts"
			>
				{state.state && (
					<EmptyStateBody>
						{t(ready ? "contacts.none.ready" : "contacts.none.notReady")}
					</EmptyStateBody>
				)}
				{state.state && !ready && (
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
