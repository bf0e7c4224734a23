// SPDX-License-Identifier: Apache-2.0
import { Button, TextArea } from "@patternfly/react-core";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { t } from "../../ui/i18n/workspaces.ts";
import type { AgentDesk } from "./agentDesk.ts";
import { customerName, type Contact } from "./desk.ts";
import { drafts } from "./drafts.ts";

export function Composer({ contact, desk }: { contact: Contact; desk: AgentDesk }) {
	const { contactId } = contact;
	const [text, setText] = useState(drafts.get(contactId));
	const field = useRef<HTMLTextAreaElement>(null);

	useEffect(() => {
		// Only takes the focus when nothing else has it, such as right after Accept.
		if (document.activeElement === document.body || document.activeElement === null)
			field.current?.focus();
	}, []);

	function change(value: string) {
		setText(value);
		drafts.set(contactId, value);
		desk.stroke(contactId, value);
	}

	function send() {
		if (!text.trim())
			return;
		desk.say(contactId, text.trim());
		setText("");
		drafts.set(contactId, "");
		field.current?.focus();
	}

	function onKeyDown(event: KeyboardEvent) {
		if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing)
			return;
		event.preventDefault();
		send();
	}

	return (
		<form
			className="pl-composer"
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			<TextArea
				ref={field} value={text} onChange={(_e, value) => change(value)} onKeyDown={onKeyDown}
				aria-label={t("composer.label", { customer: customerName(contact) })}
				aria-describedby="composer-hint" autoResize rows={2} resizeOrientation="none"
				data-testid="composer"
			/>
			<Button type="submit" isDisabled={!text.trim()} data-testid="send">
				{t("composer.send")}
			</Button>
			<small id="composer-hint" className="pl-subtle">{t("composer.hint")}</small>
		</form>
	);
}
