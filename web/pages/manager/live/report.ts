// SPDX-License-Identifier: Apache-2.0

/** The lists that are short enough to be asked whole, each watched by the places that show it. */

import { useMemo, useSyncExternalStore } from "react";
import type {
	Alarm, AlarmReceiver, Broker, Bundle, Certificate, Cluster, Destination, Node, Replica, Service, ServiceProfile,
	TestResult,
} from "../../../api/manager.ts";
import { Feed } from "./feed.ts";
import { together, type Live } from "./live.ts";
import { allOf } from "./pages.ts";

export interface Report {
	clusters: Cluster[];
	nodes: Node[];
	services: Service[];
	/** Those that stand. */
	alarms: Alarm[];
	receivers: AlarmReceiver[];
	profiles: ServiceProfile[];
	replicas: Replica[];
	/** The last results of each node's maintenance tests. */
	tests: TestResult[];
	brokers: Broker[];
	destinations: Destination[];
	bundles: Bundle[];
	certificates: Certificate[];
}

const feeds: { [K in keyof Report]: Feed<Report[K]> } = {
	clusters: new Feed(() => allOf<Cluster>("/api/v1/clusters")),
	nodes: new Feed(() => allOf<Node>("/api/v1/nodes")),
	services: new Feed(() => allOf<Service>("/api/v1/services")),
	alarms: new Feed(() => allOf<Alarm>("/api/v1/alarms?state=raised")),
	receivers: new Feed(() => allOf<AlarmReceiver>("/api/v1/alarm-receivers")),
	profiles: new Feed(() => allOf<ServiceProfile>("/api/v1/profiles")),
	replicas: new Feed(() => allOf<Replica>("/api/v1/replication")),
	tests: new Feed(() => allOf<TestResult>("/api/v1/tests")),
	brokers: new Feed(() => allOf<Broker>("/api/v1/eventing/brokers")),
	destinations: new Feed(() => allOf<Destination>("/api/v1/eventing/destinations")),
	bundles: new Feed(() => allOf<Bundle>("/api/v1/bundles")),
	certificates: new Feed(() => allOf<Certificate>("/api/v1/certificates")),
};

/** The named lists, kept live while the component is shown. names must not change. */
export function useReport<K extends keyof Report>(...names: K[]): Live<Pick<Report, K>> {
	const watched = useMemo(() => new Watched(names), []);
	return useSyncExternalStore(watched.subscribe, watched.get);
}

/** Asks for all that is watched, after a change. */
export function refresh(...names: (keyof Report)[]): void {
	for (const name of names)
		void feeds[name].ask();
}

class Watched<K extends keyof Report> {
	private parts: Live<unknown>[] = [];
	private whole!: Live<Pick<Report, K>>;

	constructor(private readonly names: K[]) {}

	subscribe = (watcher: () => void): (() => void) => {
		const leave = this.names.map((name) => feeds[name].subscribe(watcher));
		return () => leave.forEach((one) => one());
	};

	/** The same object while nothing has changed. */
	get = (): Live<Pick<Report, K>> => {
		const parts = this.names.map((name) => feeds[name].get());
		if (parts.length !== this.parts.length || parts.some((part, i) => part !== this.parts[i])) {
			this.parts = parts;
			this.whole = together<Pick<Report, K>>(
				Object.fromEntries(this.names.map((name, i) => [name, parts[i]])) as never);
		}
		return this.whole;
	};
}
