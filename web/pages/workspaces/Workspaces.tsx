// SPDX-License-Identifier: Apache-2.0
import "./workspaces.css";
import { Button, Page } from "@patternfly/react-core";
import KeyboardIcon from "@patternfly/react-icons/dist/esm/icons/keyboard-icon";
import { useEffect, useState, useSyncExternalStore } from "react";
import type { Claims } from "../../ui/auth/claims.ts";
import { t } from "../../ui/i18n/workspaces.ts";
import { Header, mainId, skipToContent } from "../../ui/page/Header.tsx";
import { useSetting } from "../../ui/page/useSetting.ts";
import type { AgentDesk } from "./agentDesk.ts";
import { DeskSettings } from "./alerts/DeskSettings.tsx";
import { ConnectionBanner } from "./ConnectionBanner.tsx";
import { ContactTabs } from "./ContactTabs.tsx";
import { Conversation } from "./conversation/Conversation.tsx";
import { Details } from "./details/Details.tsx";
import { ShortcutsDialog } from "./dialogs/ShortcutsDialog.tsx";
import { SignOutDialog } from "./dialogs/SignOutDialog.tsx";
import { held, openOffers, type Desk } from "./model.ts";
import { NoContacts } from "./NoContacts.tsx";
import { Notices } from "./Notices.tsx";
import { Offers } from "./Offers.tsx";
import { preferences } from "./preferences.ts";
import { StateMenu } from "./StateMenu.tsx";
import { useFocusKeeper } from "./useFocusKeeper.ts";
import { ViewBar } from "./ViewBar.tsx";

interface Props {
	claims: Claims;
	desk: AgentDesk;
}

export function Workspaces({ claims, desk }: Props) {
	const state = useSyncExternalStore(desk.store.subscribe, desk.store.get);
	const [leaving, setLeaving] = useState(false);
	const [keys, setKeys] = useState(false);
	const mine = held(state);
	useTitle(state);
	useFocusKeeper();

	return (
		<Page
			className="pl-workspaces" isContentFilled mainContainerId={mainId} skipToContent={skipToContent}
			masthead={
				<Header
					claims={claims} suffix={t("title")} settings={<DeskSettings />}
					onSignOut={() => (mine.length ? setLeaving(true) : void desk.logOut())}
				>
					<StateMenu state={state} desk={desk} />
					<Button
						variant="plain" icon={<KeyboardIcon />} aria-label={t("shortcuts")}
						title={t("shortcuts")} onClick={() => setKeys(true)} data-testid="shortcuts"
					/>
				</Header>
			}
		>
			<div
				className="pl-desk" data-testid="desk" data-connection={state.connection}
				data-split={state.split}
			>
				<ConnectionBanner connection={state.connection} desk={desk} />
				<Notices notices={state.notices} desk={desk} />
				<Columns state={state} desk={desk} />
			</div>
			{keys && <ShortcutsDialog onClose={() => setKeys(false)} />}
			{leaving && (
				<SignOutDialog
					open={mine.length} onStay={() => setLeaving(false)}
					onLater={() => {
						setLeaving(false);
						desk.logOutLater();
					}}
					onLeave={() => void desk.logOut()}
				/>
			)}
		</Page>
	);
}

function Columns({ state, desk }: { state: Desk; desk: AgentDesk }) {
	const details = useSetting(preferences.details) === "on";
	const mine = held(state);
	const selected = mine.find((c) => c.contactId === state.selected);
	const shown = state.shown.flatMap((id) => mine.find((c) => c.contactId === id) ?? []);
	return (
		<div className="pl-desk__columns" data-details={details && selected !== undefined}>
			<div className="pl-desk__side">
				<ContactTabs
					contacts={mine} selected={state.selected} shown={state.shown} desk={desk}
				/>
				<Offers offers={openOffers(state)} desk={desk} />
			</div>
			{selected ? (
				<>
					<div className="pl-panes" data-panes={shown.length}>
						<ViewBar state={state} desk={desk} />
						<div className="pl-panes__row">
							{shown.map((contact) => (
								<Conversation
									key={contact.contactId} contact={contact} desk={desk}
									online={state.connection === "online"}
									isSelected={contact === selected}
								/>
							))}
						</div>
					</div>
					{details && <Details key={selected.contactId} contact={selected} />}
				</>
			) : (
				<NoContacts state={state} desk={desk} />
			)}
		</div>
	);
}

/** The tab's title calls when the page is out of sight. */
function useTitle(state: Desk): void {
	const offers = openOffers(state).length;
	const unread = state.contacts.reduce((sum, c) => sum + c.unread, 0);
	useEffect(() => {
		const title = offers ? t("title.offer", { n: offers })
			: unread ? t("title.unread", { n: unread }) : t("title");
		document.title = `${title} · Pelago`;
	}, [offers, unread]);
}
