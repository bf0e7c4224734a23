// SPDX-License-Identifier: Apache-2.0
/* The manager of the stand-in: its API as docs/api/openapi.json has it, over one memory. */
import * as attributes from "./attributes.mjs";
import { world } from "./centre.mjs";
import * as upgrades from "./upgrade.mjs";

const node = (name) => ({ name, state: "Stable" });
const clusters = [
	["Provisioning", "provisioning", ["SolutionConfiguration"], 1],
	["Cluster1_CC", 1, ["ContextStore", "EngagementDesigner", "UCAStoreService", "UCMService", "WorkAssignment"], 2],
	["Cluster2_UA", 2, ["AuthorizationService", "UnifiedAgentController"], 2],
	["Cluster3_OCP", 3, ["AgentControllerService", "AutomationController", "CustomerControllerService", "OCPDataServices"], 2],
	["Cluster4_CoBrowse", 4, [], 1],
	["Cluster5_Connectors", 5, [], 1],
].map(([name, kind, services, size], i) => ({
	name, kind, services, state: "Accepting", arrived: size,
	nodes: Array.from({ length: size }, (_one, k) => node(`node${i + 1}-${k + 1}`)),
}));
let more = 0;
let audit = [];
/* names of clusters that refuse what is asked of them */
const locked = new Set();

function note(who, action, target, before, after) {
	const id = String(Date.now() * 1000 + audit.length).padStart(26, "0");
	audit.unshift({ id, atMs: Date.now(), who, from: "127.0.0.1", action, target, before, after });
}

const alarms = [
	["critical", "service.failed", "A service doesn't stay up", "node3-1", "ContextStore", "ended with 1"],
	["warning", "clock.off", "The clock of a node is wrong", "node4-2", "", "12 s ahead"],
].map(([severity, key, title, source, subject, reason], i) => ({
	id: `01ALARM${i}`, key, severity, state: "raised", title, source, subject, reason, count: i + 1,
	cause: "It ended again and again soon after its start.", fix: "Read the end of its log; put right what it says.",
	raisedMs: Date.now() - 60000, lastMs: Date.now(), clearedMs: null, acknowledgedBy: null, acknowledgedMs: null,
}));
const bundles = [["UCMService", "0.1.0", ["Cluster1_CC"]], ["UCMService", "0.2.0", []]].map(([name, version, where], i) => ({
	name, version, title: "Contacts and offers", hash: "ab".repeat(32), bytes: 484477, signer: "development", preferred: i === 0,
	loadedMs: Date.now(), installedMs: i ? 0 : Date.now(), clusters: where,
}));
const plans = [];
const receivers = [];
const runs = [];
const schedule = { hours: 24 };
const solution = { state: "Started", site: "Active", address: "", addressNode: "" };
const all = () => clusters.flatMap((c) => c.nodes.map((n) => ({ ...n, cluster: c.name })));
const openAlarms = (c) => alarms.filter((a) => a.state === "raised" && c.nodes.some((n) => n.name === a.source)).length;

const clusterView = (c) => ({ ...c, database: { store: "SQLite", open: c.services.length, of: c.services.length }, alarms: openAlarms(c), testsPass: c.kind === 4 ? null : c.kind !== 5, nodes: c.nodes.map((n) => n.name) });

const nodeView = (n, cluster, i) => ({
	name: n.name, cluster: cluster.name, state: n.state, version: "0.1.0",
	overload: [], working: 2, draining: n.draining ?? false, restart: n.restart ?? "", restartWhy: null,
	uptimeSeconds: Math.floor(process.uptime()) + i * 4000, load: 0.1 + (i % 20) / 7, memoryBytes: 8e6 + i * 3e4,
	diskFreeBytes: 41e9, lastHeardSeconds: 1,
});

const serviceView = (name, cluster, j) => ({
	name, version: "0.1.0", state: "Installed", cluster: cluster.name, nodes: cluster.nodes.map((n) => n.name),
	instances: cluster.nodes.map((n, k) => ({
		node: n.name, pid: 4000 + cluster.kind * 100 + j * 10 + k, state: "Running", restarts: 0,
		memoryBytes: 5e6 + j * 1e6, uptimeSeconds: Math.floor(process.uptime()),
	})),
});

