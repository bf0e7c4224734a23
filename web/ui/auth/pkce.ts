// SPDX-License-Identifier: Apache-2.0

/** Proof key for code exchange, RFC 7636, method S256. */

export function randomText(bytes = 32): string {
	return base64url(crypto.getRandomValues(new Uint8Array(bytes)));
}

export async function challengeOf(verifier: string): Promise<string> {
	const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
	return base64url(new Uint8Array(digest));
}

function base64url(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes))
		.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
