// SPDX-License-Identifier: Apache-2.0

const dark = matchMedia("(prefers-color-scheme: dark)");

/** Follows the reader's colour scheme for as long as the page lives. */
export function followColourScheme(): void {
	const apply = () =>
		document.documentElement.classList.toggle("pf-v6-theme-dark", dark.matches);
	apply();
	dark.addEventListener("change", apply);
}
