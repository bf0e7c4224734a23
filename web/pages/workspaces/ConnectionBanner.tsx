// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { t } from "../../ui/i18n/workspaces.ts";
import type { AgentDesk } from "./agentDesk.ts";
import type { Connection } from "./model.ts";

export function ConnectionBanner({ connection, desk }: { connection: Connection; desk: AgentDesk }) {
	return (
		<div role="status" aria-live="polite">
			{connection !== "online" && (
				<div
					className={`pl-banner pl-banner--${connection}`}
					data-testid="connection-banner" data-connection={connection}
				>
					<span>{t(`connection.${connection}`)}</span>
					{(connection === "replaced" || connection === "out") && (
						<Button
							variant="secondary" size="sm" onClick={() => desk.takeBack()}
							data-testid="take-back"
						>
							{t(`connection.${connection}.action`)}
						</Button>
					)}
				</div>
			)}
		</div>
	);
}
