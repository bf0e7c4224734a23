// SPDX-License-Identifier: Apache-2.0
import { AlertActionCloseButton } from "@patternfly/react-core";
import { t } from "../../ui/i18n/workspaces.ts";
import { Note } from "../../ui/page/Note.tsx";
import type { AgentDesk } from "./agentDesk.ts";
import type { Notice } from "./model.ts";

export function Notices({ notices, desk }: { notices: readonly Notice[]; desk: AgentDesk }) {
	return (
		<div className="pl-notices" role="status" aria-live="polite" data-testid="notices">
			{notices.map((notice) => (
				<Note
					key={notice.id} variant={notice.kind === "error" ? "warning" : "info"}
					title={inWords(notice)} data-testid="notice" data-kind={notice.kind}
					actionClose={(
						<AlertActionCloseButton
							aria-label={t("notice.dismiss")} onClose={() => desk.dismiss(notice.id)}
						/>
					)}
				/>
			))}
		</div>
	);
}

function inWords(notice: Notice): string {
	switch (notice.kind) {
	case "gone":
		return t("notice.gone", { customer: notice.customer });
	case "leg": {
		const { state, name, customer } = notice;
		return t(state === "declined" || state === "noAnswer" ? `notice.leg.${state}` : "notice.leg.ended",
			{ name, customer });
	}
	case "error":
		return t(`error.${notice.code}`, { message: notice.message ?? "" }).trim();
	case "withdrawn": {
		const { reason, customer } = notice;
		return reason === "noAnswer" || reason === "customerLeft" || reason === "transferred" || reason === "withdrawn"
			? t(`notice.withdrawn.${reason}`, { customer })
			: t("notice.withdrawn.other", { customer, reason });
	}
	}
}
