// SPDX-License-Identifier: Apache-2.0
import { t } from "../../../ui/i18n/manager.ts";
import { ActionBar } from "../action/ActionBar.tsx";
import { ActionList } from "../list/ActionList.tsx";
import { Empty } from "../list/Empty.tsx";
import { Facts } from "../list/Facts.tsx";
import { refresh, useReport } from "../live/report.ts";
import { Place } from "../Place.tsx";
import { actions } from "./actions.ts";
import { columns } from "./columns.tsx";
import { Instances } from "./Instances.tsx";

/** Server Administration: all nodes, or the one that the address names. */
export function Nodes({ rest: [name] }: { rest: string[] }) {
	return name === undefined ? <All /> : <One name={name} />;
}

function All() {
	return (
		<Place place="nodes" live={useReport("nodes")}>
			{({ nodes }) => (
				<ActionList
					id="nodes" row="node" title={t("nav.nodes")} items={nodes} columns={columns}
					keyOf={(n) => n.name} data={(n) => ({ name: n.name, state: n.state })}
					actions={actions} onDone={() => refresh("nodes")} empty={t("nodes.empty")}
				/>
			)}
		</Place>
	);
}

function One({ name }: { name: string }) {
	return (
		<Place place="nodes" part={name} live={useReport("nodes", "services")}>
			{({ nodes, services }) => {
				const node = nodes.find((n) => n.name === name);
				return node ? (
					<>
						<ActionBar
							actions={actions} item={node} nameOf={(n) => n.name}
							onDone={() => refresh("nodes")}
						/>
						<Facts id="node-facts" item={node} columns={columns.filter((c) => c.id !== "name")} />
						<Instances node={name} services={services} />
					</>
				) : <Empty text={t("nodes.unknown", { name })} />;
			}}
		</Place>
	);
}
