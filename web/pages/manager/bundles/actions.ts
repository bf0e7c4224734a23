// SPDX-License-Identifier: Apache-2.0
import type { Bundle, Plan, Service } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { send } from "../../../ui/net/api.ts";
import type { Action } from "../action/action.ts";
import { addressOf } from "../places.ts";

const path = ({ name, version }: Bundle, ...rest: string[]): string =>
	["/api/v1/bundles", ...[name, version, ...rest].map(encodeURIComponent)].join("/");

/** Many at once are one plan, in the order of what needs what; one is shown as it goes on. */
async function planned(what: "install" | "uninstall", wish: unknown): Promise<void> {
	const { id } = await send<Plan>("POST", `/api/v1/services/${what}`, wish);
	location.hash = addressOf("plans", id);
}

export function bundleActions(clusters: string[]): Action<Bundle>[] {
	return [
		{
			id: "bundle-install", title: t("install"), isGrave: true, fits: () => true, isTogether: true,
			question: (name) => t("install.title", { name }), text: t("install.text"),
			fields: [{
				id: "cluster", label: t("column.cluster"), kind: "choice",
				choices: [
					{ id: "", label: t("install.own") }, ...clusters.map((id) => ({ id, label: id })),
				],
			}],
			run: (_first, { cluster }, items) => planned("install", {
				services: items.map(({ name, version }) => ({ name, version, ...(cluster ? { cluster } : {}) })),
			}),
		},
		{
			id: "bundle-prefer", title: t("prefer"), isGrave: false, fits: (b) => !b.preferred,
			question: (name) => t("prefer.title", { name }), text: t("prefer.text"),
			run: (b) => send("POST", path(b, "prefer")),
		},
		{
			id: "bundle-delete", title: t("delete"), isGrave: true, fits: (b) => b.clusters.length === 0,
			question: (name) => t("delete.title", { name }), text: t("delete.text"),
			run: (b) => send("DELETE", path(b)),
		},
	];
}

export const serviceActions: Action<Service>[] = [{
	id: "service-uninstall", title: t("uninstall"), isGrave: true, fits: () => true, isTogether: true,
	question: (name) => t("uninstall.title", { name }), text: t("uninstall.text"),
	fields: [
		{ id: "force", label: t("uninstall.force"), kind: "check", hint: t("uninstall.force.hint") },
		{ id: "dropData", label: t("uninstall.data"), kind: "check", hint: t("uninstall.data.hint") },
	],
	run: (_first, { force, dropData }, items) => planned("uninstall", {
		services: items.map(({ name, cluster }) => ({ name, cluster })), force, dropData,
	}),
}];
