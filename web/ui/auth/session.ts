// SPDX-License-Identifier: Apache-2.0

/**
 * Who is signed in on this tab: the tokens, their renewal, and the way to and from the sign-in page
 * (authorization code with PKCE, RFC 6749 §4.1, RFC 7636).
 */

import { claimsOf, type Claims } from "./claims.ts";
import { challengeOf, randomText } from "./pkce.ts";

const service = "/services/AuthorizationService";
const clientId = "pelago-web";
const tokensKey = "pelago.tokens";
const requestKey = "pelago.signin";
/** A token is renewed when this much of its life is left. */
const renewBefore = 60_000;

interface Tokens {
	access: string;
	refresh: string | null;
	/** By this machine's clock, whatever it is. */
	expiresAt: number;
	lifetime: number;
}

interface TokenAnswer {
	access_token: string;
	expires_in: number;
	refresh_token?: string;
}

interface Request {
	verifier: string;
	state: string;
	hash: string;
}

export class SignInError extends Error {}

let tokens: Tokens | null = load();
/** By the clock that only runs on: when this page's token ends, at the latest. */
let endsAt = performance.now() + (tokens ? Math.min(tokens.lifetime, tokens.expiresAt - Date.now()) : 0);
let renewing: Promise<void> | null = null;

/** The signed-in user; without one the browser leaves for the sign-in page, and nothing returns. */
export async function ensureSignedIn(): Promise<Claims> {
	const query = new URLSearchParams(location.search);
	if (query.has("state") && (query.has("code") || query.has("error")))
		await finish(query);
	if (!tokens || lifeLeft(tokens) <= 0 && !tokens.refresh)
		return leave();
	await freshToken();
	return claimsOf(tokens.access);
}

/** In ms. The time of day may be put back, and the other clock stands still while a machine sleeps. */
function lifeLeft({ expiresAt }: Tokens): number {
	return Math.min(expiresAt - Date.now(), endsAt - performance.now());
}

/** A token with some life left. Waits for its renewal only when the present one is used up. */
export async function freshToken(): Promise<string> {
	if (!tokens)
		return leave();
	const left = lifeLeft(tokens);
	if (left < Math.min(renewBefore, tokens.lifetime / 4) && tokens.refresh) {
		const renewal = renewToken();
		if (left <= 0)
			await renewal;
		else
			await renewal.catch(() => undefined);
	}
	return tokens ? tokens.access : leave();
}

/** Gets new tokens now; many callers share one request. */
export function renewToken(): Promise<void> {
	renewing ??= renew().finally(() => { renewing = null; });
	return renewing;
}

/** When the page should renew by itself, in ms from now. */
export function renewalDue(): number {
	if (!tokens)
		return renewBefore;
	const margin = Math.min(renewBefore, tokens.lifetime / 4);
	return Math.max(1000, lifeLeft(tokens) - margin + 500);
}

export async function signOut(): Promise<void> {
	const old = tokens;
	forget();
	if (old) {
		await postForm("revoke", { token: old.refresh ?? old.access, client_id: clientId })
			.catch(() => undefined);
	}
	location.assign("/");
}

/** Forgets the tokens and asks for user name and password again. */
export function signInAgain(): Promise<never> {
	forget();
	return leave();
}

async function leave(): Promise<never> {
	const request: Request = {
		verifier: randomText(48), state: randomText(16), hash: location.hash,
	};
	sessionStorage.setItem(requestKey, JSON.stringify(request));
	const query = new URLSearchParams({
		response_type: "code",
		client_id: clientId,
		redirect_uri: ownUrl(),
		state: request.state,
		code_challenge: await challengeOf(request.verifier),
		code_challenge_method: "S256",
	});
	location.replace(`${service}/authorize?${query}`);
	return new Promise(() => undefined);
}

async function finish(query: URLSearchParams): Promise<void> {
	const kept = sessionStorage.getItem(requestKey);
	const request = kept ? JSON.parse(kept) as Request : null;
	history.replaceState(null, "", location.pathname + (request?.hash ?? ""));
	// A stale or foreign answer, such as a bookmarked one, is no sign-in; the page asks anew.
	if (!request || request.state !== query.get("state"))
		return;
	sessionStorage.removeItem(requestKey);
	const code = query.get("code");
	if (!code)
		throw new SignInError(query.get("error_description") ?? query.get("error") ?? "");
	const answer = await postForm("token", {
		grant_type: "authorization_code",
		code,
		redirect_uri: ownUrl(),
		client_id: clientId,
		code_verifier: request.verifier,
	});
	if (!answer.ok)
		throw new SignInError(await reasonOf(answer));
	take(await answer.json() as TokenAnswer);
}

async function renew(): Promise<void> {
	if (!tokens?.refresh)
		return signInAgain();
	const answer = await postForm("token", {
		grant_type: "refresh_token", refresh_token: tokens.refresh, client_id: clientId,
	});
	if (answer.status === 400 || answer.status === 401)
		return signInAgain();
	if (!answer.ok)
		throw new SignInError(await reasonOf(answer));
	take(await answer.json() as TokenAnswer);
}

function postForm(path: string, form: Record<string, string>): Promise<Response> {
	return fetch(`${service}/${path}`, {
		method: "POST", body: new URLSearchParams(form), cache: "no-store",
	});
}

async function reasonOf(answer: Response): Promise<string> {
	try {
		const body = await answer.json() as Record<string, unknown>;
		return String(body["error_description"] ?? body["detail"] ?? body["title"]
			?? body["error"] ?? answer.status);
	} catch {
		return String(answer.status);
	}
}

function ownUrl(): string {
	return location.origin + location.pathname;
}

function take(answer: TokenAnswer): void {
	const lifetime = answer.expires_in * 1000;
	tokens = {
		access: answer.access_token,
		refresh: answer.refresh_token ?? tokens?.refresh ?? null,
		expiresAt: Date.now() + lifetime,
		lifetime,
	};
	endsAt = performance.now() + lifetime;
	sessionStorage.setItem(tokensKey, JSON.stringify(tokens));
}

function forget(): void {
	tokens = null;
	sessionStorage.removeItem(tokensKey);
}

function load(): Tokens | null {
	try {
		return JSON.parse(sessionStorage.getItem(tokensKey) ?? "null") as Tokens | null;
	} catch {
		return null;
	}
}
