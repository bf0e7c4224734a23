// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { t, word } from "../../ui/i18n/workspaces.ts";
import { useNow } from "../../ui/page/useNow.ts";
import type { AgentDesk } from "./agentDesk.ts";
import { serviceTitle, useBook } from "./book.ts";
import { customerName, personName, secondsLeft, type Contact } from "./model.ts";

export function Offers({ offers, desk }: { offers: readonly Contact[]; desk: AgentDesk }) {
	const newest = offers[offers.length - 1];
	return (
		<section className="pl-offers" aria-label={t("offers")} data-testid="offers">
			<div className="pl-hidden" role="alert">
				{newest && t(newest.consultation ? "offer.new.consult" : "offer.new", {
					customer: customerName(newest), service: newest.service,
					name: personName(newest.consultation?.from),
					n: Math.round(newest.lasts / 1000),
				})}
			</div>
			{offers.map((offer) => <OfferCard key={offer.contactId} offer={offer} desk={desk} />)}
		</section>
	);
}

function OfferCard({ offer, desk }: { offer: Contact; desk: AgentDesk }) {
	const now = useNow(250);
	const { services } = useBook();
	const left = Math.max(0, (offer.deadline ?? now) - now);
	const seconds = secondsLeft(offer, now);
	const accepting = offer.asked === "accept";
	return (
		<article
			className="pl-offer" data-testid="offer" data-contact-id={offer.contactId}
			data-offer-id={offer.offerId ?? ""} data-urgent={seconds <= 5}
			data-kind={offer.consultation ? "consult" : "contact"}
			aria-label={t("offer.label", { customer: customerName(offer) })}
		>
			<header>
				<strong data-testid="offer-customer"><bdi>{customerName(offer)}</bdi></strong>
				<span className="pl-offer__left" data-testid="offer-countdown">
					{seconds > 0 ? t("offer.left", { n: seconds }) : t("offer.over")}
				</span>
			</header>
			<p>
				{offer.consultation
					? t("offer.consult", { name: personName(offer.consultation.from) })
					: t("offer.from", {
						channel: word("channel", offer.channel), service: serviceTitle(offer.service, services),
					})}
			</p>
			{offer.note && (
				<p className="pl-note" data-testid="offer-note">
					<strong>{t("note.from", { name: personName(offer.note.from) })}</strong>{" "}
					<span dir="auto">{offer.note.text}</span>
				</p>
			)}
			<progress className="pl-offer__bar" max={offer.lasts} value={left} aria-hidden />
			<div className="pl-offer__actions">
				<Button
					isBlock onClick={() => desk.accept(offer.contactId)} isDisabled={accepting}
					data-testid="offer-accept"
				>
					{t(accepting ? "offer.accepting" : "offer.accept")}
				</Button>
				<Button
					variant="secondary" onClick={() => desk.reject(offer.contactId)}
					isDisabled={accepting} data-testid="offer-reject"
				>
					{t("offer.reject")}
				</Button>
			</div>
		</article>
	);
}