const wayOf = (contact) => ["CustomerControllerService", "EngagementDesigner", "UCMService"].map((program, i) => ({
	at: `2026-01-31T12:00:00.12${i}Z`, level: i ? "INFO" : "WARN", node: "node2-1", program, event: "contact.opened", contact, text: `step=${i}`,
}));

function restart(one) {
	one.restart = "running";
	setTimeout(() => { one.restart = ""; }, 1500);
}

const lists = {
	clusters: () => clusters.map(clusterView),
	nodes: () => [
		...clusters.flatMap((c) => c.nodes.map((n, i) => nodeView(n, c, i))),
		...Array.from({ length: more }, (_one, i) => nodeView(node(`more${String(i).padStart(5, "0")}`), clusters[1], i)),
	],
	services: () => clusters.flatMap((c) => c.services.map((name, j) => serviceView(name, c, j))),
	audit: () => audit,
	alarms: (query) => alarms.filter((a) => ["all", a.state].includes(query.get("state") ?? "raised")),
	"alarm-receivers": () => receivers,
	attributes: attributes.list,
	"attributes/history": () => attributes.commits,
	profiles: attributes.profileList,
	certificates: () => [["identity", 824], ["edge", 824], ["nats-server", 21], ["ca", 3649]].map(([name, daysLeft]) => ({
		name, subject: name, issuer: "Pelago", serial: `5F0A61B2C3D4E5F60718293A4B5C6D${daysLeft % 10}E`, beginsMs: Date.now() - 864e5,
		expiresMs: Date.now() + daysLeft * 864e5, host: "manager", clusters: clusters.slice(0, 2).map((c) => c.name), daysLeft,
	})),
	replication: () => all().map((n, i) => ({
		node: n.name, cluster: n.cluster, state: n.replica ?? (i ? "Synchronized" : "Stale"), version: i ? 12 : 11, wantedVersion: 12,
		checksum: "5f8b0c3e6a4d1f2b9c7e8a0d3b6f1c2e", wantedChecksum: "5f8b0c3e6a4d1f2b9c7e8a0d3b6f1c2e",
		confirmedMs: Date.now(), error: null,
	})),
	tests: () => all().flatMap((n) => ["Clock", "Test Reliable Eventing"].map((title) => ({
		node: n.name, cluster: n.cluster, test: title.toLowerCase(), title, result: n.cluster.startsWith("Cluster5") ? "Failure" : "Success",
		evidence: "3 ms from the manager's; at most 2000 are fine", run: "01RUN", atMs: Date.now(),
	}))),
	"tests/runs": () => runs,
	bundles: () => bundles,
	plans: () => plans,
	releases: () => upgrades.releases,
	"eventing/brokers": () => [
		{
			name: "pelago-1", state: "Up", host: "127.0.0.1", seenMs: Date.now(), id: "ND6A", port: 4222, version: "2.9.10",
			uptimeSeconds: 3600, connections: 21, subscriptions: 140, inMessages: 1900, outMessages: 1820, slowConsumers: 0,
			memoryBytes: 18e6, storageBytes: 882, storageMostBytes: 8589934592,
		},
		{ name: "pelago-2", state: "Down", host: "192.0.2.7", seenMs: Date.now() - 90000 },
	],
	"eventing/destinations": () => [
		{ kind: "stream", stream: "EVT", subject: "evt.>", depth: 190, bytes: 88200, consumers: 1, oldestSeconds: 900 },
		{ kind: "consumer", stream: "EVT", consumer: "Xr3uQ8", service: "UCMService", subject: "evt.*.contact.*", pending: 2, redelivered: 1, oldestSeconds: 4 },
		{
			kind: "destination", stream: "01KB7Z", service: "EventStreaming", subject: "contact leg", target: "https://recorder.example/pelago",
			state: "Down", error: "the receiver answered 503", pending: 12, deliveredSequence: 311, oldestSeconds: 40, sentMs: Date.now() - 41000,
		},
	],
};

const documents = {
	solution: () => ({ ...solution, clusters: clusters.map((c) => ({ name: c.name, state: solution.state })) }),
	"tests/schedule": () => schedule,
	upgrade: () => upgrades.upgrade,
	"upgrade/report": () => upgrades.report(),
	"attributes/export": attributes.file,
};

