// SPDX-License-Identifier: Apache-2.0
import { Checkbox, Label } from "@patternfly/react-core";
import { useSyncExternalStore } from "react";
import { t } from "../../../ui/i18n/manager.ts";
import type { Column } from "../list/column.ts";
import { ActionList } from "../list/ActionList.tsx";
import { useMayChange } from "../may.ts";
import { addressOf } from "../places.ts";
import { draft, drafts } from "./drafts.ts";
import { firstWish, valueAt, type Setting, type Wish } from "./setting.ts";
import { SettingInput } from "./SettingInput.tsx";
import { effectiveText, originText } from "./values.ts";

interface Props {
	settings: Setting[];
	/** Of all attributes, as they are shown. */
	version: number;
	empty: string;
}

/** Attributes at one level: which defaults are overridden, with what, and what is in effect. */
export function SettingsList({ settings, version, empty }: Props) {
	const { changes } = useSyncExternalStore(drafts.subscribe, drafts.get);
	const mayChange = useMayChange();

	/** What is wished, or is. */
	function wishOf(setting: Setting): Wish {
		const pending = changes.get(setting.id);
		if (pending)
			return pending.wish;
		const value = valueAt(setting);
		return value === undefined || value === null || typeof value === "boolean" ? value ?? null : String(value);
	}

	const columns: Column<Setting>[] = [
		{
			id: "service", title: t(settings[0]?.level === "solution" ? "column.area" : "column.service"),
			text: (s) => s.attributes.map((a) => a.service).join(" "),
			value: (s) => (s.level === "solution" ? s.attributes[0].area : s.attributes[0].service),
		},
		{
			id: "name", title: t("column.attribute"),
			text: ({ attributes: [a] }) => `${a.name} ${a.key} ${a.text ?? ""} ${a.area ?? ""}`,
			value: ({ attributes: [a] }) => (
				<>
					<strong>{a.name}</strong>
					{a.text && <div className="pl-subtle">{a.text}</div>}
				</>
			),
		},
		{
			id: "override", title: t("column.override"),
			value: (s) => (
				<Checkbox
					id={`override ${s.id}`} data-testid="override" isDisabled={!mayChange}
					aria-label={t("attributes.override.of", { name: s.attributes[0].name })}
					isChecked={wishOf(s) !== null}
					onChange={(_event, isOn) => {
						const was = valueAt(s);
						// Taken back: as it was, if that was so already.
						draft(s, isOn ? (was === undefined ? firstWish(s) : undefined)
							: was === undefined ? undefined : null, version);
					}}
				/>
			),
		},
		{
			id: "value", title: t("column.value"),
			value: (s) => {
				const wish = wishOf(s);
				return wish === null ? t("none") : (
					<SettingInput
						setting={s} wish={wish} isDisabled={!mayChange}
						onChange={(value) => draft(s, value, version)}
					/>
				);
			},
		},
		{
			id: "effective", title: t("column.effective"), text: (s) => effectiveText(s.attributes[0]),
			value: (s) => <Effective setting={s} isChanged={changes.has(s.id)} />,
		},
	];
	return (
		<ActionList
			id="attributes" row="attribute" title={t("nav.attributes")} columns={columns} items={settings}
			keyOf={(s) => s.id} nameOf={(s) => s.attributes[0].name} empty={empty}
			data={({ attributes: [a], id }) => ({
				name: a.name, key: a.key, service: a.service, pending: String(changes.has(id)),
			})}
		/>
	);
}

function Effective({ setting, isChanged }: { setting: Setting; isChanged: boolean }) {
	const [first] = setting.attributes;
	const outside = setting.level === "solution" && setting.attributes.some((a) => a.setOutside);
	const waiting = [...new Set(setting.attributes.flatMap((a) => a.restartNodes))];
	const late = setting.attributes.some((a) => a.arrived < a.nodes);
	return (
		<div className="pl-effective">
			<span data-testid="effective">{effectiveText(first)}</span>
			<span className="pl-subtle" data-testid="origin">{originText(first)}</span>
			{isChanged && <Label isCompact color="blue" data-testid="pending">{t("attributes.pending")}</Label>}
			{outside && <Label isCompact color="orange">{t("attributes.outside")}</Label>}
			{late && <Label isCompact color="orange">{t("attributes.late")}</Label>}
			{first.restart && waiting.length === 0 && <span className="pl-subtle">{t("attributes.restart")}</span>}
			{waiting.map((node) => (
				<a key={node} href={addressOf("nodes", node)}>{t("attributes.waits", { node })}</a>
			))}
		</div>
	);
}
