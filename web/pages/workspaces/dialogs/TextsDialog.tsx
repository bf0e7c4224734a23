// SPDX-License-Identifier: Apache-2.0
import { Modal, ModalBody, ModalHeader, TextInput } from "@patternfly/react-core";
import { useState, type KeyboardEvent } from "react";
import type { CannedText } from "../../../api/desk.ts";
import { t } from "../../../ui/i18n/workspaces.ts";
import { matching } from "../conversation/canned.ts";

interface Props {
	texts: readonly CannedText[];
	onChoose(text: CannedText): void;
	onClose(): void;
}

/** All canned texts for this contact, searched by shortcut, title and words. */
export function TextsDialog({ texts, onChoose, onClose }: Props) {
	const [query, setQuery] = useState("");
	const [active, setActive] = useState(0);
	const found = matching(texts, query);
	const at = Math.min(active, found.length - 1);

	function onKeyDown(event: KeyboardEvent) {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		const chosen = found[at];
		if (step && found.length)
			setActive((at + step + found.length) % found.length);
		else if (event.key === "Enter" && chosen)
			onChoose(chosen);
		else
			return;
		event.preventDefault();
	}

	return (
		<Modal
			isOpen variant="medium" onClose={onClose} aria-labelledby="texts-title"
			data-testid="texts-dialog" elementToFocus="#texts-search"
		>
			<ModalHeader title={t("texts")} labelId="texts-title" description={t("texts.hint")} />
			<ModalBody>
				<TextInput
					id="texts-search" type="search" role="combobox" value={query}
					aria-label={t("texts.search")} placeholder={t("texts.search")} aria-expanded
					aria-controls="texts-found" aria-activedescendant={found.length ? `text-${at}` : undefined}
					onChange={(_e, value) => {
						setQuery(value);
						setActive(0);
					}}
					onKeyDown={onKeyDown} data-testid="texts-search"
				/>
				<ul id="texts-found" role="listbox" aria-label={t("texts")} className="pl-texts">
					{found.map((one, i) => (
						<li
							key={one.shortcut} id={`text-${i}`} role="option" aria-selected={i === at}
							onClick={() => onChoose(one)} data-testid="text"
							data-shortcut={one.shortcut}
							ref={(element) => {
								if (i === at)
									element?.scrollIntoView({ block: "nearest" });
							}}
						>
							<strong>/{one.shortcut}</strong>
							<span>{one.title}</span>
							<p dir="auto">{one.text}</p>
						</li>
					))}
				</ul>
				<p role="status" className="pl-subtle">
					{found.length === 0 ? t("texts.none") : ""}
				</p>
			</ModalBody>
		</Modal>
	);
}
