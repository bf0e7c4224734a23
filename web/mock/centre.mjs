// SPDX-License-Identifier: Apache-2.0
/*
 * The stand-in's contact centre: contacts, agents, consult legs and surveys, all in memory.
 *
 * Says what docs/protocol.md says, without its durability: one process, nothing is kept.
 */
import { randomUUID } from "node:crypto";

const answerSeconds = 20;
const wrapUpSeconds = 30;
const extensions = 2;
const legsAtMost = 3;
const names = { agent1: "Mia Berg", agent2: "Omar Haddad", agent3: "Lena Sato" };
const survey = [
	{ id: "rating", text: "How did we do?", kind: "rating", most: 5 },
	{ id: "solved", text: "Is it solved?", kind: "choice", choices: ["Yes", "Partly", "No"] },
	{ id: "more", text: "Anything else?", kind: "text" },
];

export const services = ["sales", "billing", "support"];
export const desk = {
	reasons: [
		{ code: "Break", label: "Break" }, { code: "Lunch", label: "Lunch" },
		{ code: "Training", label: "Training on the job" },
	],
	dispositions: [
		{ code: "Resolved", label: "Resolved" }, { code: "Refunded", label: "Refunded", service: "billing" },
		{ code: "FollowUp", label: "Follow-up needed" }, { code: "Spam", label: "Spam" },
	],
	texts: [
		{ shortcut: "greet", title: "Greeting", text: "Good day, {customer}! I am {agent}. How can I help?" },
		{ shortcut: "grateful", title: "Thanks", text: "Thank you for your patience." },
		{ shortcut: "bye", title: "Farewell", text: "Have a good day!", language: "en" },
		{ shortcut: "refund", title: "Refund", text: "The money is back within three days.", service: "billing" },
	],
	services: services.map((name) => ({ name, title: name[0].toUpperCase() + name.slice(1) })),
};

export const world = { accepting: true, open: true, uploads: true, transcript: Infinity };
export const contacts = new Map();
export const agents = new Map();
const legs = new Map();
const opens = new Map();
const customers = new Map();

export const send = (ws, frame) => ws?.readyState === 1 && ws.send(JSON.stringify(frame));
const toAgent = (id, frame) => send(agents.get(id)?.ws, frame);
const refuse = (ws, code, message, frame = {}) => send(ws, {
	type: "error", code, message, contactId: frame.contactId, clientId: frame.clientId,
});
const files = () => (world.uploads
	? { files: { maxBytes: 1_000_000, types: ["image/*", ".pdf", ".txt", ".log"] } } : {});
const person = (id) => ({ id, name: agents.get(id)?.name ?? id });

export function agentOf(id) {
	let agent = agents.get(id);
	if (!agent) {
		agent = {
			id, name: names[id] ?? id, ws: null, state: "NotReady", reason: "loggedIn", working: false,
			pending: false, logoutPending: false, sinceMs: Date.now(),
		};
		agents.set(id, agent);
	}
	return agent;
}

const worksOf = (id) => [...contacts.values(), ...legs.values()].filter((w) =>
	w.agent === id && ["active", "wrapup"].includes(w.state));
const inChat = (contact) => [contact.agent, ...[...legs.values()]
	.filter((l) => l.parentId === contact.contactId && l.state === "active").map((l) => l.agent)]
	.filter(Boolean);

/** A durable event of the chat: numbered, kept, told to the customer and to all agents in it. */
export function event(contact, frame, hidden = {}) {
	const full = { ...frame, seq: contact.events.length + 1, at: new Date().toISOString() };
	contact.events.push(full);
	send(customers.get(contact.contactId), full);
	for (const id of inChat(contact))
		toAgent(id, { ...full, ...hidden, contactId: contact.contactId });
	return full;
}

function say(contact, from, { clientId, text, name }) {
	const known = contact.events.find((e) => e.clientId === clientId && e.from === from);
	if (known) {
		send(customers.get(contact.contactId), known);
		return inChat(contact).forEach((id) => toAgent(id, { ...known, contactId: contact.contactId }));
	}
	setTimeout(() => event(contact, { type: "message", from, text, clientId, ...(name ? { name } : {}) }), 60);
}

/* The customer's side */

