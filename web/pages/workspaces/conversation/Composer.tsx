// SPDX-License-Identifier: Apache-2.0
import { Button, TextArea } from "@patternfly/react-core";
import ListAltIcon from "@patternfly/react-icons/dist/esm/icons/list-alt-icon";
import LockIcon from "@patternfly/react-icons/dist/esm/icons/lock-icon";
import PaperclipIcon from "@patternfly/react-icons/dist/esm/icons/paperclip-icon";
import {
	useEffect, useLayoutEffect, useRef, useState, type ClipboardEvent, type KeyboardEvent,
} from "react";
import { t } from "../../../ui/i18n/workspaces.ts";
import { language } from "../../../ui/i18n/language.ts";
import type { AgentDesk } from "../agentDesk.ts";
import { forService, serviceTitle, useBook } from "../book.ts";
import { AudienceSwitch } from "./AudienceSwitch.tsx";
import { customerName, hasColleague, reachesCustomer, type Contact } from "../model.ts";
import { filled, matching, put, slotAt } from "./canned.ts";
import { drafts, type Audience } from "./drafts.ts";
import { Suggestions } from "./Suggestions.tsx";
import { TextsDialog } from "../dialogs/TextsDialog.tsx";

interface Props {
	contact: Contact;
	desk: AgentDesk;
	/** Null where files aren't offered. */
	onFiles: ((files: readonly File[]) => void) | null;
}

