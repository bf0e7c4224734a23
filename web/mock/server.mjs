// SPDX-License-Identifier: Apache-2.0
/*
 * A stand-in for the edge and the services, to look at the pages alone: npm run build && npm run mock.
 * One process, one memory, any user name, the password "demo". Sends the edge's own policy headers.
 *
 * Ways to make trouble: GET /mock/drop (all sockets), /mock/down?ms=N, /mock/reconnect,
 * /mock/silent?on=1 (no answers from the manager), /mock/position?n=N, /mock/renew?seconds=N,
 * /mock/fill?n=N (messages in each chat), /mock/push?url=&title=,
 * /mock/transcript?n=N (how much of it comes with a contact), /mock/out (logs all agents out), /mock/hours?open=0, /mock/accepting?on=0, /mock/uploads?on=0;
 * and those of the manager (manager.mjs).
 */
import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import * as centre from "./centre.mjs";
import * as managing from "./manager.mjs";

const port = Number(process.env.PORT ?? 8080);
const dist = fileURLToPath(new URL("../dist", import.meta.url));
const policyAt = (at) => "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
	+ `font-src 'self'; connect-src 'self' ws://127.0.0.1:${at}; form-action 'self'; `
	+ "base-uri 'none'; frame-ancestors 'none'";
const types = {
	".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css",
	".svg": "image/svg+xml", ".woff2": "font/woff2",
};
const roles = { admin: ["administrator"], supervisor: ["supervisor"], designer: ["designer"], auditor: ["auditor"] };

let life = 600;
let silent = false;
let down = 0;
const codes = new Map();
const files = new Map();

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
		sub: user, name: centre.agentOf(user).name,
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
		const trouble = troubles[path.slice(6)];
		trouble?.(url.searchParams);
		return trouble ? json(res, 200, {}) : problem(res, 404, "Not found", path);
	}
	if (Date.now() < down)
		return req.destroy();
	if (path.startsWith("/services/AuthorizationService/"))
		return authorization(req, res, path.split("/")[3], url);
	if (path.startsWith("/api/v1/"))
		return manager(req, res, url);
	if (path.startsWith("/services/"))
		return service(req, res, path.slice(10), url.searchParams);
	return page(res, path);
});

/* [method, path, answer]: what the desk and the widget ask of services over HTTP */
const routes = [
	["GET", /^UCAStoreService\/desk$/, () => centre.desk],
	["GET", /^UnifiedAgentController\/agents$/, ({ user }) => ({ items: centre.team(user), cursor: null })],
	["GET", /^ContextStoreRest\/cs\/contexts\/(.+)$/, ({ match }) => {
		const contact = centre.contacts.get(match[1]);
		return contact && {
			contextId: match[1], version: 1, leaseSeconds: 7200, expiresInSeconds: 7000,
			data: { ...contact.context, basket: "Linnet 2 tent", loyalty: "gold since 2019" },
		};
	}],
	["GET", /^OCPDataServices\/history$/, ({ query }) => {
		const email = query.get("customer");
		const theirs = [...centre.contacts.values()].filter((c) => c.customer.email === email);
		return theirs.length && {
			customer: { id: email, name: theirs[0].customer.name, email, firstMs: 0, lastMs: 0 },
			cursor: null,
			items: theirs.map(centre.record).sort((a, b) => b.openedMs - a.openedMs),
		};
	}],
	["GET", /^OCPDataServices\/contacts\/(.+)$/, ({ match }) => {
		const contact = centre.contacts.get(match[1]);
		return contact && centre.wholeRecord(contact);
	}],
	["POST", /^(?:CustomerControllerService|AgentControllerService)\/contacts\/([^/]+)\/files$/, upload],
];

