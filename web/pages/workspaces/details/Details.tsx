// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import TimesIcon from "@patternfly/react-icons/dist/esm/icons/times-icon";
import { useState, type KeyboardEvent } from "react";
import { t } from "../../../ui/i18n/workspaces.ts";
import { rove } from "../../../ui/page/rove.ts";
import { customerName, type Contact } from "../model.ts";
import { preferences } from "../preferences.ts";
import { CustomerFacts } from "./CustomerFacts.tsx";
import { History } from "./History.tsx";

const tabs = ["customer", "history"] as const;
type Tab = (typeof tabs)[number];

/** Beside the conversation: who the customer is, the context, and earlier contacts. */
export function Details({ contact }: { contact: Contact }) {
	const [tab, setTab] = useState<Tab>("customer");

	function onKeyDown(event: KeyboardEvent<HTMLElement>) {
		const next = rove(event, "tab")?.dataset["tab"];
		setTab(tabs.find((one) => one === next) ?? tab);
	}

	return (
		<aside
			className="pl-details" id="details" data-testid="details" tabIndex={-1}
			aria-label={`${t("details")}: ${customerName(contact)}`}
			onKeyDown={(event) => {
				if (event.key === "Escape")
					preferences.details.set("off");
			}}
		>
			<Button
				className="pl-details__close" variant="plain" icon={<TimesIcon />}
				aria-label={t("details.close")} onClick={() => preferences.details.set("off")}
				data-testid="details-close"
			/>
			<div role="tablist" aria-label={t("details")} className="pl-tabs" onKeyDown={onKeyDown}>
				{tabs.map((one) => (
					<button
						key={one} type="button" role="tab" id={`details-tab-${one}`} data-tab={one}
						aria-selected={one === tab} aria-controls="details-panel"
						tabIndex={one === tab ? 0 : -1} onClick={() => setTab(one)}
						data-testid={`details-${one}`}
					>
						{t(`details.${one}`)}
					</button>
				))}
			</div>
			<div role="tabpanel" id="details-panel" aria-labelledby={`details-tab-${tab}`}>
				{tab === "customer" ? <CustomerFacts contact={contact} /> : <History contact={contact} />}
			</div>
		</aside>
	);
}
