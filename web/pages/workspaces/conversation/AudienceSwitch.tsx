// SPDX-License-Identifier: Apache-2.0
import LockIcon from "@patternfly/react-icons/dist/esm/icons/lock-icon";
import { t } from "../../../ui/i18n/workspaces.ts";
import type { Audience } from "./drafts.ts";

interface Props {
	audience: Audience;
	customer: string;
	/** The customer doesn't hear this agent yet. */
	isFixed: boolean;
	/** Nobody else is in the contact. */
	isAlone: boolean;
	onChoose(audience: Audience): void;
}

/** Says in words who reads what is written, and lets the agent choose. */
export function AudienceSwitch({ audience, customer, isFixed, isAlone, onChoose }: Props) {
	const isPrivate = audience === "agents";
	return (
		<div className="pl-audience" data-testid="audience" data-audience={audience}>
			<p role="status">
				{isPrivate && <LockIcon />}
				{isPrivate
					? t(isAlone ? "audience.alone" : "audience.private", { customer })
					: t("audience.customer", { customer })}
			</p>
			{!isFixed && (
				<div role="group" aria-label={t("audience")} className="pl-audience__choices">
					{(["customer", "agents"] as const).map((one) => (
						<button
							key={one} type="button" aria-pressed={one === audience}
							onClick={() => onChoose(one)} data-testid={`audience-${one}`}
						>
							{t(`audience.to.${one}`, { customer })}
						</button>
					))}
				</div>
			)}
		</div>
	);
}
