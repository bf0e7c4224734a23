// SPDX-License-Identifier: Apache-2.0
import { FormSelect, FormSelectOption } from "@patternfly/react-core";
import type { ReactNode } from "react";
import type { Attribute, Level, Page } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { together } from "../live/live.ts";
import { pageOf } from "../live/pages.ts";
import { useReport } from "../live/report.ts";
import { useQuestion } from "../live/useQuestion.ts";
import { Place } from "../Place.tsx";
import { setQuery, useAddress } from "../useAddress.ts";
import { CommitBar } from "./CommitBar.tsx";
import { settingsOf } from "./setting.ts";
import { SettingsList } from "./SettingsList.tsx";

interface Attributes {
	items: Attribute[];
	version: number;
}

/** Attributes on one level; which profile, cluster and service is in the address. */
export function Levels({ level, tabs }: { level: Level; tabs: ReactNode }) {
	const { query } = useAddress();
	const service = query.get("service") ?? "";
	const cluster = level === "cluster" ? query.get("cluster") ?? "" : "";
	const profile = level === "profile" ? query.get("profile") ?? "" : "";
	const report = useReport("clusters", "profiles");
	const [live, ask] = useQuestion(profile, () => attributesFor(profile));
	return (
		<Place
			place="attributes" tabs={tabs}
			live={together<{ report: typeof report.value & object; attributes: Attributes }>({
				report: report as never, attributes: live,
			})}
		>
			{({ report: { clusters, profiles }, attributes: { items, version } }) => {
				const within = profiles.find((p) => p.name === profile)?.services.map((s) => s.name) ?? [];
				const here = items.filter((a) => (level !== "cluster" || !cluster || a.cluster === cluster)
					&& (level !== "profile" || within.includes(a.service)));
				const shown = here.filter((a) => !service || a.service === service);
				const services = [...new Set(here.map((a) => a.service))].sort();
				return (
					<>
						<div className="pl-choices">
							{level === "profile" && (
								<Choice
									id="profile" title={t("attributes.profile")} value={profile} none={t("attributes.choose")}
									values={profiles.map((p) => p.name)}
								/>
							)}
							{level === "cluster" && (
								<Choice
									id="cluster" title={t("column.cluster")} value={cluster} none={t("attributes.every")}
									values={clusters.map((c) => c.name)}
								/>
							)}
							{level !== "solution" && (
								<Choice
									id="service" title={t("column.service")} value={service} none={t("attributes.every")}
									values={services}
								/>
							)}
						</div>
						<CommitBar onDone={() => void ask()} />
						<SettingsList
							settings={settingsOf(shown, level, profile)} version={version}
							empty={level === "profile" ? t(profile ? "attributes.none" : "attributes.noProfile")
								: t("attributes.none")}
						/>
					</>
				);
			}}
		</Place>
	);
}

function Choice({ id, title, value, values, none }: {
	id: string; title: string; value: string; values: string[]; none: string;
}) {
	return (
		<FormSelect
			value={value} aria-label={title} data-testid={`choose-${id}`} className="pl-choice"
			onChange={(_event, chosen) => setQuery(id, chosen)}
		>
			<FormSelectOption value="" label={`${title}: ${none}`} />
			{values.map((one) => <FormSelectOption key={one} value={one} label={one} />)}
		</FormSelect>
	);
}

async function attributesFor(profile: string): Promise<Attributes> {
	const path = `/api/v1/attributes${profile ? `?profile=${encodeURIComponent(profile)}` : ""}`;
	const all: Attributes = { items: [], version: 0 };
	let cursor: string | null = null;
	do {
		const page = await pageOf<Attribute>(path, cursor) as Page<Attribute> & { version: number };
		all.items.push(...page.items);
		all.version = page.version;
		cursor = page.cursor;
	} while (cursor);
	return all;
}