/** Where the agent writes: to the customer, or, marked by colour and words, to colleagues alone. */
export function Composer({ contact, desk, onFiles }: Props) {
	const { contactId } = contact;
	const customer = customerName(contact);
	const reaches = reachesCustomer(contact);
	const [chosen, setChosen] = useState<Audience>(drafts.audience(contactId)
		?? (contact.consultation ? "agents" : "customer"));
	// Never the other way round: what was meant for colleagues stays theirs, whoever comes or goes.
	const audience: Audience = reaches ? chosen : "agents";
	const isPrivate = audience === "agents";
	const [written, setWritten] = useState({
		customer: drafts.get(contactId, "customer"), agents: drafts.get(contactId, "agents"),
	});
	const text = written[audience];
	const [listFor, setListFor] = useState<string | null>(null);
	const [active, setActive] = useState(0);
	const [picking, setPicking] = useState(false);
	const caretTo = useRef<number | null>(null);
	const field = useRef<HTMLTextAreaElement>(null);
	const files = useRef<HTMLInputElement>(null);
	const book = useBook();
	const texts = forService(book.texts, contact.service, book.services)
		.filter((one) => !one.language || one.language.slice(0, 2).toLowerCase() === language
			|| one.language === contact.context["Language"]);
	const caret = field.current?.selectionStart ?? text.length;
	const slot = listFor === text ? slotAt(text, caret) : null;
	const suggested = slot ? matching(texts, slot.query, true).slice(0, 8) : [];
	const canSend = text.trim() !== "" && (!isPrivate || hasColleague(contact));
	const listId = `texts-${contactId}`;

	useEffect(() => {
		// Only takes the focus when nothing else has it, such as right after Accept.
		if (document.activeElement === document.body || document.activeElement === null)
			field.current?.focus();
	}, []);

	useLayoutEffect(() => fit(field.current), [text]);

	useLayoutEffect(() => {
		if (caretTo.current !== null)
			field.current?.setSelectionRange(caretTo.current, caretTo.current);
		caretTo.current = null;
	}, [text]);

	function keep(value: string) {
		setWritten({ ...written, [audience]: value });
		drafts.set(contactId, audience, value);
	}

	function change(value: string) {
		keep(value);
		setListFor(value);
		setActive(0);
		if (!isPrivate)
			desk.stroke(contactId, value);
	}

	function insert(at: { from: number; to: number }, template: string) {
		const [next, place] = put(text, at, filled(template, {
			customer, agent: desk.store.get().agent.name ?? "",
			service: serviceTitle(contact.service, book.services),
		}));
		change(next);
		setListFor(null);
		caretTo.current = place;
		field.current?.focus();
	}

	function send() {
		if (!canSend)
			return;
		if (isPrivate)
			desk.sayAside(contactId, text.trim());
		else
			desk.say(contactId, text.trim());
		keep("");
		field.current?.focus();
	}

	function choose(next: Audience) {
		drafts.choose(contactId, next);
		setChosen(next);
		setListFor(null);
		desk.stroke(contactId, "");
		field.current?.focus();
	}

	function onKeyDown(event: KeyboardEvent) {
		if (event.nativeEvent.isComposing)
			return;
		const one = suggested[Math.min(active, suggested.length - 1)];
		if (one && slot) {
			const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
			if (step)
				setActive((active + step + suggested.length) % suggested.length);
			else if (event.key === "Enter" || event.key === "Tab" && !event.shiftKey)
				insert(slot, one.text);
			else if (event.key === "Escape")
				setListFor(null);
			else
				return;
			event.preventDefault();
			event.stopPropagation();
		} else if (event.key === "Enter" && !event.shiftKey) {
			event.preventDefault();
			send();
		}
	}

	function onPaste(event: ClipboardEvent) {
		if (!onFiles || isPrivate || event.clipboardData.files.length === 0)
			return;
		event.preventDefault();
		onFiles([...event.clipboardData.files]);
	}

	return (
		<form
			className="pl-composer" data-audience={audience} data-testid="composer-box"
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			{(hasColleague(contact) || isPrivate) && (
				<AudienceSwitch
					audience={audience} customer={customer} isFixed={!reaches}
					isAlone={!hasColleague(contact)} onChoose={choose}
				/>
			)}
			<div className="pl-composer__field">
				{suggested.length > 0 && (
					<Suggestions
						id={listId} texts={suggested} active={Math.min(active, suggested.length - 1)}
						onChoose={(one) => insert(slot!, one.text)}
					/>
				)}
				<TextArea
					ref={field} value={text} onChange={(_e, value) => change(value)}
					onKeyDown={onKeyDown} onPaste={onPaste} onBlur={() => setListFor(null)}
					aria-label={t(isPrivate ? "composer.private.label" : "composer.label", { customer })}
					aria-describedby={`hint-${contactId}`} aria-autocomplete="list"
					aria-controls={suggested.length ? listId : undefined}
					aria-activedescendant={suggested.length ? `${listId}-${Math.min(active, suggested.length - 1)}` : undefined}
					dir="auto" rows={2} resizeOrientation="none" data-testid="composer"
				/>
			</div>
			<div className="pl-composer__actions">
				{onFiles && !isPrivate && (
					<>
						<input
							ref={files} type="file" multiple hidden data-testid="file-input"
							accept={contact.files?.types.join(",")}
							onChange={(event) => {
								onFiles([...event.target.files ?? []]);
								event.target.value = "";
							}}
						/>
						<Button
							variant="plain" icon={<PaperclipIcon />} aria-label={t("file.attach")}
							title={t("file.attach")} onClick={() => files.current?.click()}
							data-testid="attach"
						/>
					</>
				)}
				{texts.length > 0 && (
					<Button
						variant="plain" icon={<ListAltIcon />} onClick={() => setPicking(true)}
						title={t("texts.hint")} data-testid="texts"
					>
						<span className="pl-composer__word">{t("texts")}</span>
					</Button>
				)}
				<Button
					type="submit" isDisabled={!canSend} data-testid="send"
					{...(isPrivate ? { icon: <LockIcon />, className: "pl-private-send" } : {})}
				>
					{t(isPrivate ? "composer.private.send" : "composer.send")}
				</Button>
			</div>
			<small id={`hint-${contactId}`} className="pl-subtle">
				{t(isPrivate ? "composer.private.hint" : "composer.hint", { customer })}
			</small>
			{picking && (
				<TextsDialog
					texts={texts} onClose={() => setPicking(false)}
					onChoose={(one) => {
						setPicking(false);
						insert({ from: caret, to: caret }, one.text);
					}}
				/>
			)}
		</form>
	);
}

/** As high as its text, within the style's limits. The component's own way forgets a text that is taken out. */
function fit(field: HTMLTextAreaElement | null): void {
	const box = field?.parentElement;
	if (!field || !box)
		return;
	box.style.height = "auto";
	box.style.height = `${field.scrollHeight + box.offsetHeight - field.offsetHeight}px`;
}
