// SPDX-License-Identifier: Apache-2.0
import { Label, Spinner } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { t } from "../../../ui/i18n/manager.ts";
import { duration } from "../../../ui/page/format.ts";
import { useNow } from "../../../ui/page/useNow.ts";
import { Note } from "../../../ui/page/Note.tsx";
import { staleAfterMs, type Live } from "./live.ts";

interface Props<T> {
	live: Live<T>;
	children(value: T): ReactNode;
}

/** Says how fresh the data is; what isn't fresh is shown dimmed, with its age. */
export function LiveFrame<T>({ live, children }: Props<T>) {
	const now = useNow(1000);
	const { value, at, failure } = live;
	const age = value !== null ? Math.max(0, now - at) : null;
	const isStale = age !== null && (failure !== null || age > staleAfterMs);
	const freshness = age === null ? "none" : isStale ? "stale" : "live";
	return (
		<div data-testid="freshness" data-freshness={freshness} data-age={Math.round((age ?? 0) / 1000)}>
			<div className="pl-fresh" role="status">
				{freshness === "live" && <Label color="green" isCompact>{t("live.now")}</Label>}
				{age !== null && isStale && (
					<Note
						component="h2" variant="warning" data-testid="stale"
						title={t("live.stale", { age: duration(age / 1000) })}
					>
						{failure?.detail}
					</Note>
				)}
				{value === null && failure && (
					<Note
						component="h2" variant="danger" data-testid="unreachable"
						title={failure.refused
							? t("live.refused", { detail: failure.detail }).trim()
							: t("live.never")}
					>
						{!failure.refused && failure.detail}
					</Note>
				)}
				{value === null && !failure && <Spinner size="lg" aria-label={t("live.waiting")} />}
			</div>
			{value !== null && (
				<div className={isStale ? "pl-stale" : ""} aria-disabled={isStale || undefined}>
					{children(value)}
				</div>
			)}
		</div>
	);
}
