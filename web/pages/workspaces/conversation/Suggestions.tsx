// SPDX-License-Identifier: Apache-2.0
import type { CannedText } from "../../../api/desk.ts";
import { t } from "../../../ui/i18n/workspaces.ts";

interface Props {
	id: string;
	texts: readonly CannedText[];
	active: number;
	onChoose(text: CannedText): void;
}

/** The shortcuts that fit what was typed after the slash; the field keeps the focus. */
export function Suggestions({ id, texts, active, onChoose }: Props) {
	return (
		<ul id={id} role="listbox" aria-label={t("texts")} className="pl-suggestions" data-testid="suggestions">
			{texts.map((one, i) => (
				<li
					key={one.shortcut} id={`${id}-${i}`} role="option" aria-selected={i === active}
					data-testid="suggestion" data-shortcut={one.shortcut}
					onMouseDown={(event) => {
						event.preventDefault();
						onChoose(one);
					}}
				>
					<strong>/{one.shortcut}</strong>
					<span>{one.title || one.text}</span>
				</li>
			))}
		</ul>
	);
}
