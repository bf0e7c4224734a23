// SPDX-License-Identifier: Apache-2.0
import type { AlarmReceiver } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { send } from "../../../ui/net/api.ts";
import { Refused } from "../action/detailOf.ts";
import type { Action, Field, Values } from "../action/action.ts";

const path = (name: string): string => `/api/v1/alarm-receivers/${encodeURIComponent(name)}`;

const of = (...kinds: string[]) => (values: Values): boolean => kinds.includes(String(values.kind));
const optional = /^/;

/** Each is sent by its id; empty ones are left out. */
const fields: Field[] = [
	{ id: "name", label: t("column.name"), kind: "text", pattern: /^[A-Za-z0-9][A-Za-z0-9._-]*$/ },
	{
		id: "kind", label: t("column.kind"), kind: "choice",
		choices: (["email", "webhook", "snmp", "snmpv3"] as const).map((id) => ({ id, label: t(`receiver.${id}`) })),
	},
	{
		id: "severity", label: t("column.leastSeverity"), kind: "choice", first: "minor",
		choices: (["warning", "minor", "major", "critical"] as const)
			.map((id) => ({ id, label: t(`severity.${id}`) })),
	},
	{ id: "enabled", label: t("receiver.enabled"), kind: "check", first: true },
	{
		id: "server", label: t("receiver.server"), kind: "text", wanted: of("email"),
		pattern: /^smtps?:\/\/\S+$/, hint: t("receiver.server.hint"),
	},
	{
		id: "tls", label: t("receiver.tls"), kind: "choice", wanted: of("email"), first: "required",
		choices: (["required", "none"] as const).map((id) => ({ id, label: t(`receiver.tls.${id}`) })),
	},
	{
		id: "user", label: t("receiver.user"), kind: "text", wanted: of("email", "snmpv3"),
		pattern: optional,
	},
	{ id: "password", label: t("receiver.password"), kind: "secret", wanted: of("email"), pattern: optional },
	{ id: "from", label: t("receiver.from"), kind: "text", wanted: of("email"), pattern: /^\S+@\S+$/ },
	{
		id: "to", label: t("receiver.to"), kind: "text", wanted: of("email"), pattern: /\S+@\S+/,
		hint: t("receiver.to.hint"),
	},
	{ id: "url", label: t("receiver.url"), kind: "text", wanted: of("webhook"), pattern: /^https?:\/\/\S+$/ },
	{
		id: "secret", label: t("receiver.secret"), kind: "secret", wanted: of("webhook"),
		pattern: /^.{16,200}$/, hint: t("receiver.secret.hint"),
	},
	{ id: "address", label: t("receiver.address"), kind: "text", wanted: of("snmp", "snmpv3"), hint: t("receiver.address.hint") },
	{ id: "community", label: t("receiver.community"), kind: "secret", wanted: of("snmp") },
	{ id: "inform", label: t("receiver.inform"), kind: "check", wanted: of("snmp"), first: true },
	{
		id: "auth", label: t("receiver.auth"), kind: "choice", wanted: of("snmpv3"),
		choices: ["SHA-256", "SHA-512"].map((id) => ({ id, label: id })),
	},
	{
		id: "authPassword", label: t("receiver.authPassword"), kind: "secret", wanted: of("snmpv3"),
		pattern: /^.{8,200}$/, hint: t("receiver.v3password.hint"),
	},
	{
		id: "privacyPassword", label: t("receiver.privacyPassword"), kind: "secret", wanted: of("snmpv3"),
		pattern: /^.{8,200}$/, hint: t("receiver.v3password.hint"),
	},
];

/** A secret that is left empty stays as it was. */
const editable: Field[] = fields.filter((f) => f.id !== "name" && f.id !== "kind").map((f) => (
	f.kind === "secret" ? { ...f, pattern: new RegExp(`${f.pattern?.source ?? ""}|^$`), hint: t("receiver.stays") } : f
));

function bodyOf(values: Values): Record<string, unknown> {
	const said = fields
		.filter((f) => f.id !== "name" && (f.wanted?.(values) ?? true) && values[f.id] !== "")
		.map((f) => [f.id, f.id === "to" ? String(values.to).split(/[\s,;]+/).filter(Boolean) : values[f.id]]);
	return Object.fromEntries(said);
}

/** Given those that there are: a name that is taken would change that one. */
export const add: Action<AlarmReceiver[]> = {
	id: "receiver-add", title: t("receiver.add"), isGrave: false, fits: () => true,
	question: () => t("receiver.add"), fields,
	async run(known, values) {
		const name = String(values.name);
		if (known.some((one) => one.name.toLowerCase() === name.toLowerCase()))
			throw new Refused(t("receiver.taken", { name }));
		await send("PUT", path(name), bodyOf(values));
	},
};

function valuesOf(receiver: AlarmReceiver): Values {
	const known = Object.entries(receiver).filter(([, value]) => typeof value === "string" || typeof value === "boolean");
	return { ...Object.fromEntries(known), to: receiver.to?.join(", ") ?? "" } as Values;
}

export const actions: Action<AlarmReceiver>[] = [
	{
		id: "receiver-edit", title: t("receiver.edit"), isGrave: false, fits: () => true, isForOne: true,
		question: (name) => t("receiver.edit.title", { name }), fields: editable, valuesOf,
		run: (r, values) => send("PUT", path(r.name), bodyOf(values)),
	},
	{
		id: "receiver-test", title: t("receiver.test"), isGrave: false, fits: (r) => r.enabled,
		question: (name) => t("receiver.test.title", { name }), text: t("receiver.test.text"),
		run: (r) => send("POST", `${path(r.name)}/test`),
	},
	{
		id: "receiver-remove", title: t("remove"), isGrave: true, fits: () => true,
		question: (name) => t("remove.title", { name }), text: t("receiver.remove.text"),
		run: (r) => send("DELETE", path(r.name)),
	},
];
