// SPDX-License-Identifier: Apache-2.0
import { setting } from "./setting.ts";

const dark = matchMedia("(prefers-color-scheme: dark)");

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const chosen = setting<Theme>("theme", themes);

export const theme = {
	get: chosen.get,
	set(value: Theme): void {
		chosen.set(value);
		apply();
	},
};

/** Follows the reader's choice, or the system's colour scheme, for as long as the page lives. */
export function followColourScheme(): void {
	apply();
	dark.addEventListener("change", apply);
}

function apply(): void {
	const wish = chosen.get();
	document.documentElement.classList.toggle("pf-v6-theme-dark",
		wish === "dark" || wish === "system" && dark.matches);
}
