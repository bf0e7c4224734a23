// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { t } from "../../../ui/i18n/workspaces.ts";
import type { AgentDesk } from "../agentDesk.ts";
import { isJoined, legName, type Contact, type DeskLeg } from "../model.ts";

interface Props {
	contact: Contact;
	desk: AgentDesk;
	online: boolean;
}

/** Colleagues who were asked: how they stand, and what to do with them. */
export function Legs({ contact, desk, online }: Props) {
	return (
		<ul className="pl-legs" aria-label={t("legs")} aria-live="polite" data-testid="legs">
			{contact.legs.map((leg) => (
				<LegRow key={leg.legId} leg={leg} contact={contact} desk={desk} online={online} />
			))}
		</ul>
	);
}

function LegRow({ leg, contact, desk, online }: Props & { leg: DeskLeg }) {
	const { contactId } = contact;
	const name = legName(leg);
	const isOff = !online || leg.released === true;
	return (
		<li className="pl-leg" data-testid="leg" data-leg-id={leg.legId} data-state={leg.state}>
			<span><bdi>{name}</bdi> · {t(leg.released ? "leg.ending" : `leg.${leg.state}`)}</span>
			<span className="pl-leg__actions">
				{leg.state === "joined" && (
					<Button
						variant="link" isInline isDisabled={isOff} data-testid="leg-conference"
						onClick={() => desk.conference(contactId, leg.legId)}
					>
						{t("leg.toConference")}
					</Button>
				)}
				{isJoined(leg) && (
					<Button
						variant="link" isInline data-testid="leg-transfer"
						isDisabled={isOff || contact.asked !== null}
						onClick={() => desk.transfer(contactId, { to: { leg: leg.legId }, note: "" })}
					>
						{t("leg.transfer")}
					</Button>
				)}
				<Button
					variant="link" isInline isDisabled={isOff} data-testid="leg-release"
					onClick={() => desk.release(contactId, leg.legId)}
				>
					{t(leg.state === "offering" ? "leg.cancel" : "leg.release")}
				</Button>
			</span>
		</li>
	);
}
