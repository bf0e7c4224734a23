// SPDX-License-Identifier: Apache-2.0

/** Runs the desk's state machine over the agent's socket with the tab's tokens. */

import { agentPath, type AgentGets, type AgentSends, type Target } from "../../api/agent.ts";
import { freshToken, renewalDue, renewToken, signInAgain, signOut } from "../../ui/auth/session.ts";
import { TypingThrottle } from "../../ui/chat/typing.ts";
import type { DurableEvent } from "../../api/chat.ts";
import { repeatAfter, retryAfter, type Page } from "../../ui/chat/transcript.ts";
import { newId } from "../../ui/net/id.ts";
import { Link, socketUrl } from "../../ui/net/link.ts";
import { Store } from "../../ui/net/store.ts";
import { tab } from "../../ui/net/tab.ts";
import { setting } from "../../ui/page/setting.ts";
import { drafts } from "./conversation/drafts.ts";
import { step, type DeskEvent } from "./desk.ts";
import { emptyDesk, unsent, type Desk, type KeptPending, type Transfer } from "./model.ts";

const unsentKey = "pelago.unsent";
const split = setting("split", ["1", "2", "3"]);

export class AgentDesk {
	readonly store = new Store<Desk>({
		...emptyDesk, kept: loadUnsent(), split: Number(split.get()),
	});
	private readonly link: Link<AgentSends, AgentGets>;
	private readonly typing = new Map<string, TypingThrottle>();
	private renewal: ReturnType<typeof setTimeout> | undefined;
	private unanswered: ReturnType<typeof setTimeout> | undefined;
	private renewedForRefusal = false;

	constructor() {
		this.link = new Link<AgentSends, AgentGets>({
			url: () => socketUrl(agentPath, location.origin),
			opened: () => void this.hello(),
			lost: () => this.run({ type: "lost" }),
			frame: (frame) => this.onFrame(frame),
		});
		setInterval(() => this.run({ type: "tick", now: performance.now() }), 1000);
		addEventListener("online", () => this.link.renew());
	}

	start(): void {
		this.link.start();
	}

	/** Takes the session back from the tab that took it over, or logs in again. */
	takeBack(): void {
		this.run({ type: "back" });
		if (this.link.isOpen)
			this.link.renew();
		else
			this.link.start();
	}

	startWork(): void {
		this.run({ type: "want", frame: { type: "startWork" } });
	}

	ready(): void {
		this.run({ type: "want", frame: { type: "state", state: "Ready" } });
	}

	notReady(reason: string): void {
		this.run({ type: "want", frame: { type: "state", state: "NotReady", reason } });
	}

	accept(contactId: string): void {
		this.run({ type: "accept", contactId });
	}

	reject(contactId: string): void {
		this.run({ type: "reject", contactId });
	}

	select(contactId: string): void {
		this.run({ type: "select", contactId });
	}

	split(n: number): void {
		this.run({ type: "split", split: n });
		split.set(String(this.store.get().split) as "1" | "2" | "3");
	}

	say(contactId: string, text: string): void {
		this.typing.get(contactId)?.stop();
		this.run({ type: "say", contactId, clientId: newId(), text, now: performance.now() });
	}

	/** To the agents in the contact alone. */
	sayAside(contactId: string, text: string): void {
		this.run({
			type: "say", contactId, clientId: newId(), text, private: true, now: performance.now(),
		});
	}

	push(contactId: string, page: Page): void {
		this.run({
			type: "say", contactId, clientId: newId(), text: page.title || page.url, push: page,
			now: performance.now(),
		});
	}

	sayAgain(contactId: string, clientId: string): void {
		this.run({ type: "sayAgain", contactId, clientId, now: performance.now() });
	}

	drop(contactId: string, clientId: string): void {
		this.run({ type: "drop", contactId, clientId });
	}

	stroke(contactId: string, text: string): void {
		let throttle = this.typing.get(contactId);
		if (!throttle) {
			throttle = new TypingThrottle((on) => {
				if (this.store.get().connection === "online")
					this.link.send({ type: "typing", contactId, on });
			});
			this.typing.set(contactId, throttle);
		}
		throttle.stroke(text);
	}

	close(contactId: string, disposition: string): void {
		this.run({ type: "close", contactId, disposition });
	}

