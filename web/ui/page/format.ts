// SPDX-License-Identifier: Apache-2.0
import { t } from "../i18n/common.ts";
import { language } from "../i18n/translate.ts";

const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });

export function duration(seconds: number): string {
	const s = Math.max(0, Math.floor(seconds));
	if (s < 60)
		return t("seconds", { n: s });
	if (s < 3600)
		return t("minutes", { n: Math.floor(s / 60) });
	if (s < 86400) {
		const rest = Math.floor(s % 3600 / 60);
		return t("hours", { n: Math.floor(s / 3600) }) + (rest ? ` ${t("minutes", { n: rest })}` : "");
	}
	return t("days", { n: Math.floor(s / 86400) });
}

export function bytes(n: number): string {
	const units = ["B", "KiB", "MiB", "GiB", "TiB"];
	let unit = 0;
	while (n >= 1024 && unit < units.length - 1) {
		n /= 1024;
		unit++;
	}
	return `${number.format(n)} ${units[unit]}`;
}

export function decimal(n: number): string {
	return number.format(n);
}

export function time(at: string | undefined): string {
	const date = at ? new Date(at) : null;
	return date && !Number.isNaN(date.getTime()) ? clock.format(date) : "";
}
