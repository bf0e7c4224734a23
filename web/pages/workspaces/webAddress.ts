// SPDX-License-Identifier: Apache-2.0

/** A page's address as somebody types it, `shop.example/tents`; null if it is none of the web. */
export function webAddress(text: string): string | null {
	const typed = text.trim();
	const whole = /^[a-z][a-z0-9+.-]*:/i.test(typed) && !/^[^:/]+:\d+(\/|$)/.test(typed)
		? typed : `https://${typed}`;
	try {
		const { protocol, hostname, href, username } = new URL(whole);
		const isWeb = (protocol === "https:" || protocol === "http:") && hostname && !username;
		return isWeb && (hostname.includes(".") || hostname === "localhost" || /^[[\d]/.test(hostname))
			? href : null;
	} catch {
		return null;
	}
}
