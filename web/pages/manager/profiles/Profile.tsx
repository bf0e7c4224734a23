// SPDX-License-Identifier: Apache-2.0
import type { ServiceProfile } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { getJson } from "../../../ui/net/api.ts";
import { ActionBar } from "../action/ActionBar.tsx";
import { ActionList } from "../list/ActionList.tsx";
import type { Column } from "../list/column.ts";
import { useReport } from "../live/report.ts";
import { useQuestion } from "../live/useQuestion.ts";
import { Place } from "../Place.tsx";
import { StateLabel } from "../StateLabel.tsx";
import { actionsOf, memberActions, serviceActions, type Member } from "./actions.ts";

type Whole = Omit<ServiceProfile, "users" | "endpoints"> & { users: string[]; endpoints: string[] };

const services: Column<ServiceProfile["services"][number]>[] = [
	{ id: "name", title: t("column.service"), text: (s) => s.name, value: (s) => s.name },
	{ id: "version", title: t("column.version"), value: (s) => s.version },
	{ id: "installed", title: t("column.installed"), value: (s) => s.installed ?? t("none") },
	{
		id: "inEffect", title: t("column.state"),
		value: (s) => (
			<StateLabel
				mood={s.inEffect ? "good" : "attention"}
				text={t(s.inEffect ? "profile.inEffect" : "profile.notInEffect")}
			/>
		),
	},
];

const members: Column<Member>[] = [
	{ id: "kind", title: t("column.kind"), value: (m) => t(`profile.${m.kind}`) },
	{ id: "id", title: t("column.name"), text: (m) => m.id, value: (m) => m.id },
];

/** One service profile: its services, and who has it. */
export function Profile({ name }: { name: string }) {
	const [live, ask] = useQuestion(name,
		() => getJson<Whole>(`/api/v1/profiles/${encodeURIComponent(name)}`));
	const known = useReport("services").value?.services ?? [];
	const done = () => void ask();
	return (
		<Place place="profiles" part={name} live={live}>
			{(profile) => {
				const free = [...new Set(known.map((s) => s.name))]
					.filter((one) => profile.services.every((s) => s.name !== one)).sort();
				return (
					<>
						<p className="pl-subtle">{profile.title}</p>
						<ActionBar actions={actionsOf(name, free)} item={null} nameOf={() => ""} onDone={done} />
						<h2 className="pl-subtitle">{t("column.services")}</h2>
						<ActionList
							id="profile-services" row="profile-service" filterName="services" title={t("column.services")}
							columns={services} items={profile.services} keyOf={(s) => s.name}
							data={(s) => ({ name: s.name })} actions={serviceActions(name)} onDone={done}
							empty={t("services.empty")}
						/>
						<h2 className="pl-subtitle">{t("profile.members")}</h2>
						<ActionList
							id="members" row="member" filterName="members" title={t("profile.members")} columns={members}
							items={[
								...profile.users.map((id): Member => ({ kind: "user", id })),
								...profile.endpoints.map((id): Member => ({ kind: "endpoint", id })),
							]}
							keyOf={(m) => `${m.kind} ${m.id}`} nameOf={(m) => m.id}
							data={(m) => ({ kind: m.kind, id: m.id })} actions={memberActions(name)}
							onDone={done} empty={t("profile.nobody")}
						/>
					</>
				);
			}}
		</Place>
	);
}
