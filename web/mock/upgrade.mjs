// SPDX-License-Identifier: Apache-2.0
/* Upgrades of the stand-in: one release, and a run of five steps, a step each STEP_MS. */

const STEP_MS = 400;
const none = { state: "none", from: "0.1.0", to: null, mode: null, plan: "", why: "", at: null, steps: [] };
const titles = ["Loads the services of 0.2.0", "Manager 0.2.0", "Node node1-1 0.2.0, the first one", "Replaces by UCMService 0.2.0, Cluster1_CC", "Health of all, after the root supervisors"];

export const releases = [{
	version: "0.2.0", hash: "cd".repeat(32), bytes: 48e6, signer: "development", loadedMs: Date.now(), services: 12, arch: "x86_64", sources: ["0.0", "0.1", "0.2"],
}];
export let upgrade = none;
/* the step that fails once, or -1 */
let broken = -1;
/* the step that waits until it may go on, or -1 */
let held = -1;
let isRead = false;

const now = () => new Date().toISOString();
const steps = () => titles.map((title, i) => ({ id: `step${i}`, title, state: "waiting", attempts: 0, started: null, ended: null, detail: "", usualMs: 10000 }));

function goOn() {
	const step = upgrade.steps.find((s) => s.state === "waiting" || s.state === "applying");
	if (upgrade.state !== "running") return;
	if (!step) {
		upgrade.state = "upgraded";
		return;
	}
	if (step.state === "waiting") {
		Object.assign(step, { state: "applying", started: now(), attempts: 1 });
	} else if (upgrade.steps.indexOf(step) === held) {
		return;
	} else if (upgrade.steps.indexOf(step) === broken) {
		broken = -1;
		Object.assign(step, { state: "failed", detail: "UCMService ended on node node1-1; see its log" });
		Object.assign(upgrade, { state: "failed", why: `${step.title}: ${step.detail}` });
		return;
	} else {
		Object.assign(step, { state: "done", ended: now() });
	}
	setTimeout(goOn, STEP_MS);
}

const seen = { origin: "", agent: "", user: "", version: "0.1.0", firstMs: Date.now() - 86400000, lastMs: Date.now() };
export const report = () => ({
	state: upgrade.state, from: "0.1.0", to: "0.2.0", mode: "rolling",
	afterwards: [
		{ key: "workflows", title: "Tasks and workflows replaced", result: "pass", seen: "chat is replaced, and what runs goes on", why: "", fix: "", state: upgrade.state === "upgraded" ? "done" : "waiting" },
		{ key: "database-attributes", title: "Database attributes of CustomerControllerService", result: "pass", seen: "not deployed", why: "", fix: "", state: "" },
	],
	interfaces: [
		{ name: "message Open", change: "changed", users: [{ ...seen, kind: "page", origin: "https://shop.example" }, { ...seen, kind: "client", agent: "<i>till/4</i>", user: "Ines Albrecht" }] },
		{ name: "GET /api/v1/old", change: "removed", users: [] },
	],
});

const row = (key, title, result, seen, fix = "") => ({ key, title, result, seen, why: "Why it matters stands here.", fix, commands: [] });

const checks = (wish) => {
	const items = [
		row("path", "Source and target release", "pass", "0.1.0 to 0.2.0"),
		row("release-notes", "Release notes acknowledged", isRead ? "pass" : "inhibit", "nobody has said to have read those of 0.2.0", isRead ? "" : "pelago upgrade acknowledge 0.2.0 --yes"),
		row("backups", "Backups", "warn", "not deployed", "copy the data folder while it is stopped"),
	];
	return { inhibits: isRead ? 0 : 1, options: wish.options, checks: items };
};

export async function change([verb], _who, _method, body) {
	isRead ||= body?.acknowledge === true;
	switch (verb) {
	case "check":
		return [200, checks(body)];
	case "plan":
		return [200, { id: "", kind: "upgrade", title: `Upgrade to ${body.version}`, state: "planned", done: 0, of: 5, atMs: 0, endedMs: 0, who: "", from: "", steps: titles.map((title, i) => ({ id: `step${i}`, kind: "reversible", title, state: "waiting", attempts: 0, startedMs: 0, endedMs: 0, detail: "", usualMs: 10000 })) }];
	case "run":
		if (!isRead)
			return [409, { title: "Conflict", detail: "1 check inhibits the upgrade: release-notes: nobody has said to have read those of 0.2.0; 'pelago upgrade check' shows all" }];
		upgrade = { ...none, state: "running", to: body.version, mode: body.mode, plan: "plan1", at: now(), steps: steps() };
		setTimeout(goOn, STEP_MS);
		return [202, upgrade];
	case "resume":
		Object.assign(upgrade, { state: "running", why: "" });
		upgrade.steps.filter((s) => s.state === "failed").forEach((s) => Object.assign(s, { state: "applying", detail: "" }));
		setTimeout(goOn, STEP_MS);
		return [202, upgrade];
	case "rollback":
		Object.assign(upgrade, { state: "undone", why: "" });
		upgrade.steps.forEach((s) => Object.assign(s, { state: s.state === "waiting" ? "waiting" : "undone" }));
		return [202, upgrade];
	default: /* finalize */
		upgrade.state = "finalized";
		return [202, upgrade];
	}
}

/* the next run fails in this step, and waits in that one */
export function fail(query) {
	broken = Number(query.get("step"));
	held = Number(query.get("waits") ?? -1);
	return {};
}

export function release() {
	held = -1;
	goOn();
	return {};
}
