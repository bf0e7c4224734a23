// SPDX-License-Identifier: Apache-2.0
import type { ServiceProfile } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { send } from "../../../ui/net/api.ts";
import type { Action } from "../action/action.ts";

const path = (name: string, ...rest: string[]): string =>
	["/api/v1/profiles", ...[name, ...rest].map(encodeURIComponent)].join("/");

const title = { id: "title", label: t("column.title"), kind: "text", pattern: /^/ } as const;

export const create: Action<null> = {
	id: "profile-create", title: t("profile.create"), isGrave: false, fits: () => true,
	question: () => t("profile.create"),
	fields: [{ id: "name", label: t("column.name"), kind: "text" }, title],
	run: (_none, values) => send("POST", "/api/v1/profiles", { name: values.name, title: values.title }),
};

export const profileActions: Action<ServiceProfile>[] = [
	{
		id: "profile-delete", title: t("remove"), isGrave: true, fits: () => true,
		question: (name) => t("remove.title", { name }), text: t("profile.delete.text"),
		run: (p) => send("DELETE", path(p.name)),
	},
];

/** What can be done with one profile; services: those that can be added. */
export function actionsOf(name: string, services: string[]): Action<null>[] {
	return [
		{
			id: "profile-add", title: t("profile.add"), isGrave: false, fits: () => services.length > 0,
			question: () => t("profile.add"),
			fields: [
				{
					id: "service", label: t("column.service"), kind: "choice",
					choices: services.map((id) => ({ id, label: id })),
				},
				{
					id: "version", label: t("column.version"), kind: "text", first: "latest",
					hint: t("profile.version.hint"),
				},
			],
			run: (_none, { service, version }) => send("PUT", path(name, "services", String(service)), { version }),
		},
		{
			id: "profile-assign", title: t("profile.assign"), isGrave: false, fits: () => true,
			question: () => t("profile.assign"),
			fields: [
				{
					id: "kind", label: t("column.kind"), kind: "choice",
					choices: [
						{ id: "user", label: t("profile.user") },
						{ id: "endpoint", label: t("profile.endpoint") },
					],
				},
				{ id: "id", label: t("profile.whom"), kind: "text" },
			],
			run: (_none, { kind, id }) => send("PUT", path(name, "members", String(kind), String(id))),
		},
		{
			id: "profile-title", title: t("profile.rename"), isGrave: false, fits: () => true,
			question: () => t("profile.rename"), fields: [title],
			run: (_none, values) => send("PUT", path(name), { title: values.title }),
		},
	];
}

export interface Member {
	kind: "user" | "endpoint";
	id: string;
}

export const memberActions = (name: string): Action<Member>[] => [
	{
		id: "member-remove", title: t("profile.unassign"), isGrave: true, fits: () => true,
		question: (id) => t("remove.title", { name: id }),
		run: (m) => send("DELETE", path(name, "members", m.kind, m.id)),
	},
];

export const serviceActions = (name: string): Action<ServiceProfile["services"][number]>[] => [
	{
		id: "profile-service-remove", title: t("remove"), isGrave: true, fits: () => true,
		question: (id) => t("remove.title", { name: id }), text: t("profile.service.text"),
		run: (s) => send("DELETE", path(name, "services", s.name)),
	},
];
