// SPDX-License-Identifier: Apache-2.0

/** What was changed and isn't committed: one set, over all levels and services, while the page lives. */

import { t } from "../../../ui/i18n/manager.ts";
import { send } from "../../../ui/net/api.ts";
import { Store } from "../../../ui/net/store.ts";
import { Refused } from "../action/detailOf.ts";
import { check, type Setting, type Wish } from "./setting.ts";

export interface Drafts {
	/** The version of all attributes that was seen when the first was changed. */
	seen: number;
	changes: ReadonlyMap<string, { setting: Setting; wish: Wish }>;
}

const none: Drafts = { seen: 0, changes: new Map() };

export const drafts = new Store<Drafts>(none);

addEventListener("beforeunload", (event) => {
	if (drafts.get().changes.size)
		event.preventDefault();
});

/** undefined: as it was. */
export function draft(setting: Setting, wish: Wish | undefined, version: number): void {
	const { seen, changes } = drafts.get();
	const next = new Map(changes);
	if (wish === undefined)
		next.delete(setting.id);
	else
		next.set(setting.id, { setting, wish });
	drafts.set({ seen: changes.size ? seen : version, changes: next });
}

export const discard = (): void => drafts.set(none);

/** Somebody else's changes were looked at; one's own stay. */
export const seen = (version: number): void => drafts.set({ ...drafts.get(), seen: version });

export const isRight = ({ changes }: Drafts): boolean =>
	[...changes.values()].every(({ setting, wish }) => "value" in check(setting, wish));

/** All of it at once, or nothing. */
export async function commit(note: string): Promise<{ version: number }> {
	const { seen: expected, changes } = drafts.get();
	const wishes = [...changes.values()].flatMap(({ setting, wish }) => {
		const checked = check(setting, wish);
		if ("problem" in checked)
			throw new Refused(t("attributes.wrong"));
		return setting.attributes.map(({ service, key }) => ({
			level: setting.level, place: setting.place, service, attribute: key, value: checked.value,
		}));
	});
	const answer = await send<{ version: number }>("POST", "/api/v1/attributes",
		{ expected, note, changes: wishes });
	discard();
	return answer;
}