	complete(contactId: string, disposition: string): void {
		this.run({ type: "complete", contactId, disposition });
	}

	extend(contactId: string): void {
		this.run({ type: "extend", contactId });
	}

	transfer(contactId: string, transfer: Transfer): void {
		this.run({ type: "transfer", contactId, transfer });
	}

	consult(contactId: string, to: Target, note: string): void {
		this.run({ type: "consult", contactId, to, note });
	}

	conference(contactId: string, legId: string): void {
		this.run({ type: "conference", contactId, legId });
	}

	release(contactId: string, legId: string): void {
		this.run({ type: "release", contactId, legId });
	}

	/** Puts older messages before those that came with the contact. */
	earlier(contactId: string, events: readonly DurableEvent[]): void {
		this.run({ type: "earlier", contactId, events });
	}

	dismiss(id: number): void {
		this.run({ type: "dismiss", id });
	}

	/** Signs out when the last contact is completed; nothing new is offered until then. */
	logOutLater(): void {
		this.run({ type: "want", frame: { type: "logout" } });
	}

	/** Signs out now; contacts that are open go back to the queue. */
	async logOut(): Promise<void> {
		this.link.send({ type: "logout", force: true });
		// Gives the frame a moment to leave; a lost one is no harm, the session ends with its token.
		await new Promise((done) => setTimeout(done, 200));
		await this.leave();
	}

	private async leave(): Promise<void> {
		this.pause();
		drafts.keepOnly([]);
		tab.set(unsentKey, null);
		await signOut();
	}

	private async hello(): Promise<void> {
		clearTimeout(this.renewal);
		try {
			const token = await freshToken();
			this.link.send({ type: "hello", token });
			this.helloIn(repeatAfter);
			this.renewal = setTimeout(() => void this.hello(), renewalDue());
		} catch {
			this.helloIn(2000);
		}
	}

	/** Says hello again unless the session comes before. */
	private helloIn(ms: number): void {
		clearTimeout(this.unanswered);
		this.unanswered = setTimeout(() => {
			if (this.link.isOpen)
				void this.hello();
		}, ms);
	}

	private onFrame(frame: AgentGets): void {
		if (frame.type === "reconnect") {
			this.link.renew();
			return;
		}
		if (frame.type === "error" && frame.code === "unauthorized" && !frame.contactId) {
			void this.onUnauthorized();
			return;
		}
		if (frame.type === "session") {
			clearTimeout(this.unanswered);
			this.renewedForRefusal = false;
		}
		if (frame.type === "error" && this.store.get().connection !== "online") {
			this.helloIn(retryAfter(frame.code) ?? repeatAfter);
			return;
		}
		if (frame.type === "replaced")
			this.pause();
		const { wanted, logoutPending } = this.store.get();
		this.run({ type: "frame", frame, now: performance.now(), wall: Date.now() });
		if (frame.type === "state" && frame.state === "LoggedOut"
			&& (logoutPending || wanted?.type === "logout"))
			void this.leave();
	}

	/** The token was refused: one renewal may help; a second refusal means to sign in again. */
	private async onUnauthorized(): Promise<void> {
		const again = this.renewedForRefusal;
		this.renewedForRefusal = true;
		try {
			await (again ? signInAgain() : renewToken());
		} catch {
			// The sign-in service is away: the next hello is refused or taken, as it may be.
		}
		this.link.renew();
	}

	private pause(): void {
		clearTimeout(this.renewal);
		clearTimeout(this.unanswered);
		this.link.stop();
	}

	private run(event: DeskEvent): void {
		const [desk, frames] = step(this.store.get(), event);
		for (const frame of frames)
			this.link.send(frame);
		const before = this.store.get();
		if (desk !== before)
			saveUnsent(desk);
		if (desk.connection === "online" && desk.contacts.length < before.contacts.length)
			drafts.keepOnly(desk.contacts.map((c) => c.contactId));
		this.store.set(desk);
	}
}

function loadUnsent(): Record<string, readonly KeptPending[]> {
	try {
		return JSON.parse(tab.get(unsentKey) ?? "{}") as Record<string, KeptPending[]>;
	} catch {
		return {};
	}
}

function saveUnsent(desk: Desk): void {
	const kept = unsent(desk);
	tab.set(unsentKey, Object.keys(kept).length ? JSON.stringify(kept) : null);
}
