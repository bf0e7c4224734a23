// SPDX-License-Identifier: Apache-2.0
import { Nav, NavExpandable, NavItem, NavList } from "@patternfly/react-core";
import { t } from "../../ui/i18n/manager.ts";
import { addressOf, places, type GroupId, type PlaceId } from "./places.ts";

const groups: GroupId[] = [...new Set(places.flatMap((p) => (p.group ? [p.group] : [])))];

export function Navigation({ place }: { place: PlaceId | null }) {
	return (
		<Nav aria-label={t("nav")}>
			<NavList>
				<Items group={null} place={place} />
				{groups.map((group) => (
					<NavExpandable
						key={group} title={t(`nav.${group}`)} isExpanded
						isActive={places.some((p) => p.group === group && p.id === place)}
					>
						<Items group={group} place={place} />
					</NavExpandable>
				))}
			</NavList>
		</Nav>
	);
}

function Items({ group, place }: { group: GroupId | null; place: PlaceId | null }) {
	return (
		<>
			{places.filter((p) => p.group === group).map(({ id }) => (
				<NavItem
					key={id} to={addressOf(id)} itemId={id} isActive={id === place}
					data-testid={`nav-${id}`}
				>
					{t(`nav.${id}`)}
				</NavItem>
			))}
		</>
	);
}
