// SPDX-License-Identifier: Apache-2.0
import "./shell.css";
import { Page, PageSection, Title } from "@patternfly/react-core";
import type { Claims } from "../ui/auth/claims.ts";
import { signOut } from "../ui/auth/session.ts";
import { t } from "../ui/i18n/signin.ts";
import { Header, mainId, skipToContent } from "../ui/page/Header.tsx";
import { menuFor, placesFor } from "./places.ts";

export function Menu({ claims }: { claims: Claims }) {
	return (
		<Page
			mainContainerId={mainId} skipToContent={skipToContent}
			masthead={<Header claims={claims} onSignOut={() => void signOut()} />}
		>
			<PageSection isWidthLimited>
				<Title headingLevel="h1">{t("menu.title")}</Title>
				{placesFor(claims).length === 0 && <p className="pl-menu__none">{t("menu.none")}</p>}
				<ul className="pl-menu" data-testid="menu">
					{menuFor(claims).map((place) => (
						<li key={place.id}>
							<a href={place.href} data-testid={`menu-${place.id}`}>
								<strong>{t(`menu.${place.id}`)}</strong>
								<span>{t(`menu.${place.id}.text`)}</span>
							</a>
						</li>
					))}
				</ul>
			</PageSection>
		</Page>
	);
}