export function customerFrame(ws, frame) {
	const contact = contacts.get(ws.contactId);
	switch (frame.type) {
	case "open":
		return openChat(ws, frame);
	case "resume": {
		const old = contacts.get(frame.contactId);
		if (!old || old.resumeToken !== frame.resumeToken)
			return refuse(ws, "unauthorized", "no such chat");
		ws.contactId = old.contactId;
		customers.set(old.contactId, ws);
		presence(old, "connected");
		send(ws, { type: "resumed", contactId: old.contactId, head: old.events.length, ...files() });
		return old.events.slice(frame.after).forEach((e) => send(ws, e));
	}
	case "message":
		if (frame.text.length > 4000)
			return refuse(ws, "tooLarge", "at most 4000 characters", frame);
		if (contact.state === "wrapup" || contact.state === "done")
			return refuse(ws, "conflict", "the chat has ended", frame);
		return say(contact, "customer", frame);
	case "typing":
		return inChat(contact).forEach((id) => toAgent(id, {
			type: "typing", contactId: contact.contactId, from: "customer", on: frame.on,
		}));
	case "survey": {
		const known = contact.events.find((e) => e.type === "surveyed");
		contact.answers ??= frame.answers;
		return known ? send(ws, known) : event(contact, { type: "surveyed" });
	}
	case "close":
		return endChat(contact, "customer");
	}
}

function openChat(ws, frame) {
	if (!world.accepting)
		return refuse(ws, "notAccepting", "denying", frame);
	let opened = opens.get(frame.clientId);
	if (!opened) {
		opened = { contactId: randomUUID(), resumeToken: randomUUID() };
		opens.set(frame.clientId, opened);
		contacts.set(opened.contactId, {
			...opened, state: "queued", events: [], private: [], channel: "chat", agent: null,
			service: frame.topic || "sales", customer: { name: frame.name, email: frame.email },
			context: { topic: frame.topic, ...frame.context }, openedMs: Date.now(), closedMs: 0,
			closeReason: "", disposition: "", attributes: frame.attributes ?? {},
		});
	}
	const made = contacts.get(opened.contactId);
	ws.contactId = opened.contactId;
	customers.set(opened.contactId, ws);
	made.events.length ||= made.events.push({ type: "opened", seq: 1 });
	send(ws, { type: "opened", seq: 1, ...opened, ...files() });
	if (!world.open) {
		event(made, { type: "message", from: "system", text: "Nobody is here at this hour." });
		return endChat(made, "timeout", { offHours: true, opensAtMs: Date.now() + 3_600_000 });
	}
	send(ws, { type: "queued", position: 1, estimatedWaitSeconds: 20 });
	event(made, { type: "message", from: "bot", text: `Hello ${frame.name}, we get somebody for you.` });
	return offerNext();
}

export function customerGone(ws) {
	const contact = contacts.get(ws.contactId);
	if (contact && customers.get(ws.contactId) === ws)
		presence(contact, "away");
}

function presence(contact, customer) {
	contact.presence = customer;
	if (contact.state === "active")
		inChat(contact).forEach((id) => toAgent(id, { type: "presence", contactId: contact.contactId, customer }));
}

function endChat(contact, reason, more = {}) {
	if (contact.state === "wrapup" || contact.state === "done")
		return;
	if (contact.state === "offered")
		withdraw(contact, "customerLeft");
	const had = contact.state === "active";
	for (const leg of legs.values()) {
		if (leg.parentId === contact.contactId)
			endLeg(leg, "ended");
	}
	event(contact, { type: "closed", reason, ...more });
	contact.closedMs = Date.now();
	contact.closeReason = reason;
	contact.state = had ? "wrapup" : "done";
	if (had) {
		wrapUp(contact, reason);
		event(contact, { type: "survey", questions: survey });
	}
}

function wrapUp(work, reason) {
	work.until = Date.now() + wrapUpSeconds * 1000;
	work.extensions = extensions;
	toAgent(work.agent, {
		type: "closed", contactId: work.contactId, reason, wrapUpSeconds, extensionsLeft: extensions,
	});
}

/* Offers */

const isTaker = (agent, work) => agent.ws && agent.state === "Ready" && !agent.logoutPending
	&& worksOf(agent.id).length < 5 && !work.not?.includes(agent.id)
	&& (work.only === undefined || work.only === agent.id);

export function offerNext() {
	for (const work of [...legs.values(), ...contacts.values()]) {
		const agent = work.state === "queued" && [...agents.values()].find((a) => isTaker(a, work));
		if (!agent)
			continue;
		const offerId = randomUUID();
		Object.assign(work, {
			state: "offered", offerId, agent: agent.id, until: Date.now() + answerSeconds * 1000,
		});
		send(agent.ws, { type: "offer", ...offerOf(work), expiresInSeconds: answerSeconds });
		setTimeout(() => {
			if (work.state !== "offered" || work.offerId !== offerId)
				return;
			withdraw(work, "noAnswer");
			if (work.parentId)
				endLeg(work, "noAnswer");
			else
				requeue(work, agent.id);
			setState(agent, "NotReady", "noAnswer");
		}, answerSeconds * 1000);
	}
}

