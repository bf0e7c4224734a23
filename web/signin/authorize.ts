// SPDX-License-Identifier: Apache-2.0

import { problemOf } from "../ui/net/api.ts";

/** The page's request for a code, as the authorization service handed it on; null if incomplete. */
export interface CodeRequest {
	client_id: string;
	redirect_uri: string;
	state: string;
	code_challenge: string;
	code_challenge_method: string;
}

export type Outcome =
	| { kind: "redirect"; to: string }
	| { kind: "wrong" }
	| { kind: "locked"; seconds: number | null }
	| { kind: "failed"; detail: string | null };

const fields = [
	"client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method",
] as const;

export function codeRequest(query: URLSearchParams): CodeRequest | null {
	const entries = fields.map((field) => [field, query.get(field)] as const);
	if (entries.some(([, value]) => value === null))
		return null;
	return Object.fromEntries(entries) as unknown as CodeRequest;
}

export async function authorize(
	request: CodeRequest, username: string, password: string,
): Promise<Outcome> {
	let answer: Response;
	try {
		answer = await fetch("/services/AuthorizationService/authorize", {
			method: "POST",
			cache: "no-store",
			headers: { "content-type": "application/json" },
			body: JSON.stringify({ username, password, ...request }),
		});
	} catch {
		return { kind: "failed", detail: null };
	}
	if (answer.ok) {
		const { redirect } = await answer.json() as { redirect: string };
		return isHttp(redirect)
			? { kind: "redirect", to: redirect } : { kind: "failed", detail: null };
	}
	if (answer.status === 401)
		return { kind: "wrong" };
	if (answer.status === 429) {
		const seconds = Number(answer.headers.get("retry-after"));
		return { kind: "locked", seconds: seconds > 0 ? Math.ceil(seconds) : null };
	}
	const problem = await problemOf(answer);
	return { kind: "failed", detail: answer.status < 500 ? problem.detail ?? null : null };
}

function isHttp(url: string): boolean {
	return /^https?:$/.test(new URL(url, location.href).protocol);
}
