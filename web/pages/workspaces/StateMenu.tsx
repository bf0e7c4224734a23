// SPDX-License-Identifier: Apache-2.0
import { Dropdown, DropdownItem, DropdownList, MenuToggle } from "@patternfly/react-core";
import { useState } from "react";
import type { Code } from "../../api/desk.ts";
import { t, word } from "../../ui/i18n/workspaces.ts";
import { duration } from "../../ui/page/format.ts";
import { useNow } from "../../ui/page/useNow.ts";
import type { AgentDesk } from "./agentDesk.ts";
import { labelOf, useBook } from "./book.ts";
import type { Desk } from "./model.ts";

export function StateMenu({ state, desk }: { state: Desk; desk: AgentDesk }) {
	const [open, setOpen] = useState(false);
	const now = useNow(1000);
	const book = useBook();
	const online = state.connection === "online";
	const current = stateInWords(state, book.reasons);
	const choose = (action: () => void) => () => {
		setOpen(false);
		action();
	};
	return (
		<Dropdown
			isOpen={open} onOpenChange={setOpen} popperProps={{ position: "right", appendTo: "inline" }}
			shouldFocusFirstItemOnOpen
			toggle={(ref) => (
				<MenuToggle
					ref={ref} isExpanded={open} onClick={() => setOpen(!open)}
					isDisabled={state.state === null}
					data-testid="state" data-state={state.state ?? ""}
					data-reason={state.reason ?? ""} data-pending={state.pending}
					data-logout-pending={state.logoutPending} data-working={state.working}
				>
					<span className="pl-state">
						<span className="pl-hidden">{t("state.label")}</span>
						<span
							className="pl-state__dot"
							data-state={online && !state.logoutPending ? state.state ?? "" : ""}
						/>
						<span>{current}</span>
						<span className="pl-state__since">
							{state.wanted ? t("state.asking")
								: state.state && !state.pending && !state.logoutPending && t("state.for", {
									time: duration((now - state.stateSince) / 1000),
								})}
						</span>
					</span>
				</MenuToggle>
			)}
		>
			<DropdownList aria-label={t("state.choose")}>
				{!state.working && (
					<DropdownItem onClick={choose(() => desk.startWork())} data-testid="state-start">
						{t("state.start")}
					</DropdownItem>
				)}
				<DropdownItem onClick={choose(() => desk.ready())} data-testid="state-ready">
					{t("state.Ready")}
				</DropdownItem>
				{reasonsOf(state, book.reasons).map((one) => (
					<DropdownItem
						key={one.code} onClick={choose(() => desk.notReady(one.code))}
						data-testid={`state-notready-${one.code}`}
					>
						{`${t("state.NotReady")} · ${labelOf("reason", one)}`}
					</DropdownItem>
				))}
			</DropdownList>
		</Dropdown>
	);
}

/** Those that this agent may give. */
function reasonsOf({ agent }: Desk, reasons: readonly Code[]): readonly Code[] {
	return agent.reasons?.map((code) => reasons.find((one) => one.code === code) ?? { code }) ?? reasons;
}

/** What is, and plainly what comes after the contacts that are open. */
function stateInWords({ state, reason, pending, logoutPending }: Desk, reasons: readonly Code[]): string {
	if (!state)
		return t("state.unknown");
	if (logoutPending)
		return t("state.logoutPending");
	const why = reason && state !== "Ready"
		? labelOf("reason", reasons.find((one) => one.code === reason) ?? { code: reason }) : "";
	if (pending)
		return t("state.pending", { reason: why || word("state", state) });
	return why ? `${word("state", state)} · ${why}` : word("state", state);
}