/** Items of one page; the cursor is where the next begins behind, by the id if there is one. */
function page(items, query) {
	const limit = Number(query.get("limit") ?? 50);
	const after = query.get("cursor");
	const keyOf = (item) => (item.hash ? `${item.name} ${item.version}` : undefined) ?? item.id ?? (item.version && item.atMs ? String(item.version) : `${item.name} ${item.cluster ?? ""} ${item.service ?? ""}`);
	const from = after ? items.findIndex((item) => keyOf(item) === after) + 1 : 0;
	const part = items.slice(from, from + limit);
	return { items: part, cursor: from + limit < items.length ? keyOf(part.at(-1)) : null };
}

/* a plan of three steps; of the second it is said once that it failed */
function plan(kind, title, who) {
	const id = `plan${plans.length + 1}`;
	const steps = ["Checks the bundle", "Brings it to the nodes", "Starts it"].map((text, i) => ({
		id: `step${i}`, action: kind, kind: i === 2 ? "pivot" : "reversible", title: text, args: {}, after: [], state: "waiting",
		attempts: 1, startedMs: Date.now(), endedMs: 0, detail: "",
	}));
	const made = { id, kind, title, state: "running", done: 0, of: 3, atMs: Date.now(), endedMs: 0, who, from: "127.0.0.1", steps };
	plans.unshift(made);
	setTimeout(() => {
		steps[0].state = "done";
		Object.assign(steps[1], { state: "failed", detail: "node2-2 can't be reached" });
		Object.assign(made, { done: 1, state: "failed", why: "Brings it to the nodes: node2-2 can't be reached" });
	}, 1000);
	return [202, made];
}

const changes = {
	async services([verb], who, _method, body) {
		return plan(verb, `${verb} ${body.services.map((one) => one.name).join(", ")}`, who);
	},
	async plans([id, verb]) {
		const made = plans.find((p) => p.id === id);
		delete made.why;
		made.steps.forEach((step) => Object.assign(step, { state: verb === "undo" ? "undone" : "done", detail: "" }));
		return [202, Object.assign(made, { done: 3, state: verb === "undo" ? "undone" : "done", endedMs: Date.now() })];
	},
	async bundles([name, version, verb], _who, method) {
		if (!name)
			return [400, { title: "Bad request", detail: "it isn't signed by anybody who is trusted" }];
		const bundle = bundles.find((b) => b.name === name && b.version === version);
		if (method === "DELETE")
			bundles.splice(bundles.indexOf(bundle), 1);
		else if (verb === "prefer")
			bundles.forEach((b) => { b.preferred = b === bundle; });
		return [200, bundle];
	},
	async clusters([name, verb], who, _method, body) {
		const cluster = clusters.find((c) => c.name === name);
		if (verb === "rename")
			cluster.name = body.name;
		if (verb === "restart")
			cluster.nodes.forEach(restart);
		if (verb === "join-token")
			return [200, { token: `192.0.2.1:8443,c2VjcmV0,${"0".repeat(64)}`, cluster: name, expiresMs: Date.now() + body.minutes * 60000 }];
		if (verb === "rename" || verb === "restart")
			return [200, clusterView(cluster)];
		const state = { accept: "Accepting", deny: "Denying" }[verb];
		if (!cluster || !state)
			return [404, { title: "Not found", detail: `there is no cluster '${name}'` }];
		if (locked.has(cluster.name))
			return [409, { title: "Conflict", detail: `${cluster.name} is locked` }];
		note(who, `cluster.${verb}`, cluster.name, cluster.state, state);
		cluster.state = state;
		if (cluster.kind === 3)
			world.accepting = state === "Accepting";
		cluster.arrived = 0;
		setTimeout(() => { cluster.arrived = cluster.nodes.length; }, 1500);
		return [200, clusterView(cluster)];
	},
	async nodes([name, verb]) {
		const found = clusters.flatMap((c) => c.nodes).find((n) => n.name === name);
		if (verb === "restart")
			restart(found);
		else
			found.draining = verb === "drain";
		return [200, {}];
	},
	async replication([name]) {
		const found = clusters.flatMap((c) => c.nodes).find((n) => n.name === name);
		found.replica = "Audit";
		setTimeout(() => { found.replica = "Synchronized"; }, 1000);
		return [202, {}];
	},
	async tests(_path, _who, method, body) {
		if (method === "PUT")
			return [200, Object.assign(schedule, body)];
		const asked = body.node ? [body.node] : all().map((n) => n.name);
		for (const name of asked)
			runs.unshift({ id: `run${runs.length}`, node: name, why: "demand", state: "Success", askedMs: Date.now(), doneMs: Date.now(), failed: 0 });
		return [202, { count: asked.length, runs: [] }];
	},
	async solution([verb], _who, _method, body) {
		Object.assign(solution, verb === "site" ? { site: body.mode } : { state: verb === "stop" ? "Stopped" : "Started" });
		return [200, documents.solution()];
	},
	attributes: attributes.change,
	upgrade: upgrades.change,
	profiles: attributes.changeProfile,
	async alarms([id], who) {
		const alarm = alarms.find((a) => a.id === id);
		Object.assign(alarm, { acknowledgedBy: who, acknowledgedMs: Date.now() });
		note(who, "alarm.acknowledge", alarm.title, "", who);
		return [200, alarm];
	},
	async "alarm-receivers"([name, verb], who, method, body) {
		const at = receivers.findIndex((r) => r.name === name);
		if (method === "PUT") {
			const { secret, password, community, authPassword, privacyPassword, ...told } = body;
			const isSecret = Boolean(secret ?? password ?? community ?? authPassword);
			receivers.splice(at < 0 ? receivers.length : at, 1, {
				name, enabled: true, severity: "minor", ...told, hasSecret: isSecret || receivers[at]?.hasSecret === true,
				...(told.kind === "snmpv3" ? { engineId: "80007ed9050102030405060708090a0b0c0d0e0f10" } : {}),
				waiting: 0, sentMs: null, error: null,
			});
		} else if (method === "DELETE") {
			receivers.splice(at, 1);
		} else if (verb === "test") {
			receivers[at].sentMs = Date.now();
		}
		note(who, "alarm-receiver.set", name, "", "");
		return [200, receivers.find((r) => r.name === name) ?? {}];
	},
};

