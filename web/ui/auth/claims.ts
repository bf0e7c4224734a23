// SPDX-License-Identifier: Apache-2.0

export type Role = "administrator" | "supervisor" | "agent" | "designer" | "auditor";

export interface Claims {
	sub: string;
	name?: string;
	roles: Role[];
}

/** Reads what the token says of its owner. Only for display: the services check the signature. */
export function claimsOf(token: string): Claims {
	const body = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
	const bytes = Uint8Array.from(atob(body), (c) => c.charCodeAt(0));
	const claims = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Claims>;
	return {
		sub: claims.sub ?? "",
		roles: Array.isArray(claims.roles) ? claims.roles : [],
		...(claims.name ? { name: claims.name } : {}),
	};
}
