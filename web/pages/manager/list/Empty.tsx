// SPDX-License-Identifier: Apache-2.0
import { EmptyState, EmptyStateBody } from "@patternfly/react-core";
import type { ReactNode } from "react";

export function Empty({ text, children }: { text: string; children?: ReactNode }) {
	return (
		<EmptyState titleText={text} headingLevel="h2" data-testid="empty">
			{children && <EmptyStateBody>{children}</EmptyStateBody>}
		</EmptyState>
	);
}
