// SPDX-License-Identifier: Apache-2.0
import type { AgentInfo } from "../../api/agent.ts";
import { t } from "../../ui/i18n/workspaces.ts";
import type { AgentDesk } from "./agentDesk.ts";
import { CloseBar } from "./CloseBar.tsx";
import { Composer } from "./Composer.tsx";
import { customerName, type Contact } from "./desk.ts";
import { Messages } from "./Messages.tsx";

interface Props {
	contact: Contact;
	desk: AgentDesk;
	agent: AgentInfo;
	online: boolean;
}

export function Conversation({ contact, desk, agent, online }: Props) {
	const customer = customerName(contact);
	return (
		<section
			className="pl-conversation" id="conversation" role="tabpanel"
			aria-label={t("conversation", { customer })}
			data-testid="conversation" data-contact-id={contact.contactId}
			data-phase={contact.phase}
		>
			<CloseBar contact={contact} desk={desk} agent={agent} />
			<Messages contact={contact} desk={desk} online={online} />
			{contact.phase === "active" && <Composer contact={contact} desk={desk} />}
		</section>
	);
}
