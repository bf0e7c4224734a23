// SPDX-License-Identifier: Apache-2.0
/*
 * A stand-in for the edge and the services, to look at the pages alone: npm run build && npm run mock.
 * One process, one memory, any user name, the password "demo". Sends the edge's own policy headers.
 *
 * Ways to make trouble: GET /mock/drop (all sockets), /mock/down?ms=N, /mock/reconnect,
 * /mock/silent?on=1 (no answers from the manager), /mock/position?n=N, /mock/renew?seconds=N.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";

const port = Number(process.env.PORT ?? 8080);
const dist = fileURLToPath(new URL("../dist", import.meta.url));
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
	+ `font-src 'self'; connect-src 'self' ws://127.0.0.1:${port}; form-action 'self'; `
	+ "base-uri 'none'; frame-ancestors 'none'";
const types = {
	".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css",
	".svg": "image/svg+xml", ".woff2": "font/woff2",
};
const roles = { admin: ["administrator"], supervisor: ["supervisor"], designer: ["designer"] };

let life = 600;
let silent = false;
let down = 0;
const codes = new Map();
const contacts = new Map();
const opens = new Map();
const customers = new Map();
let agent = null;
const agentState = { state: "NotReady", reason: "login" };

const json = (res, status, body, headers = {}) => {
	res.writeHead(status, {
		"content-type": status < 400 ? "application/json" : "application/problem+json", ...headers,
	});
	res.end(JSON.stringify(body));
};
const problem = (res, status, title, detail) => json(res, status, { status, title, detail });
const bodyOf = async (req) => {
	let text = "";
	for await (const chunk of req)
		text += chunk;
	return text;
};

function tokensFor(user) {
	const part = (o) => Buffer.from(JSON.stringify(o)).toString("base64url");
	const claims = {
		sub: user, name: user === "agent1" ? "Mia Berg" : user,
		roles: roles[user] ?? ["agent"], exp: Math.floor(Date.now() / 1000) + life,
	};
	return {
		access_token: `${part({ alg: "none" })}.${part(claims)}.${randomUUID()}`,
		token_type: "Bearer", expires_in: life, refresh_token: `r:${user}`,
	};
}

const server = createServer(async (req, res) => {
	const url = new URL(req.url, "http://x");
	const path = url.pathname;
	if (path.startsWith("/mock/")) {
		trouble(path.slice(6), url.searchParams);
		return json(res, 200, {});
	}
	if (Date.now() < down)
		return req.destroy();
	if (path.startsWith("/services/AuthorizationService/"))
		return authorization(req, res, path.split("/")[3], url);
	if (path.startsWith("/api/v1/"))
		return manager(req, res, path.slice(8));
	return page(res, path);
});

async function authorization(req, res, what, url) {
	if (what === "authorize" && req.method === "GET") {
		res.writeHead(302, { location: `/signin/${url.search}` });
		return res.end();
	}
	const body = await bodyOf(req);
	if (what === "authorize") {
		const ask = JSON.parse(body);
		if (ask.password === "locked")
			return json(res, 429, { status: 429, title: "Too many tries" }, { "retry-after": "30" });
		if (ask.password !== "demo")
			return problem(res, 401, "Unauthorized", "wrong user name or password");
		const code = randomUUID();
		codes.set(code, ask);
		const query = new URLSearchParams({ code, state: ask.state });
		return json(res, 200, { redirect: `${ask.redirect_uri}?${query}` });
	}
	const form = new URLSearchParams(body);
	if (what === "revoke")
		return json(res, 200, {});
	if (form.get("grant_type") === "refresh_token")
		return json(res, 200, tokensFor(form.get("refresh_token").slice(2)));
	const ask = codes.get(form.get("code"));
	codes.delete(form.get("code"));
	const hash = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
	if (!ask || hash !== ask.code_challenge || form.get("redirect_uri") !== ask.redirect_uri)
		return json(res, 400, { error: "invalid_grant", error_description: "the code is not valid" });
	return json(res, 200, tokensFor(ask.username));
}

const clusters = [
	["provisioning", "provisioning", ["AuthorizationService", "UCAStoreService"]],
	["core", 1, ["ContextStore", "EngagementDesigner"]],
	["routing", 2, ["WorkAssignment", "UCMService"]],
	["channels", 3, ["CustomerControllerService", "AutomationController"]],
	["desk", 4, ["UnifiedAgentController", "AgentControllerService"]],
	["data", 5, ["OCPDataServices"]],
].map(([name, kind, services], i) => ({
	name, kind, services, state: "Accepting", arrived: 1, nodes: [`node${i + 1}`],
}));

async function manager(req, res, path) {
	if (silent)
		return req.destroy();
	if (!req.headers.authorization)
		return problem(res, 401, "Unauthorized");
	const [noun, name, verb] = path.split("/");
	if (req.method === "POST") {
		const cluster = clusters.find((c) => c.name === decodeURIComponent(name));
		if (!cluster)
			return problem(res, 404, "Not found", `no cluster ${name}`);
		cluster.state = verb === "deny" ? "Denying" : "Accepting";
		cluster.arrived = 0;
		setTimeout(() => { cluster.arrived = 1; }, 1500);
		return json(res, 200, cluster);
	}
	const up = Math.floor(process.uptime());
	const items = {
		clusters,
		nodes: clusters.map((c, i) => ({
			name: `node${i + 1}`, cluster: c.name, state: "up", version: "0.1.0",
			uptimeSeconds: up + i * 4000, load: 0.1 + i / 7, memoryBytes: 8e6 + i * 3e6,
			diskFreeBytes: 41e9, lastHeardSeconds: 1,
		})),
		services: clusters.flatMap((c, i) => c.services.map((service, j) => ({
			name: service, version: "0.1.0", state: "running", cluster: c.name, nodes: c.nodes,
			instances: [{
				node: c.nodes[0], pid: 4000 + i * 10 + j, state: "running", restarts: i === 3 ? 1 : 0,
				memoryBytes: 5e6 + j * 1e6, uptimeSeconds: up,
			}],
		}))),
	}[noun];
	return items ? json(res, 200, { items, cursor: null }) : problem(res, 404, "Not found");
}

async function page(res, path) {
	const file = normalize(path.endsWith("/") ? `${path}index.html` : path);
	try {
		const body = await readFile(join(dist, file));
		res.writeHead(200, {
			"content-type": types[extname(file)] ?? "application/octet-stream",
			"content-security-policy": policy, "x-content-type-options": "nosniff",
		});
		res.end(body);
	} catch {
		problem(res, 404, "Not found");
	}
}

const sockets = new WebSocketServer({ noServer: true });
server.on("upgrade", (req, socket, head) => {
	if (Date.now() < down)
		return socket.destroy();
	sockets.handleUpgrade(req, socket, head, (ws) => {
		const onFrame = req.url.includes("UnifiedAgentController") ? agentFrame : customerFrame;
		ws.on("message", (data) => onFrame(ws, JSON.parse(data)));
		ws.on("close", () => { if (agent === ws) agent = null; });
	});
});

function trouble(what, query) {
	const all = [...sockets.clients];
	if (what === "down")
		down = Date.now() + Number(query.get("ms") ?? 3000);
	if (what === "drop" || what === "down")
		all.forEach((ws) => ws.terminate());
	if (what === "reconnect")
		all.forEach((ws) => send(ws, { type: "reconnect" }));
	if (what === "silent")
		silent = query.get("on") === "1";
	if (what === "renew")
		life = Number(query.get("seconds"));
	if (what === "position")
		customers.forEach((ws) => send(ws, {
			type: "queued", position: Number(query.get("n")), estimatedWaitSeconds: 130,
		}));
}

const send = (ws, frame) => ws?.readyState === 1 && ws.send(JSON.stringify(frame));
const toAgent = (contact, frame) => contact.state !== "queued" && contact.state !== "offered"
	&& send(agent, { ...frame, contactId: contact.contactId });

function event(contact, frame) {
	const full = { ...frame, seq: contact.events.length + 1, at: new Date().toISOString() };
	contact.events.push(full);
	send(customers.get(contact.contactId), full);
	toAgent(contact, full);
	return full;
}

function message(contact, from, { clientId, text }) {
	const known = contact.events.find((e) => e.clientId === clientId && e.from === from);
	if (known) {
		send(customers.get(contact.contactId), known);
		return toAgent(contact, known);
	}
	setTimeout(() => event(contact, { type: "message", from, text, clientId }), 60);
}

function customerFrame(ws, frame) {
	const contact = contacts.get(ws.contactId);
	switch (frame.type) {
	case "open": {
		if (clusters[3].state === "Denying")
			return send(ws, { type: "error", code: "notAccepting", message: "denying" });
		let opened = opens.get(frame.clientId);
		if (!opened) {
			opened = { contactId: randomUUID(), resumeToken: randomUUID() };
			opens.set(frame.clientId, opened);
			contacts.set(opened.contactId, {
				...opened, state: "queued", events: [], channel: "chat", service: frame.topic ?? "sales",
				customer: { name: frame.name, email: frame.email }, context: frame.context ?? {},
			});
		}
		const made = contacts.get(opened.contactId);
		ws.contactId = opened.contactId;
		customers.set(opened.contactId, ws);
		made.events.length ||= made.events.push({ type: "opened", seq: 1 });
		send(ws, { type: "opened", seq: 1, ...opened });
		send(ws, { type: "queued", position: 1, estimatedWaitSeconds: 20 });
		event(made, { type: "message", from: "bot", text: `Hello ${frame.name}, we get somebody for you.` });
		return offerNext();
	}
	case "resume": {
		const old = contacts.get(frame.contactId);
		if (!old || old.resumeToken !== frame.resumeToken)
			return send(ws, { type: "error", code: "unauthorized", message: "no such chat" });
		ws.contactId = old.contactId;
		customers.set(old.contactId, ws);
		send(ws, { type: "resumed", contactId: old.contactId, head: old.events.length });
		return old.events.slice(frame.after).forEach((e) => send(ws, e));
	}
	case "message":
		if (frame.text.length > 4000)
			return send(ws, { type: "error", code: "tooLarge", clientId: frame.clientId });
		return message(contact, "customer", frame);
	case "typing":
		return toAgent(contact, { type: "typing", from: "customer", on: frame.on });
	case "close":
		return close(contact, "customer");
	}
}

function offerNext() {
	const next = [...contacts.values()].find((c) => c.state === "queued");
	if (!agent || agentState.state !== "Ready" || !next)
		return;
	next.state = "offered";
	next.offerId = randomUUID();
	next.until = Date.now() + 20_000;
	const { contactId, offerId, channel, service, customer } = next;
	send(agent, {
		type: "offer", contactId, offerId, channel, service, customer, expiresInSeconds: 20,
	});
	setTimeout(() => {
		if (next.state !== "offered" || next.offerId !== offerId)
			return;
		next.state = "queued";
		send(agent, { type: "withdrawn", contactId, offerId, reason: "noAnswer" });
		setState("NotReady", "noAnswer");
	}, 20_000);
}

function setState(state, reason = null) {
	Object.assign(agentState, { state, reason });
	send(agent, { type: "state", state, reason });
	offerNext();
}

function close(contact, reason) {
	if (contact.state === "wrapup" || contact.state === "done")
		return;
	if (contact.state === "offered") {
		send(agent, {
			type: "withdrawn", contactId: contact.contactId, offerId: contact.offerId,
			reason: "customerLeft",
		});
	}
	const had = contact.state === "active";
	contact.state = had ? "wrapup" : "done";
	contact.until = Date.now() + 30_000;
	const full = { type: "closed", reason, seq: contact.events.length + 1, at: new Date().toISOString() };
	contact.events.push(full);
	send(customers.get(contact.contactId), full);
	if (had)
		send(agent, { ...full, contactId: contact.contactId, wrapUpSeconds: 30 });
}

function agentFrame(ws, frame) {
	const contact = contacts.get(frame.contactId);
	switch (frame.type) {
	case "hello": {
		if (agent && agent !== ws) {
			send(agent, { type: "replaced" });
			agent.close();
		}
		agent = ws;
		const held = [...contacts.values()].filter((c) =>
			["offered", "active", "wrapup"].includes(c.state));
		const left = (c) => Math.max(0, (c.until - Date.now()) / 1000);
		send(ws, {
			type: "session", agent: { username: "agent1", name: "Mia Berg" }, ...agentState,
			contacts: held.map((c) => ({
				contactId: c.contactId, offerId: c.offerId, state: c.state, channel: c.channel,
				service: c.service, customer: c.customer, context: c.context, transcript: c.events,
				...(c.state === "offered" ? { expiresInSeconds: left(c) } : {}),
				...(c.state === "wrapup" ? { wrapUpSeconds: left(c) } : {}),
			})),
		});
		return offerNext();
	}
	case "state":
		return setState(frame.state, frame.reason);
	case "accept": {
		if (contact?.state !== "offered")
			return send(ws, { type: "error", code: "conflict", contactId: frame.contactId });
		contact.state = "active";
		const { contactId, context } = contact;
		send(ws, { type: "assigned", contactId, transcript: contact.events, context });
		event(contact, { type: "joined", participant: { role: "agent", name: "Mia" } });
		return offerNext();
	}
	case "reject":
		contact.state = "queued";
		return setState("NotReady", "Other");
	case "message":
		return message(contact, "agent", frame);
	case "typing":
		return send(customers.get(frame.contactId), { type: "typing", from: "agent", on: frame.on });
	case "close":
		return close(contact, "agent");
	case "complete":
		contact.state = "done";
		return offerNext();
	}
}

server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/`));
