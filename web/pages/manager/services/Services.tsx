// SPDX-License-Identifier: Apache-2.0
import { t } from "../../../ui/i18n/manager.ts";
import { serviceActions } from "../bundles/actions.ts";
import { ActionList } from "../list/ActionList.tsx";
import { refresh, useReport } from "../live/report.ts";
import { Place } from "../Place.tsx";
import { columns, keyOf } from "./columns.tsx";

export function Services() {
	return (
		<Place place="services" live={useReport("services")}>
			{({ services }) => (
				<ActionList
					id="services" row="service" title={t("nav.services")} items={services} columns={columns}
					keyOf={keyOf} data={(s) => ({ name: s.name, state: s.state })}
					actions={serviceActions} nameOf={(s) => s.name} onDone={() => refresh("services")}
					empty={t("services.empty")}
				/>
			)}
		</Place>
	);
}
