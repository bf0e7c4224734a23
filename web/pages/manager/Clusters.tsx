// SPDX-License-Identifier: Apache-2.0
import { Button, Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import type { Cluster } from "../../api/manager.ts";
import { t, word } from "../../ui/i18n/manager.ts";
import { AdmissionDialog, type Admission } from "./AdmissionDialog.tsx";
import { Empty } from "./Empty.tsx";

export function Clusters({ clusters, refresh }: { clusters: Cluster[]; refresh(): void }) {
	const [asked, setAsked] = useState<Admission | null>(null);
	if (clusters.length === 0)
		return <Empty text={t("clusters.empty")} />;
	return (
		<>
			<Table aria-label={t("nav.clusters")} variant="compact" data-testid="clusters">
				<Thead>
					<Tr>
						<Th>{t("column.name")}</Th>
						<Th>{t("column.kind")}</Th>
						<Th>{t("column.state")}</Th>
						<Th>{t("column.nodes")}</Th>
						<Th>{t("column.services")}</Th>
						<Th screenReaderText={t("column.actions")} />
					</Tr>
				</Thead>
				<Tbody>
					{clusters.map((cluster) => (
						<Tr
							key={cluster.name} data-testid="cluster" data-name={cluster.name}
							data-state={cluster.state} data-arrived={cluster.arrived}
						>
							<Td dataLabel={t("column.name")}><strong>{cluster.name}</strong></Td>
							<Td dataLabel={t("column.kind")}>{kindOf(cluster)}</Td>
							<Td dataLabel={t("column.state")}>
								<Label
									isCompact
									color={cluster.state === "Accepting" ? "green" : "orange"}
									data-testid="cluster-state"
								>
									{stateOf(cluster)}
								</Label>
							</Td>
							<Td dataLabel={t("column.nodes")} modifier="nowrap">{listOf(cluster.nodes)}</Td>
							<Td dataLabel={t("column.services")} className="pl-list">
								{listOf(cluster.services)}
							</Td>
							<Td isActionCell>
								<Actions cluster={cluster} ask={setAsked} />
							</Td>
						</Tr>
					))}
				</Tbody>
			</Table>
			{asked && (
				<AdmissionDialog
					{...asked} onDone={() => {
						setAsked(null);
						refresh();
					}}
					onCancel={() => setAsked(null)}
				/>
			)}
		</>
	);
}

function Actions({ cluster, ask }: { cluster: Cluster; ask(admission: Admission): void }) {
	const action = cluster.state === "Accepting" ? "deny" : "accept";
	return (
		<Button
			variant="secondary" size="sm" onClick={() => ask({ action, cluster: cluster.name })}
			data-testid={`cluster-${action}`}
		>
			{t(action)}
		</Button>
	);
}

function kindOf({ kind }: Cluster): string {
	return kind === "provisioning" ? t("kind.provisioning") : t("kind", { n: kind });
}

function stateOf({ state, arrived, nodes }: Cluster): string {
	return `${word("state", state)} [${arrived}/${nodes.length}]`;
}

function listOf(names: string[]): string {
	return names.length ? names.join(", ") : t("none");
}
