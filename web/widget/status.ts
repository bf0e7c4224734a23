// SPDX-License-Identifier: Apache-2.0

/** The one line that says how things stand. */

import { partner, type ChatState } from "./session.ts";
import type { Texts } from "./texts.ts";

export interface Status {
	text: string;
	tone: "calm" | "warning";
}

export function statusOf(state: ChatState, { t, word }: Texts): Status {
	const calm = (text: string): Status => ({ text, tone: "calm" });
	const warning = (text: string): Status => ({ text, tone: "warning" });
	if (state.phase === "form")
		return state.notice ? warning(word("error", state.notice)) : calm("");
	if (state.phase === "opening") {
		if (state.notice)
			return warning(word("error", state.notice));
		return calm(t("status.opening"));
	}
	if (state.phase !== "chat")
		return calm("");
	if (!state.online)
		return warning(t("status.lost"));
	if (state.notice)
		return warning(word("error", state.notice));
	if (!state.ready)
		return calm(t("status.resuming"));
	if (state.closing)
		return calm(t("end.waiting"));
	const name = partner(state);
	if (name !== null)
		return calm(t("status.with", { name: name || word("role", "agent") }));
	if (!state.queue)
		return calm(t("status.waiting"));
	const { position, waitSeconds } = state.queue;
	if (!waitSeconds)
		return calm(t("status.queue", { n: position }));
	const minutes = Math.ceil(waitSeconds / 60);
	const time = minutes <= 1 ? t("time.seconds") : t("time.minutes", { n: minutes });
	return calm(t("status.queue.wait", { n: position, time }));
}
