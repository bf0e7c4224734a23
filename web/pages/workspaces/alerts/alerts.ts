// SPDX-License-Identifier: Apache-2.0

/**
 * Calls the agent: a sound again and again while an offer waits, once for a word where nobody looks, and
 * the system's notification of an offer while the page is out of sight.
 */

import { t } from "../../../ui/i18n/workspaces.ts";
import type { Store } from "../../../ui/net/store.ts";
import { customerName, openOffers, type Contact, type Desk } from "../model.ts";
import { preferences } from "../preferences.ts";
import { play } from "./chime.ts";

const ringEvery = 3000;

export class Alerts {
	private ringing: ReturnType<typeof setInterval> | undefined;
	private readonly told = new Map<string, Notification | null>();
	private unread = 0;
	private words = 0;

	constructor(private readonly store: Store<Desk>) {
		store.subscribe(() => this.look(store.get()));
	}

	private look(desk: Desk): void {
		const offers = desk.connection === "replaced" ? [] : openOffers(desk);
		this.ring(offers);
		this.notify(offers);
		const unread = desk.contacts.reduce((sum, c) => sum + c.unread, 0);
		const words = desk.contacts.reduce((sum, c) => sum + c.transcript.events.length, 0);
		if (unread > this.unread || document.hidden && words > this.words && this.words > 0)
			sound("message");
		this.unread = unread;
		this.words = words;
	}

	private ring(offers: readonly Contact[]): void {
		if (offers.length === 0) {
			clearInterval(this.ringing);
			this.ringing = undefined;
		} else if (this.ringing === undefined) {
			sound("offer");
			this.ringing = setInterval(() => sound("offer"), ringEvery);
		}
	}

	private notify(offers: readonly Contact[]): void {
		for (const [offerId, notification] of this.told) {
			if (!offers.some((offer) => idOf(offer) === offerId)) {
				notification?.close();
				this.told.delete(offerId);
			}
		}
		for (const offer of offers) {
			if (!this.told.has(idOf(offer)))
				this.told.set(idOf(offer), notification(offer, () => this.store.get()));
		}
	}
}

function idOf({ contactId, offerId }: Contact): string {
	return offerId ?? contactId;
}

function sound(name: "offer" | "message"): void {
	if (preferences.sound.get() === "on")
		play(name);
}

function notification(offer: Contact, now: () => Desk): Notification | null {
	if (preferences.notifications.get() === "off" || !document.hidden && document.hasFocus())
		return null;
	if (!("Notification" in window) || Notification.permission !== "granted")
		return null;
	let made: Notification;
	try {
		made = new Notification(t("alert.title", { customer: customerName(offer) }), {
			body: t("alert.text", { service: offer.service }), tag: idOf(offer),
			silent: preferences.sound.get() === "on",
		});
	} catch {
		// Some browsers of phones have them for service workers only.
		return null;
	}
	made.onclick = () => {
		window.focus();
		if (openOffers(now()).some((one) => idOf(one) === idOf(offer))) {
			document.querySelector<HTMLElement>(
				`[data-offer-id="${CSS.escape(idOf(offer))}"] [data-testid=offer-accept]`)?.focus();
		}
		made.close();
	};
	return made;
}
