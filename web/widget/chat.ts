// SPDX-License-Identifier: Apache-2.0

/** Runs the session's state machine over a real socket, a clock and the page's session storage. */

import { chatPath, type CustomerGets, type CustomerSends } from "../api/chat.ts";
import { TypingThrottle } from "../ui/chat/typing.ts";
import { Uploads } from "../ui/chat/upload.ts";
import { newId } from "../ui/net/id.ts";
import { Link, socketUrl } from "../ui/net/link.ts";
import { Store } from "../ui/net/store.ts";
import { tab } from "../ui/net/tab.ts";
import { keep, restore, step, wantsLink, type ChatEvent, type ChatState } from "./session.ts";

const storageKey = "pelago-chat";

export interface Visitor {
	name: string;
	email: string;
	topic: string;
}

export class Chat {
	readonly store: Store<ChatState>;
	readonly files: Uploads;
	private readonly link: Link<CustomerSends, CustomerGets>;
	private readonly typing = new TypingThrottle((on) => {
		if (this.store.get().ready)
			this.link.send({ type: "typing", on });
	});

	constructor(origin: string) {
		this.store = new Store(restore(tab.get(storageKey)));
		this.files = new Uploads(async (contactId) => ({
			url: `${origin}/services/CustomerControllerService/contacts/${encodeURIComponent(contactId)}/files`,
			headers: { "Pelago-Resume-Token": this.store.get().resumeToken ?? "" },
		}));
		this.link = new Link<CustomerSends, CustomerGets>({
			url: () => socketUrl(chatPath, origin),
			opened: () => this.run({ type: "online", now: performance.now() }),
			lost: () => this.run({ type: "lost" }),
			frame: (frame) => {
				if (frame.type === "reconnect")
					this.link.renew();
				else
					this.run({ type: "frame", frame, now: performance.now() });
			},
		});
		setInterval(() => {
			if (wantsLink(this.store.get()))
				this.run({ type: "tick", now: performance.now() });
		}, 1000);
		addEventListener("online", () => this.link.renew());
		if (wantsLink(this.store.get()))
			this.link.start();
	}

	start(visitor: Visitor, language: string): void {
		this.run({
			type: "start",
			request: {
				type: "open",
				clientId: newId(),
				name: visitor.name,
				...(visitor.email ? { email: visitor.email } : {}),
				...(visitor.topic ? { topic: visitor.topic } : {}),
				attributes: { Language: language },
				context: { page: location.href.slice(0, 500), title: document.title.slice(0, 200) },
			},
		});
	}

	say(text: string): void {
		this.typing.stop();
		this.run({ type: "say", clientId: newId(), text, now: performance.now() });
	}

	attach(files: readonly File[]): void {
		const { contactId, files: allowed } = this.store.get();
		if (contactId && allowed)
			this.files.send(contactId, files, allowed);
	}

	sayAgain(clientId: string): void {
		this.run({ type: "sayAgain", clientId, now: performance.now() });
	}

	drop(clientId: string): void {
		this.run({ type: "drop", clientId });
	}

	stroke(text: string): void {
		this.typing.stroke(text);
	}

	answer(answers: Record<string, string | number>): void {
		this.run({ type: "answer", clientId: newId(), answers, now: performance.now() });
	}

	skipSurvey(): void {
		this.run({ type: "skip" });
	}

	end(): void {
		this.run({ type: "end" });
	}

	fresh(): void {
		this.run({ type: "fresh" });
	}

	private run(event: ChatEvent): void {
		const [state, frames] = step(this.store.get(), event);
		for (const frame of frames)
			this.link.send(frame);
		if (wantsLink(state))
			this.link.start();
		else
			this.link.stop();
		tab.set(storageKey, keep(state));
		this.store.set(state);
	}
}

