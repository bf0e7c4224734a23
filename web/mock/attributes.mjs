// SPDX-License-Identifier: Apache-2.0
/* Attributes and service profiles of the stand-in, as docs/api/openapi.json has them. */

const rows = [
	["UCMService", "Cluster1_CC", "offer_timeout_s", "Offer Time", "duration", "Agents", { unit: "s", least: 1, most: 3600, default: 20, text: "An offer that isn't answered for this long is withdrawn" }],
	["ContextStore", "Cluster1_CC", "audit_kept", "Audit Kept", "duration", "Audit", { unit: "d", least: 1, most: 3650, default: 90 }],
	["OCPDataServices", "Cluster3_OCP", "audit_kept", "Audit Kept", "duration", "Audit", { unit: "d", least: 1, most: 3650, default: 90 }],
	["CustomerControllerService", "Cluster3_OCP", "shutdown_mode", "Shutdown Mode", "boolean", null, { default: false, text: "No new chats" }],
	["OCPDataServices", "Cluster3_OCP", "db_password", "Password for the Omnichannel Database", "secret", null, { default: null, restart: true }],
	["EngagementDesigner", "Cluster1_CC", "log_level", "Log Level", "enumeration", null, { values: ["error", "info", "debug"], default: "info" }],
	["UCAStoreService", "Cluster1_CC", "site", "Site", "string", "Site", { pattern: "[A-Z]{3}", most: 3, default: "FRA" }],
].map(([service, cluster, key, name, type, area, more]) => ({
	service, cluster, key, name, type, area, unit: null, least: null, most: null, pattern: null, values: null,
	restart: false, text: "", ...more,
}));
const levels = ["profile", "cluster", "global", "solution"];
const values = new Map();
export const commits = [];
export const profiles = [];
const version = () => commits[0]?.version ?? 0;
const spot = (level, place, service, key) => [level, place, service, key].join("|");

function view(row, profile) {
	const places = { profile, cluster: row.cluster, global: "", solution: "" };
	const overrides = {};
	for (const level of levels) {
		const value = places[level] === null ? undefined : values.get(spot(level, places[level], row.service, row.key));
		if (value !== undefined)
			overrides[level] = row.type === "secret" ? "********" : value;
	}
	const origin = levels.find((level) => level in overrides) ?? "default";
	return {
		...row, overrides, effective: origin === "default" ? row.default : overrides[origin], origin,
		originPlace: places[origin] ?? "", setOutside: row.area !== null && ["profile", "cluster", "global"].includes(origin),
		restartNodes: row.restart && origin !== "default" ? ["node4-1"] : [], nodes: 2, arrived: 2,
	};
}

export const list = (query) => rows.map((row) => view(row, query.get("profile")));
export const versioned = (page) => ({ ...page, version: version() });

function changesOf(wishes) {
	return wishes.map(({ level, place = "", service, attribute, value }) => {
		const row = rows.find((r) => r.service === service && r.key === attribute);
		return { level, place, service, key: row.key, name: row.name, was: values.get(spot(level, place, service, row.key)) ?? null, became: value };
	});
}

function apply(kind, changes, who, message) {
	for (const { level, place, service, key, became } of changes)
		became === null ? values.delete(spot(level, place, service, key)) : values.set(spot(level, place, service, key), became);
	commits.unshift({ version: version() + 1, atMs: Date.now(), by: who, from: "127.0.0.1", kind, note: message ?? "", changes });
	return [200, { version: version(), changes }];
}

export function change([verb], who, _method, body) {
	if (verb === "revert") {
		const undone = commits.filter((c) => c.version > body.to).flatMap((c) => c.changes)
			.map((c) => ({ ...c, was: c.became, became: c.was }));
		return apply("revert", undone, who);
	}
	const wishes = verb === "import" ? body.file.values : body.changes;
	if (verb === "import" && body.file.kind !== "pelago-attributes")
		return [400, { title: "Bad request", detail: "file: isn't one of attributes" }];
	const changes = changesOf(wishes);
	if (verb === "import" && !body.apply)
		return [200, { version: version(), changes, refused: [], secrets: [] }];
	const theirs = commits.filter((c) => c.version > body.expected).flatMap((c) => c.changes.map((one) => ({ ...one, by: c.by })))
		.filter((one) => changes.some((mine) => mine.service === one.service && mine.key === one.key));
	if (theirs.length)
		return [409, { title: "Conflict", detail: "somebody changed one of them", version: version(), changes: theirs }];
	return apply(verb ?? "commit", changes, who, body.note);
}

export const file = () => ({
	kind: "pelago-attributes", format: 1, program: "0.1.0", version: version(),
	values: [...values].map(([at, value]) => {
		const [level, place, service, attribute] = at.split("|");
		return { level, place, service, attribute, value };
	}),
});

const profileView = (p) => ({ ...p, users: p.users.length, endpoints: p.endpoints.length });
export const profileList = () => profiles.map(profileView);
export const profileNamed = (name) => profiles.find((p) => p.name === name);

export function changeProfile([name, part, a, b], _who, method, body) {
	if (method === "POST") {
		if (profileNamed(body.name))
			return [409, { title: "Conflict", detail: `there is a service profile '${body.name}' already` }];
		profiles.push({ name: body.name, title: body.title ?? "", services: [], users: [], endpoints: [] });
		return [201, profileView(profiles.at(-1))];
	}
	const profile = profileNamed(name);
	if (!part && method === "DELETE") {
		profiles.splice(profiles.indexOf(profile), 1);
		return [204, {}];
	}
	if (!part)
		profile.title = body.title;
	if (part === "services") {
		profile.services = profile.services.filter((s) => s.name !== a);
		if (method === "PUT")
			profile.services.push({ name: a, version: body.version, installed: "0.1.0", inEffect: true });
	}
	if (part === "members") {
		const members = profile[`${a}s`].filter((id) => id !== b);
		profile[`${a}s`] = method === "PUT" ? [...members, b] : members;
	}
	return [200, profileView(profile)];
}

/* somebody else commits: GET /mock/commit?service=&key=&value= */
export function commit(query) {
	const [service, key] = [query.get("service"), query.get("key")];
	apply("commit", changesOf([{ level: "global", service, attribute: key, value: Number(query.get("value")) }]), "somebody");
}
