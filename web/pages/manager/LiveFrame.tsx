// SPDX-License-Identifier: Apache-2.0
import { Label, Spinner } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { t } from "../../ui/i18n/manager.ts";
import { duration } from "../../ui/page/format.ts";
import { useNow } from "../../ui/page/useNow.ts";
import { Note } from "../../ui/page/Note.tsx";
import { staleAfter, type Live, type Report } from "./live.ts";

interface Props {
	live: Live;
	children(report: Report): ReactNode;
}

/** Says how fresh the data is; what isn't fresh is shown dimmed, with its age. */
export function LiveFrame({ live, children }: Props) {
	const now = useNow(1000);
	const { report, failure } = live;
	const age = report ? Math.max(0, now - report.at) : null;
	const isStale = age !== null && (failure !== null || age > staleAfter);
	const freshness = age === null ? "none" : isStale ? "stale" : "live";
	return (
		<div data-testid="freshness" data-freshness={freshness} data-age={Math.round((age ?? 0) / 1000)}>
			<div className="pl-fresh" role="status">
				{freshness === "live" && <Label color="green" isCompact>{t("live.now")}</Label>}
				{age !== null && isStale && (
					<Note
						variant="warning" data-testid="stale"
						title={t("live.stale", { age: duration(age / 1000) })}
					>
						{failure?.detail}
					</Note>
				)}
				{!report && failure && (
					<Note
						variant="danger" data-testid="unreachable"
						title={failure.refused
							? t("live.refused", { detail: failure.detail }).trim()
							: t("live.never")}
					>
						{!failure.refused && failure.detail}
					</Note>
				)}
				{!report && !failure && <Spinner size="lg" aria-label={t("live.waiting")} />}
			</div>
			{report && (
				<div className={isStale ? "pl-stale" : ""} aria-disabled={isStale || undefined}>
					{children(report)}
				</div>
			)}
		</div>
	);
}