async function service(req, res, path, query) {
	for (const [method, pattern, answer] of routes) {
		const match = pattern.exec(path);
		if (req.method !== method || !match)
			continue;
		const user = userOf(req);
		const body = await answer({ req, match: match.map(decodeURIComponent), query, user });
		return body ? json(res, body.status ?? 200, body) : problem(res, 404, "Not found", "there is no such thing");
	}
	const file = /^\w+\/contacts\/[^/]+\/files\/([^/]+)$/.exec(path);
	const kept = file && files.get(file[1]);
	if (!kept)
		return problem(res, 404, "Not found", path);
	res.writeHead(200, { "content-type": kept.type });
	return res.end(kept.body);
}

async function upload({ req, match, query, user }) {
	const contact = centre.contacts.get(match[1]);
	const chunks = [];
	for await (const chunk of req)
		chunks.push(chunk);
	if (!contact)
		return null;
	if (query.get("name").startsWith("refuse"))
		return { status: 409, title: "Conflict", detail: "this chat has 20 files already" };
	const clientId = query.get("clientId");
	if (contact.events.some((e) => e.clientId === clientId))
		return {};
	const file = {
		id: randomUUID(), name: query.get("name"), size: Buffer.concat(chunks).length,
		type: req.headers["content-type"] ?? "application/octet-stream",
	};
	files.set(file.id, { body: Buffer.concat(chunks), type: file.type });
	centre.event(contact, {
		type: "file", from: user ? "agent" : "customer", name: user ? centre.agentOf(user).name : "", file, clientId,
	});
	return { file };
}

function userOf(req) {
	const [, token] = (req.headers.authorization ?? "").split(" ");
	return token ? JSON.parse(Buffer.from(token.split(".")[1], "base64url")).sub : null;
}

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

async function manager(req, res, url) {
	if (silent)
		return req.destroy();
	const who = userOf(req);
	if (!who)
		return problem(res, 401, "Unauthorized");
	const text = await bodyOf(req);
	const [status, body] = await managing.answer(
		req.method, url.pathname.slice(8), url.searchParams, who, req.headers["content-type"] === "application/json" ? JSON.parse(text) : text);
	return status === 204 ? res.writeHead(204).end() : json(res, status, status < 400 ? body : { status, ...body });
}

async function page(res, path) {
	const file = normalize(path.endsWith("/") ? `${path}index.html` : path);
	try {
		const body = await readFile(join(dist, file));
		res.writeHead(200, {
			"content-type": types[extname(file)] ?? "application/octet-stream",
			"content-security-policy": policyAt(server.address().port), "x-content-type-options": "nosniff",
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
		const isAgent = req.url.includes("UnifiedAgentController");
		const onFrame = isAgent ? centre.agentFrame : centre.customerFrame;
		ws.on("message", (data) => onFrame(ws, JSON.parse(data)));
		ws.on("close", () => {
			if (ws.agent?.ws === ws)
				ws.agent.ws = null;
			if (!isAgent)
				centre.customerGone(ws);
		});
	});
});

const isOn = (query, name) => query.get(name) === "1";
const troubles = {
	drop: () => sockets.clients.forEach((ws) => ws.terminate()),
	down(query) {
		down = Date.now() + Number(query.get("ms") ?? 3000);
		troubles.drop();
	},
	reconnect: () => sockets.clients.forEach((ws) => centre.send(ws, { type: "reconnect" })),
	silent: (query) => { silent = isOn(query, "on"); },
	renew: (query) => { life = Number(query.get("seconds")); },
	position: (query) => centre.position(Number(query.get("n"))),
	fill: (query) => centre.fill(Number(query.get("n"))),
	push: (query) => centre.pushAny(query.get("url"), query.get("title")),
	transcript: (query) => { centre.world.transcript = Number(query.get("n")); },
	out: () => centre.logOutAll(),
	hours: (query) => { centre.world.open = isOn(query, "open"); },
	accepting: (query) => { centre.world.accepting = isOn(query, "on"); },
	uploads: (query) => { centre.world.uploads = isOn(query, "on"); },
	...managing.troubles,
};

/* Whoever started it for a test may be killed: then nobody would end it. */
if (process.env.END_WITH_STDIN)
	process.stdin.resume().on("end", () => process.exit());

server.listen(port, "127.0.0.1",
	() => console.log(`http://127.0.0.1:${server.address().port}/`));
