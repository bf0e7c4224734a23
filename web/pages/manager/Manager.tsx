// SPDX-License-Identifier: Apache-2.0
import "./manager.css";
import {
	MastheadToggle, Page, PageSection, PageSidebar, PageSidebarBody, PageToggleButton, Title,
} from "@patternfly/react-core";
import { useEffect, useSyncExternalStore } from "react";
import type { Claims } from "../../ui/auth/claims.ts";
import { signOut } from "../../ui/auth/session.ts";
import { t } from "../../ui/i18n/manager.ts";
import { Header, mainId, skipToContent } from "../../ui/page/Header.tsx";
import { Clusters } from "./Clusters.tsx";
import type { LiveReport, Report } from "./live.ts";
import { LiveFrame } from "./LiveFrame.tsx";
import { Navigation } from "./Navigation.tsx";
import { Nodes } from "./Nodes.tsx";
import { Overview } from "./Overview.tsx";
import { placeAt, type PlaceId } from "./places.ts";
import { Services } from "./Services.tsx";

export function Manager({ claims, live }: { claims: Claims; live: LiveReport }) {
	const place = usePlace();
	const state = useSyncExternalStore(live.store.subscribe, live.store.get);
	const title = t(`nav.${place}`);

	useEffect(() => { document.title = `${title} · ${t("title")} · Pelago`; }, [title]);

	return (
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
			sidebar={<PageSidebar><PageSidebarBody><Navigation place={place} /></PageSidebarBody></PageSidebar>}
		>
			<PageSection className="pl-place" data-testid={`page-${place}`}>
				<Title headingLevel="h1">{title}</Title>
				<LiveFrame live={state}>
					{(report) => contentOf(place, report, () => void live.ask())}
				</LiveFrame>
			</PageSection>
		</Page>
	);
}

function contentOf(place: PlaceId, report: Report, refresh: () => void) {
	switch (place) {
	case "overview":
		return <Overview report={report} />;
	case "clusters":
		return <Clusters clusters={report.clusters} refresh={refresh} />;
	case "nodes":
		return <Nodes nodes={report.nodes} />;
	case "services":
		return <Services services={report.services} />;
	}
}

function usePlace(): PlaceId {
	const hash = useSyncExternalStore(
		(changed) => {
			addEventListener("hashchange", changed);
			return () => removeEventListener("hashchange", changed);
		},
		() => location.hash,
	);
	return placeAt(hash);
}
