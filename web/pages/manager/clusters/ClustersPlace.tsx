// SPDX-License-Identifier: Apache-2.0
import { ClusterEditor } from "./ClusterEditor.tsx";
import { Clusters } from "./Clusters.tsx";

/** Cluster Administration: all, or the one that the address names. */
export function ClustersPlace({ rest: [name, tab] }: { rest: string[] }) {
	return name === undefined ? <Clusters /> : <ClusterEditor name={name} tab={tab} />;
}
