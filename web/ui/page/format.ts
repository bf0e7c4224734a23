// SPDX-License-Identifier: Apache-2.0
import { t } from "../i18n/common.ts";
import { language } from "../i18n/language.ts";

/** The page's language as the reader's country writes it: 21:05 or 9:05 PM. */
const locale = navigator.languages.find((l) => l.split("-")[0] === language) ?? language;
const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const exact = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
const whole = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

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

/** In the units of the command line. */
export function bytes(n: number): string {
	const units = ["B", "kB", "MB", "GB", "TB"];
	let unit = 0;
	while (n >= 1000 && unit < units.length - 1) {
		n /= 1000;
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

export function dateTime(ms: number): string {
	return ms > 0 ? whole.format(ms) : "";
}

/** To the second. */
export function moment(ms: number): string {
	return ms > 0 ? exact.format(ms) : "";
}
