// SPDX-License-Identifier: Apache-2.0
import type { ServiceProfile } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { ActionBar } from "../action/ActionBar.tsx";
import { ActionList } from "../list/ActionList.tsx";
import type { Column } from "../list/column.ts";
import { refresh, useReport } from "../live/report.ts";
import { Place } from "../Place.tsx";
import { addressOf } from "../places.ts";
import { create, profileActions } from "./actions.ts";
import { Profile } from "./Profile.tsx";

const columns: Column<ServiceProfile>[] = [
	{
		id: "name", title: t("column.name"), text: (p) => p.name,
		value: (p) => <a href={addressOf("profiles", p.name)} data-testid="open">{p.name}</a>,
	},
	{ id: "title", title: t("column.title"), text: (p) => p.title, value: (p) => p.title || t("none") },
	{
		id: "services", title: t("column.services"), text: (p) => p.services.map((s) => s.name).join(" "),
		value: (p) => p.services.map((s) => s.name).join(", ") || t("none"),
	},
	{ id: "users", title: t("column.users"), value: (p) => p.users },
	{ id: "endpoints", title: t("column.endpoints"), value: (p) => p.endpoints },
];

/** Service Profiles: all, or the one that the address names. */
export function ProfilesPlace({ rest: [name] }: { rest: string[] }) {
	return name === undefined ? <All /> : <Profile name={name} />;
}

function All() {
	const done = () => refresh("profiles");
	return (
		<Place place="profiles" live={useReport("profiles")}>
			{({ profiles }) => (
				<>
					<ActionBar actions={[create]} item={null} nameOf={() => ""} onDone={done} />
					<ActionList
						id="profiles" row="profile" title={t("nav.profiles")} columns={columns}
						items={profiles} keyOf={(p) => p.name} data={(p) => ({ name: p.name })}
						actions={profileActions} onDone={done} empty={t("profiles.none")}
					/>
				</>
			)}
		</Place>
	);
}
