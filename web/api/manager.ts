// SPDX-License-Identifier: Apache-2.0

/** What the manager's API lists: /api/v1/…, spec 6. */

export interface Page<T> {
	items: T[];
	cursor: string | null;
}

export interface Cluster {
	name: string;
	kind: number | "provisioning";
	/** Where people reach it; empty: it has none of its own. */
	address: string;
	state: "Accepting" | "Denying";
	/** How many of the cluster's nodes have reached the state. */
	arrived: number;
	nodes: string[];
	services: string[];
	/** Open ones of its nodes and services. */
	alarms: number;
	/** All tests of all its nodes passed at their last run; null: some were never run. */
	testsPass: boolean | null;
	/** Where its services' databases are; of how many that shall run some node has it open. */
	database: { store: string; open: number; of: number };
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
	/** What it has had too much of: cpu, memory, disk. */
	overload: string[] | null;
	/** Services that do their work here; the others stand by. */
	working: number;
	/** Other nodes of the cluster do its work. */
	draining: boolean;
	restart: "" | "waiting" | "running" | "failed";
	restartWhy: string | null;
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

export type Severity = "warning" | "minor" | "major" | "critical";

export interface Alarm {
	id: string;
	key: string;
	severity: Severity;
	state: "raised" | "cleared";
	title: string;
	/** A node, a service, or the manager. */
	source: string;
	/** What of it, or nothing. */
	subject: string;
	/** What was seen. */
	reason: string;
	cause: string;
	fix: string;
	count: number;
	raisedMs: number;
	lastMs: number;
	clearedMs: number | null;
	acknowledgedBy: string | null;
	acknowledgedMs: number | null;
}

/** Who is told of alarms. */
export interface AlarmReceiver {
	name: string;
	kind: "email" | "webhook" | "snmp" | "snmpv3";
	enabled: boolean;
	/** The least that it is told. */
	severity: Severity;
	hasSecret: boolean;
	/** Notices that it hasn't taken yet. */
	waiting: number;
	sentMs: number | null;
	error: string | null;
	url?: string;
	server?: string;
	to?: string[];
	address?: string;
	/** Of SNMPv3: who sends, as the receiver must know it. */
	engineId?: string;
}

export type AttributeValue = boolean | number | string | null;

export type Level = "profile" | "cluster" | "global" | "solution";

/** An attribute of a service, with what is set on each level and what is in effect. */
export interface Attribute {
	service: string;
	cluster: string;
	key: string;
	name: string;
	type: "boolean" | "integer" | "string" | "enumeration" | "duration" | "address" | "secret";
	/** Of SolutionConfiguration; null: not set from there. */
	area: string | null;
	unit: string | null;
	/** Bounds; of texts in characters. */
	least: number | null;
	most: number | null;
	pattern: string | null;
	values: string[] | null;
	text?: string;
	default: AttributeValue;
	overrides: Partial<Record<Level, AttributeValue>>;
	effective: AttributeValue;
	origin: Level | "default";
	originPlace: string;
	setOutside: boolean;
	restart: boolean;
	/** Nodes on which the service waits for a restart. */
	restartNodes: string[];
	nodes: number;
	arrived: number;
}

/** What was changed, or is wished to be. */
export interface AttributeChange {
	level: Level;
	place: string;
	service: string;
	key: string;
	name: string;
	was: AttributeValue;
	became: AttributeValue;
	by?: string;
}

export interface AttributeCommit {
	version: number;
	atMs: number;
	by: string;
	from: string;
	kind: "commit" | "revert" | "import";
	note: string;
	changes: AttributeChange[];
}

export interface AttributeDifference {
	version: number;
	changes: AttributeChange[];
	refused: { attribute?: string; service?: string; why: string }[];
	secrets: { attribute?: string; service?: string }[];
}

export interface ServiceProfile {
	name: string;
	title: string;
	services: { name: string; version: string; installed: string | null; inEffect: boolean }[];
	users: number;
	endpoints: number;
}

/** Which configuration a node has applied. */
export interface Replica {
	node: string;
	cluster: string;
	state: "Synchronized" | "Synchronizing" | "Queued" | "Audit" | "Stale" | "Failed";
	version: number | null;
	wantedVersion: number;
	checksum: string | null;
	wantedChecksum: string;
	confirmedMs: number | null;
	error: string | null;
}

/** The last result of a maintenance test on a node. */
export interface TestResult {
	node: string;
	cluster: string;
	test: string;
	title: string;
	result: "Success" | "Failure";
	evidence: string;
	run: string;
	atMs: number;
}

export interface TestRun {
	id: string;
	node: string;
	why: string;
	state: string;
	askedMs: number;
	doneMs: number | null;
	failed: number;
}

export type RunState = "Started" | "Starting" | "Stopping" | "Stopped";

export interface Solution {
	state: RunState;
	site: "Active" | "Standby" | "Deny";
	/** The floating address and the node whose host has it; or empty. */
	address: string;
	addressNode: string;
	clusters: { name: string; state: RunState }[];
}

/** A broker of events; what it doesn't tell while it is down is left out. */
export interface Broker {
	name: string;
	state: "Up" | "Down";
	host: string;
	seenMs: number;
	id?: string;
	port?: number;
	version?: string;
	uptimeSeconds?: number | null;
	connections?: number;
	subscriptions?: number;
	inMessages?: number;
	outMessages?: number;
	slowConsumers?: number;
	memoryBytes?: number;
	storageBytes?: number;
	storageMostBytes?: number;
}

/** One of a host's certificates. */
export interface Certificate {
	name: string;
	subject: string;
	issuer: string;
	serial: string;
	beginsMs: number;
	expiresMs: number;
	/** "manager", or the node of a joined host. */
	host: string;
	/** That have a node on the host. */
	clusters: string[];
	daysLeft: number;
}

/** A stream of events, who reads one, or a receiver outside to which they go on. */
export interface Destination {
	kind: "stream" | "consumer" | "destination";
	stream: string;
	subject: string;
	depth?: number;
	bytes?: number;
	consumers?: number;
	service?: string;
	consumer?: string;
	pending?: number;
	redelivered?: number;
	/** Of a receiver outside. */
	state?: "Up" | "Down" | "Off";
	target?: string;
	error?: string | null;
	/** Of a reader, of what waits for it. */
	oldestSeconds: number | null;
}

export interface LogLine {
	/** RFC 3339. */
	at: string;
	level: string;
	node: string;
	program: string;
	event: string;
	contact: string;
	text: string;
}

export interface LogPage extends Page<LogLine> {
	/** Nodes that didn't answer in time: what they have is missing. */
	silent: string[];
	/** Nodes have more than they gave. */
	hasMore: boolean;
}

/** A service's archive that is loaded. */
export interface Bundle {
	name: string;
	version: string;
	title: string;
	hash: string;
	bytes: number;
	signer: string;
	preferred: boolean;
	loadedMs: number;
	/** 0: never. */
	installedMs: number;
	/** Where it is installed. */
	clusters: string[];
}

export type PlanState = "planned" | "running" | "done" | "failed" | "undoing" | "undone" | "stuck";

/** Work of more than one step, as the list of plans has it. */
export interface PlanRow {
	id: string;
	kind: string;
	title: string;
	state: PlanState;
	/** The last step that failed, and its reason. */
	why?: string;
	atMs: number;
	/** 0: not yet. */
	endedMs: number;
	who: string;
	from: string;
}

export interface PlanStep {
	id: string;
	kind: "reversible" | "compensating" | "pivot";
	title: string;
	state: "waiting" | "applying" | "verifying" | "done" | "failed" | "undoing" | "undone" | "left";
	attempts: number;
	startedMs: number;
	endedMs: number;
	detail: string;
	/** How long it usually takes. */
	usualMs?: number;
}

export interface Plan extends PlanRow {
	/** Steps that are done, of how many. */
	done: number;
	of: number;
	steps: PlanStep[];
}

/** A release of Pelago that is loaded. */
export interface Release {
	version: string;
	hash: string;
	bytes: number;
	signer: string;
	loadedMs: number;
	services: number;
	arch: string;
	/** Minors that it takes over from. */
	sources: string[];
}

export interface UpgradeStep extends Pick<PlanStep, "id" | "title" | "state" | "attempts" | "detail" | "usualMs"> {
	/** RFC 3339. */
	started: string | null;
	ended: string | null;
}

/** The last upgrade. */
export interface UpgradeStatus {
	state:
		| "none" | "running" | "failed" | "stuck" | "undoing" | "undone" | "upgraded" | "finalizing" | "finalized";
	from: string;
	to: string | null;
	mode: "window" | "rolling" | null;
	plan: string;
	why: string;
	at: string | null;
	steps: UpgradeStep[];
}

/** Something that comes after an upgrade's services. */
export interface UpgradeAfter extends Omit<UpgradeCheck, "commands"> {
	/** Of its steps; empty where there is nothing to do. */
	state: PlanStep["state"] | "";
}

/** Who was seen using an outside interface. */
export interface InterfaceUser {
	kind: "own" | "page" | "client" | "service" | "others";
	origin: string;
	agent: string;
	user: string;
	version: string;
	firstMs: number | null;
	lastMs: number | null;
}

export interface ChangedInterface {
	name: string;
	change: "removed" | "changed" | "added";
	users: InterfaceUser[];
}

export interface UpgradeReport {
	state: string;
	from: string;
	to: string;
	mode: string | null;
	afterwards: UpgradeAfter[];
	interfaces: ChangedInterface[];
}

/** Something that was looked at before an upgrade. */
export interface UpgradeCheck {
	key: string;
	title: string;
	result: "pass" | "warn" | "inhibit";
	seen: string;
	why: string;
	/** What to do; empty of what passes. */
	fix: string;
	commands: string[];
}

export interface UpgradeChecks {
	inhibits: number;
	options: string[];
	checks: UpgradeCheck[];
}
