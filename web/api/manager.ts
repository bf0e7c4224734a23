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
	/** Null, as the rest: not known. */
	version: string | null;
	uptimeSeconds: number | null;
	load: number | null;
	memoryBytes: number | null;
	diskFreeBytes: number | null;
	lastHeardSeconds: number | null;
}

export interface Instance {
	node: string;
	pid: number | null;
	state: string;
	restarts: number | null;
	memoryBytes: number | null;
	uptimeSeconds: number | null;
}

export interface Service {
	name: string;
	version: string;
	state: string;
	cluster: string;
	nodes: string[];
	instances: Instance[];
}

/** What an administrator did. */
export interface AuditEntry {
	id: string;
	atMs: number;
	who: string;
	/** Address; empty: from within. */
	from: string;
	action: string;
	target: string;
	before: string;
	after: string;
}
