// SPDX-License-Identifier: Apache-2.0
import { EmptyState } from "@patternfly/react-core";

export function Empty({ text }: { text: string }) {
	return <EmptyState titleText={text} headingLevel="h2" data-testid="empty" />;
}