/** Answers a request for /api/v1/PATH: [status, body]. */
export async function answer(method, path, query, who, body) {
	const [noun, ...rest] = path.split("/");
	if (method !== "GET" && changes[noun])
		return changes[noun](rest.map(decodeURIComponent), who, method, body);
	const items = method === "GET" ? lists[path]?.(query) : undefined;
	if (path === "logs")
		return [200, { items: wayOf(query.get("contact")), cursor: null, silent: ["node6-1"], hasMore: false }];
	if (items)
		return [200, noun === "attributes" ? attributes.versioned(page(items, query)) : page(items, query)];
	const whole = documents[path]?.() ?? (noun === "plans" ? plans.find((p) => p.id === rest[0]) : undefined)
		?? (noun === "profiles" ? attributes.profileNamed(decodeURIComponent(rest[0] ?? "")) : undefined);
	return whole ? [200, whole] : [404, { title: "Not found", detail: path }];
}

/** Troubles and wishes of tests: GET /mock/NAME?… */
export const troubles = {
	upgrade: upgrades.fail,
	"upgrade-go": upgrades.release,
	commit: attributes.commit,
	/* n changes in the audit trail, one more, n more nodes */
	audit(query) {
		audit = [];
		for (let i = 0; i < Number(query.get("n")); i++)
			note(`admin${i % 7}`, i % 2 ? "cluster.deny" : "cluster.accept", `Cluster${i % 5}`, "Denying", `number ${i}`);
	},
	change: () => note("admin", "cluster.deny", "Cluster9", "Accepting", "Denying"),
	nodes(query) { more = Number(query.get("n")); },
	locked(query) { query.get("on") === "1" ? locked.add(query.get("name")) : locked.delete(query.get("name")); },
	node(query) {
		const found = clusters.flatMap((c) => c.nodes).find((n) => n.name === query.get("name"));
		found.state = query.get("state");
	},
};
