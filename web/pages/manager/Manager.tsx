// SPDX-License-Identifier: Apache-2.0
import "./manager.css";
import {
	MastheadToggle, Page, PageSection, PageSidebar, PageSidebarBody, PageToggleButton,
} from "@patternfly/react-core";
import { useEffect, useRef, type ReactNode } from "react";
import type { Claims } from "../../ui/auth/claims.ts";
import { signOut } from "../../ui/auth/session.ts";
import { t } from "../../ui/i18n/manager.ts";
import { Header, mainId, skipToContent } from "../../ui/page/Header.tsx";
import { AlarmsPlace } from "./alarms/AlarmsPlace.tsx";
import { AttributesPlace } from "./attributes/AttributesPlace.tsx";
import { Audit } from "./audit/Audit.tsx";
import { Bundles } from "./bundles/Bundles.tsx";
import { Certificates } from "./certificates/Certificates.tsx";
import { ClustersPlace } from "./clusters/ClustersPlace.tsx";
import { Brokers } from "./eventing/Brokers.tsx";
import { Destinations } from "./eventing/Destinations.tsx";
import { Empty } from "./list/Empty.tsx";
import { Logs } from "./logs/Logs.tsx";
import { Claimed } from "./may.ts";
import { Navigation } from "./Navigation.tsx";
import { Nodes } from "./nodes/Nodes.tsx";
import { Overview } from "./overview/Overview.tsx";
import { addressOf, type PlaceId } from "./places.ts";
import { Plans } from "./plans/Plans.tsx";
import { ProfilesPlace } from "./profiles/ProfilesPlace.tsx";
import { Replication } from "./replication/Replication.tsx";
import { Services } from "./services/Services.tsx";
import { SolutionPlace } from "./solution/SolutionPlace.tsx";
import { TestsPlace } from "./tests/TestsPlace.tsx";
import { Upgrade } from "./upgrade/Upgrade.tsx";
import { useAddress } from "./useAddress.ts";

/** Each gets the parts of the address below its own. */
const shown: Record<PlaceId, (at: { rest: string[] }) => ReactNode> = {
	overview: Overview,
	upgrade: Upgrade,
	clusters: ClustersPlace,
	nodes: Nodes,
	services: Services,
	attributes: AttributesPlace,
	profiles: ProfilesPlace,
	solution: SolutionPlace,
	bundles: Bundles,
	plans: Plans,
	brokers: Brokers,
	destinations: Destinations,
	logs: Logs,
	tests: TestsPlace,
	certificates: Certificates,
	replication: Replication,
	alarms: AlarmsPlace,
	audit: Audit,
};

export function Manager({ claims }: { claims: Claims }) {
	const { place, rest } = useAddress();
	const name = place ? t(`nav.${place}`) : t("lost");
	const Shown = place ? shown[place] : Lost;
	const part = [place, ...rest].join("/");
	const main = useRef<HTMLDivElement>(null);
	const last = useRef(part);

	useEffect(() => {
		document.title = [rest[0], name, t("title"), "Pelago"].filter(Boolean).join(" · ");
		// Who went there by the keyboard goes on there, and is told where that is.
		if (last.current !== part)
			main.current?.querySelector("h1")?.focus();
		last.current = part;
	}, [part, name]);

	return (
		<Claimed.Provider value={claims}>
			<Page
				mainContainerId={mainId} skipToContent={skipToContent} isManagedSidebar
				masthead={
					<Header
						claims={claims} suffix={t("title")} onSignOut={() => void signOut()}
						toggle={(
							<MastheadToggle>
								<PageToggleButton isHamburgerButton aria-label={t("nav.toggle")} />
							</MastheadToggle>
						)}
					/>
				}
				sidebar={(
					<PageSidebar>
						<PageSidebarBody><Navigation place={place} /></PageSidebarBody>
					</PageSidebar>
				)}
			>
				<PageSection className="pl-place" data-testid={`page-${place ?? "lost"}`}>
					<div ref={main}><Shown key={part} rest={rest} /></div>
				</PageSection>
			</Page>
		</Claimed.Provider>
	);
}

function Lost() {
	return (
		<>
			<h1 className="pl-title" tabIndex={-1}>{t("lost")}</h1>
			<Empty text={t("lost.text")}><a href={addressOf("overview")}>{t("nav.overview")}</a></Empty>
		</>
	);
}