function offerOf(work) {
	const { contactId, offerId, channel, service, customer, parentId, from, note } = work;
	return {
		contactId, offerId, channel, service, customer,
		...(parentId ? { kind: "consult", parentId, from } : {}), ...(note ? { note } : {}),
	};
}

function withdraw(work, reason) {
	toAgent(work.agent, { type: "withdrawn", contactId: work.contactId, offerId: work.offerId, reason });
}

function requeue(work, ...not) {
	Object.assign(work, { state: "queued", agent: null, not });
	offerNext();
}

function isFree(agent) {
	if (!agent || worksOf(agent.id).length)
		return;
	if (agent.logoutPending)
		return logOut(agent);
	if (agent.pending)
		setState(agent, "NotReady", agent.reason);
}

function tellState(agent) {
	const { state, reason, pending, logoutPending, working, sinceMs } = agent;
	send(agent.ws, {
		type: "state", state, reason, pending, logoutPending, working, sinceMs, nowMs: Date.now(),
	});
}

function setState(agent, state, reason = null) {
	const pending = state === "NotReady" && worksOf(agent.id).length > 0;
	Object.assign(agent, {
		state, reason, pending, working: true, logoutPending: false, sinceMs: Date.now(),
	});
	tellState(agent);
	offerNext();
}

function logOut(agent) {
	Object.assign(agent, {
		state: "LoggedOut", reason: null, working: false, pending: false, logoutPending: false, sinceMs: Date.now(),
	});
	tellState(agent);
}

/* The agent's side */

