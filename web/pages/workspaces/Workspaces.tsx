// SPDX-License-Identifier: Apache-2.0
import "./workspaces.css";
import { Page } from "@patternfly/react-core";
import { useEffect, useState, useSyncExternalStore } from "react";
import type { Claims } from "../../ui/auth/claims.ts";
import { t } from "../../ui/i18n/workspaces.ts";
import { Header, mainId, skipToContent } from "../../ui/page/Header.tsx";
import type { AgentDesk } from "./agentDesk.ts";
import { ConnectionBanner } from "./ConnectionBanner.tsx";
import { ContactTabs } from "./ContactTabs.tsx";
import { Conversation } from "./Conversation.tsx";
import { openOffers } from "./desk.ts";
import { Details } from "./Details.tsx";
import { NoContacts } from "./NoContacts.tsx";
import { Notices } from "./Notices.tsx";
import { Offers } from "./Offers.tsx";
import { SignOutDialog } from "./SignOutDialog.tsx";
import { StateMenu } from "./StateMenu.tsx";

export function Workspaces({ claims, desk }: { claims: Claims; desk: AgentDesk }) {
	const state = useSyncExternalStore(desk.store.subscribe, desk.store.get);
	const [leaving, setLeaving] = useState(false);
	const offers = openOffers(state);
	const mine = state.contacts.filter((c) => c.phase !== "offered");
	const selected = mine.find((c) => c.contactId === state.selected) ?? null;

	useEffect(() => {
		document.title = `${offers.length
			? t("title.offer", { n: offers.length }) : t("title")} · Pelago`;
	}, [offers.length]);

	return (
		<Page
			className="pl-workspaces" isContentFilled mainContainerId={mainId} skipToContent={skipToContent}
			masthead={
				<Header
					claims={claims} suffix={t("title")}
					onSignOut={() => (mine.length ? setLeaving(true) : void desk.logOut())}
				>
					<StateMenu state={state} desk={desk} />
				</Header>
			}
		>
			<div className="pl-desk" data-testid="desk" data-connection={state.connection}>
				<ConnectionBanner connection={state.connection} desk={desk} />
				<Notices notices={state.notices} desk={desk} />
				<div className="pl-desk__columns">
					<div className="pl-desk__side">
						<ContactTabs contacts={mine} selected={state.selected} desk={desk} />
						<Offers offers={offers} desk={desk} />
					</div>
					{selected ? (
						<>
							<Conversation
								key={selected.contactId} contact={selected} desk={desk}
								online={state.connection === "online"} agent={state.agent}
							/>
							<Details contact={selected} />
						</>
					) : (
						<NoContacts state={state} desk={desk} />
					)}
				</div>
			</div>
			{leaving && (
				<SignOutDialog
					open={mine.length} onStay={() => setLeaving(false)}
					onLeave={() => void desk.logOut()}
				/>
			)}
		</Page>
	);
}
