// SPDX-License-Identifier: Apache-2.0

/** A random UUID; crypto.randomUUID is missing on plain-HTTP pages other than loopback. */
export function newId(): string {
	if (typeof crypto.randomUUID === "function")
		return crypto.randomUUID();
	const b = crypto.getRandomValues(new Uint8Array(16));
	b[6] = (b[6]! & 0x0f) | 0x40;
	b[8] = (b[8]! & 0x3f) | 0x80;
	const hex = Array.from(b, (n) => n.toString(16).padStart(2, "0")).join("");
	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
