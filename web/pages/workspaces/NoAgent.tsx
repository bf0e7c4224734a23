// SPDX-License-Identifier: Apache-2.0
import "./workspaces.css";
import { Button, EmptyState, EmptyStateBody, EmptyStateFooter, Page } from "@patternfly/react-core";
import type { Claims } from "../../ui/auth/claims.ts";
import { signOut } from "../../ui/auth/session.ts";
import { t } from "../../ui/i18n/workspaces.ts";
import { Header, mainId, skipToContent } from "../../ui/page/Header.tsx";

/** For somebody who is signed in and has no desk: signing in again would lead here again. */
export function NoAgent({ claims }: { claims: Claims }) {
	return (
		<Page
			isContentFilled mainContainerId={mainId} skipToContent={skipToContent}
			masthead={<Header claims={claims} suffix={t("title")} onSignOut={() => void signOut()} />}
		>
			<EmptyState titleText={t("noAgent")} headingLevel="h1" data-testid="no-agent">
				<EmptyStateBody>{t("noAgent.text")}</EmptyStateBody>
				<EmptyStateFooter>
					<Button component="a" href="/">{t("noAgent.action")}</Button>
				</EmptyStateFooter>
			</EmptyState>
		</Page>
	);
}
