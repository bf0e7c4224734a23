// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import type { Alarm } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { JournalList } from "../list/JournalList.tsx";
import { useJournal } from "../live/useJournal.ts";
import { Place } from "../Place.tsx";
import { cleared, columns, data, Help } from "./columns.tsx";

export function AllAlarms({ tabs }: { tabs: ReactNode }) {
	const journal = useJournal<Alarm>("/api/v1/alarms?state=all");
	return (
		<Place place="alarms" tabs={tabs} live={journal.live}>
			{(alarms) => (
				<JournalList
					id="alarms" row="alarm" title={t("alarms.all")} columns={[...columns, cleared]}
					items={alarms} data={data} details={(a) => <Help alarm={a} />}
					empty={t("alarms.never")} journal={journal}
				/>
			)}
		</Place>
	);
}
