// SPDX-License-Identifier: Apache-2.0
import { Button, EmptyState, EmptyStateBody, EmptyStateFooter } from "@patternfly/react-core";
import { t } from "../i18n/common.ts";

export function Trouble({ title, text }: { title: string; text: string }) {
	return (
		<EmptyState titleText={title} headingLevel="h1" status="danger" data-testid="trouble">
			<EmptyStateBody>{text}</EmptyStateBody>
			<EmptyStateFooter>
				<Button onClick={() => location.reload()} data-testid="trouble-retry">
					{t("tryAgain")}
				</Button>
			</EmptyStateFooter>
		</EmptyState>
	);
}
