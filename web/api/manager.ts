// SPDX-License-Identifier: Apache-2.0

/** What the manager's API lists: /api/v1/…, spec 6. */

export interface Page<T> {
	items: T[];
	cursor: string | null;
}

export interface Cluster {
	name: string;
	kind: number | "provisioning";
	state: "Accepting" | "Denying";
	/** How many of the cluster's nodes have reached the state. */
	arrived: number;
	nodes: string[];
	services: string[];
}

export interface Node {
	name: string;
	cluster: string;
	state: string;
	version: string;
	uptimeSeconds: number;
	load: number;
	memoryBytes: number;
	diskFreeBytes: number;
	lastHeardSeconds: number;
}

export interface Instance {
	node: string;
	pid: number;
	state: string;
	restarts: number;
	memoryBytes: number;
	uptimeSeconds: number;
}

export interface Service {
	name: string;
	version: string;
	state: string;
	cluster: string;
	nodes: string[];
	instances: Instance[];
}