const asked = {
	hello(ws, frame) {
		const id = JSON.parse(Buffer.from(frame.token.split(".")[1], "base64url")).sub;
		const agent = agentOf(id);
		if (agent.ws && agent.ws !== ws) {
			send(agent.ws, { type: "replaced" });
			agent.ws.close();
		}
		if (agent.state === "LoggedOut")
			Object.assign(agent, { state: "NotReady", reason: "loggedIn", sinceMs: Date.now() });
		agent.ws = ws;
		ws.agent = agent;
		const { state, reason, pending, logoutPending, working, sinceMs, name } = agent;
		send(ws, {
			type: "session", agent: { id, username: id, name }, state, reason, pending, logoutPending,
			working, sinceMs, nowMs: Date.now(),
			contacts: [...contacts.values(), ...legs.values()]
				.filter((w) => w.agent === id && ["offered", "active", "wrapup"].includes(w.state))
				.map(sessionItem),
		});
		offerNext();
	},
	startWork(ws) {
		setState(ws.agent, "NotReady", "startWork");
	},
	state(ws, { state, reason }) {
		setState(ws.agent, state, reason);
	},
	logout(ws, { force }) {
		const held = worksOf(ws.agent.id);
		if (held.length && !force) {
			ws.agent.logoutPending = true;
			return tellState(ws.agent);
		}
		logOut(ws.agent);
		for (const work of held) {
			if (work.parentId)
				endLeg(work, "ended");
			else if (work.state === "wrapup")
				work.state = "done";
			else
				requeue(work, ws.agent.id);
		}
	},
	accept(ws, frame, work) {
		if (work?.state !== "offered" || work.agent !== ws.agent.id)
			return refuse(ws, "conflict", "the offer is over", frame);
		work.state = "active";
		if (work.parentId) {
			send(ws, { type: "assigned", ...assignment(work) });
			return tellLeg(work, "joined");
		}
		send(ws, { type: "assigned", ...assignment(work) });
		event(work, { type: "joined", participant: { role: "agent", name: ws.agent.name } });
		return offerNext();
	},
	reject(ws, frame, work) {
		if (work?.parentId)
			endLeg(work, "declined");
		else if (work)
			requeue(work, ws.agent.id);
		setState(ws.agent, "NotReady", "Other");
	},
	message(ws, frame, work) {
		const main = work?.parentId ? contacts.get(work.parentId) : work;
		if (!work || work.state !== "active")
			return refuse(ws, "conflict", "the chat has ended", frame);
		if (frame.private)
			return whisper(ws, main, frame);
		if (work.parentId && !work.conference)
			return refuse(ws, "conflict", "you are not in the chat", frame);
		return say(main, "agent", { ...frame, name: ws.agent.name });
	},
	typing(ws, frame, work) {
		const main = work?.parentId ? contacts.get(work.parentId) : work;
		send(customers.get(main?.contactId), { type: "typing", from: "agent", on: frame.on });
	},
	push(ws, frame, work) {
		if (!/^https?:\/\//.test(frame.url))
			return refuse(ws, "badRequest", "the address isn't http or https", frame);
		const { url, title, clientId } = frame;
		if (!work.events.some((e) => e.clientId === clientId))
			event(work, { type: "push", from: "agent", name: ws.agent.name, url, title, clientId });
	},
	transfer(ws, frame, work) {
		const { to, note } = frame;
		if (to.leg) {
			const leg = legs.get(to.leg);
			if (!leg || !["active"].includes(leg.state))
				return refuse(ws, "conflict", "that consultation is over", frame);
			withdraw(work, "transferred");
			work.agent = leg.agent;
			leg.state = "done";
			for (const other of legs.values()) {
				if (other.parentId === work.contactId && other !== leg)
					endLeg(other, "ended");
			}
			toAgent(leg.agent, { type: "assigned", ...assignment(work) });
			if (!leg.conference)
				event(work, { type: "joined", participant: { role: "agent", name: person(leg.agent).name } });
			event(work, { type: "left", participant: { role: "agent", name: ws.agent.name } });
			return isFree(ws.agent);
		}
		const wrong = wrongTarget(ws, to);
		if (wrong)
			return refuse(ws, "conflict", wrong, frame);
		withdraw(work, "transferred");
		for (const leg of legs.values()) {
			if (leg.parentId === work.contactId)
				endLeg(leg, "ended");
		}
		Object.assign(work, { note: note ? { text: note, from: person(ws.agent.id) } : undefined, only: to.user });
		if (to.service)
			work.service = to.service;
		work.agent = null;
		event(work, { type: "left", participant: { role: "agent", name: ws.agent.name } });
		requeue(work, ...(to.service ? [ws.agent.id] : []));
		return isFree(ws.agent);
	},
	consult(ws, frame, work) {
		const { to, note } = frame;
		const wrong = wrongTarget(ws, to);
		const open = [...legs.values()].filter((l) => l.parentId === work.contactId && l.state !== "done");
		if (wrong || open.length >= legsAtMost)
			return refuse(ws, "conflict", wrong ?? `at most ${legsAtMost} consultations`, frame);
		const leg = {
			contactId: randomUUID(), parentId: work.contactId, state: "queued", agent: null, to,
			from: person(ws.agent.id), note: note ? { text: note, from: person(ws.agent.id) } : undefined,
			channel: work.channel, service: to.service ?? work.service, customer: work.customer,
			not: [ws.agent.id], only: to.user, conference: false,
		};
		legs.set(leg.contactId, leg);
		tellLeg(leg, "offering");
		return offerNext();
	},
	conference(ws, frame) {
		const leg = legs.get(frame.legId);
		if (leg?.state !== "active")
			return refuse(ws, "conflict", "that consultation is over", frame);
		leg.conference = true;
		tellLeg(leg, "conference");
		event(contacts.get(leg.parentId), { type: "joined", participant: { role: "agent", name: person(leg.agent).name } });
	},
	release(ws, frame) {
		const leg = legs.get(frame.legId);
		if (leg)
			endLeg(leg, "ended");
	},
	extend(ws, frame, work) {
		if (work?.state !== "wrapup" || !work.extensions)
			return refuse(ws, "conflict", "there are no more extensions", frame);
		work.extensions--;
		work.until += 60_000;
		send(ws, {
			type: "wrapup", contactId: work.contactId, extensionsLeft: work.extensions,
			wrapUpSeconds: Math.round((work.until - Date.now()) / 1000),
		});
	},
	close(ws, frame, work) {
		if (work?.parentId)
			return endLeg(work, "ended");
		work.disposition = frame.disposition ?? "";
		return endChat(work, "agent");
	},
	complete(ws, frame, work) {
		if (work)
			work.state = "done";
		isFree(ws.agent);
		offerNext();
	},
};

export function agentFrame(ws, frame) {
	if (frame.type !== "hello" && !ws.agent)
		return refuse(ws, "unauthorized", "say hello first", frame);
	const work = contacts.get(frame.contactId) ?? legs.get(frame.contactId);
	if ("contactId" in frame && !work)
		return refuse(ws, "conflict", "no such contact", frame);
	return asked[frame.type]?.(ws, frame, work)
		?? (asked[frame.type] ? undefined : refuse(ws, "badRequest", `no frame ${frame.type}`, frame));
}

function wrongTarget(ws, { service, user }) {
	if (service !== undefined)
		return services.includes(service) ? null : `there is no service ${service}`;
	if (user === ws.agent.id)
		return "that is yourself";
	const agent = agents.get(user);
	return agent?.ws && agent.state !== "LoggedOut" ? null : `${user} isn't logged in`;
}

function whisper(ws, contact, { clientId, text }) {
	const full = contact.private.find((m) => m.clientId === clientId) ?? {
		type: "message", private: true, contactId: contact.contactId, seq: contact.private.length + 1,
		from: "agent", agentId: ws.agent.id, name: ws.agent.name, text, at: new Date().toISOString(), clientId,
	};
	contact.private[full.seq - 1] = full;
	inChat(contact).forEach((id) => toAgent(id, full));
}

function tellLeg(leg, state) {
	const frame = {
		type: "consult", contactId: leg.parentId, legId: leg.contactId, state, to: leg.to,
		participant: leg.agent && leg.state !== "offered" ? person(leg.agent) : null,
	};
	leg.told = state;
	toAgent(contacts.get(leg.parentId).agent, frame);
	if (leg.state === "active")
		toAgent(leg.agent, frame);
}

function endLeg(leg, state) {
	if (leg.state === "done")
		return;
	const { state: before, agent } = leg;
	if (before === "offered" && state !== "declined")
		withdraw(leg, "withdrawn");
	tellLeg(leg, state);
	leg.state = "done";
	if (before === "active")
		toAgent(agent, { type: "closed", contactId: leg.contactId, reason: "agent", wrapUpSeconds: 0 });
	if (leg.conference) {
		event(contacts.get(leg.parentId), {
			type: "left", participant: { role: "agent", name: person(agent).name },
		});
	}
	isFree(agents.get(agent));
}

function assignment(work) {
	const main = work.parentId ? contacts.get(work.parentId) : work;
	const { customer, context, events, presence: customerIs } = main;
	return {
		...offerOf(work), customer, context, transcript: events.slice(-world.transcript), private: main.private, ...files(),
		...(customerIs ? { presence: customerIs } : {}),
	};
}

function sessionItem(work) {
	const left = Math.max(0, (work.until - Date.now()) / 1000);
	return {
		...assignment(work), state: work.state,
		...(work.state === "offered" ? { expiresInSeconds: left } : {}),
		...(work.state === "wrapup" ? { wrapUpSeconds: left, extensionsLeft: work.extensions } : {}),
		...(work.parentId ? { leg: work.told } : {}),
		legs: [...legs.values()].filter((l) => l.parentId === work.contactId && l.state !== "done").map((l) => ({
			legId: l.contactId, state: l.told, to: l.to,
			participant: l.state === "active" ? person(l.agent) : null,
		})),
	};
}

/* What the HTTP side shows of it */

export function record(contact) {
	const { contactId, channel, state, customer, service, attributes, openedMs, closedMs, closeReason, disposition } = contact;
	return {
		contactId, channel, service, attributes, openedMs, closedMs, closeReason, disposition,
		state: { queued: "waiting", offered: "offered", active: "active" }[state] ?? "closed",
		customer: { id: customer.email ?? contactId, name: customer.name, email: customer.email ?? "" },
		topic: service,
	};
}

export function wholeRecord(contact) {
	return {
		...record(contact), context: contact.context, offers: [], steps: [],
		transcript: contact.events.filter((e) => e.type === "message").map((e) => ({
			seq: e.seq, from: e.from, name: e.name ?? "", text: e.text, atMs: Date.parse(e.at),
		})),
	};
}

export function team(asker) {
	return [...agents.values()].filter((a) => a.id !== asker && a.ws).map((a) => ({
		id: a.id, name: a.name, state: a.state, reason: a.reason, contacts: worksOf(a.id).length, services,
	}));
}

/** Fills every open chat with messages, as one that has gone on for days. */
export function fill(n) {
	for (const contact of contacts.values()) {
		for (let i = contact.events.length; i < n; i++) {
			contact.events.push({
				type: "message", seq: i + 1, from: i % 3 ? "customer" : "agent", at: new Date().toISOString(),
				text: `message ${i + 1}${i % 50 ? "" : ` ${"and a longer story ".repeat(20)}`}`,
			});
		}
	}
}

export function position(n) {
	customers.forEach((ws) => send(ws, { type: "queued", position: n, estimatedWaitSeconds: 130 }));
}

/** As a supervisor does it. */
export function logOutAll() {
	agents.forEach(logOut);
}

/** What a broken or hostile server might say: a page of any address. */
export function pushAny(url, title) {
	contacts.forEach((contact) => event(contact, { type: "push", from: "agent", url, title }));
}
