// SPDX-License-Identifier: Apache-2.0
import { Dropdown, DropdownItem, DropdownList, MenuToggle } from "@patternfly/react-core";
import { useState } from "react";
import { t, word } from "../../ui/i18n/workspaces.ts";
import { duration } from "../../ui/page/format.ts";
import { useNow } from "../../ui/page/useNow.ts";
import type { AgentDesk } from "./agentDesk.ts";
import { defaultReasons } from "./codes.ts";
import type { Desk } from "./desk.ts";

export function StateMenu({ state, desk }: { state: Desk; desk: AgentDesk }) {
	const [open, setOpen] = useState(false);
	const now = useNow(1000);
	const online = state.connection === "online";
	const current = stateInWords(state);
	const choose = (action: () => void) => () => {
		setOpen(false);
		action();
	};
	return (
		<Dropdown
			isOpen={open} onOpenChange={setOpen} popperProps={{ position: "right" }}
			toggle={(ref) => (
				<MenuToggle
					ref={ref} isExpanded={open} onClick={() => setOpen(!open)}
					isDisabled={state.state === null}
					aria-label={t("state.label", { state: current })}
					data-testid="state" data-state={state.state ?? ""}
					data-reason={state.reason ?? ""}
				>
					<span className="pl-state">
						<span className="pl-state__dot" data-state={online ? state.state ?? "" : ""} />
						<span>{current}</span>
						<span className="pl-state__since">
							{state.wanted ? t("state.asking")
								: state.state && t("state.for", {
									time: duration((now - state.stateSince) / 1000),
								})}
						</span>
					</span>
				</MenuToggle>
			)}
		>
			<DropdownList aria-label={t("state.choose")}>
				<DropdownItem onClick={choose(() => desk.ready())} data-testid="state-ready">
					{t("state.Ready")}
				</DropdownItem>
				{(state.agent.reasons ?? defaultReasons).map((reason) => (
					<DropdownItem
						key={reason} onClick={choose(() => desk.notReady(reason))}
						data-testid={`state-notready-${reason}`}
					>
						{`${t("state.NotReady")} · ${word("reason", reason)}`}
					</DropdownItem>
				))}
			</DropdownList>
		</Dropdown>
	);
}

function stateInWords({ state, reason }: Desk): string {
	if (!state)
		return t("state.unknown");
	const words = word("state", state);
	return reason && state !== "Ready" ? `${words} · ${word("reason", reason)}` : words;
}
