// SPDX-License-Identifier: Apache-2.0
import { Breadcrumb, BreadcrumbItem, Title } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { t } from "../../ui/i18n/manager.ts";
import { LiveFrame } from "./live/LiveFrame.tsx";
import type { Live } from "./live/live.ts";
import { addressOf, type PlaceId } from "./places.ts";

interface Props<T> {
	place: PlaceId;
	/** What of the place is shown, if not all. */
	part?: string;
	/** The way to the other parts, if all is too much for one page. */
	tabs?: ReactNode;
	live: Live<T>;
	children(value: T): ReactNode;
}

/** A place's title, its way back, and what the manager says of it. */
export function Place<T>({ place, part, tabs, live, children }: Props<T>) {
	const name = t(`nav.${place}`);
	return (
		<>
			{part !== undefined && (
				<Breadcrumb aria-label={t("way")} className="pl-way">
					<BreadcrumbItem to={addressOf(place)}>{name}</BreadcrumbItem>
					<BreadcrumbItem isActive>{part}</BreadcrumbItem>
				</Breadcrumb>
			)}
			<Title headingLevel="h1" className="pl-title" tabIndex={-1}>{part ?? name}</Title>
			{tabs}
			<LiveFrame live={live}>{children}</LiveFrame>
		</>
	);
}
