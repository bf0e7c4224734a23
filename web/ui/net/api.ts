// SPDX-License-Identifier: Apache-2.0

/** The HTTP interfaces with the user's token; failures are problem documents. */

import type { Problem } from "../../api/problem.ts";
import { freshToken, renewToken, signInAgain } from "../auth/session.ts";

const answerMs = 8000;
/** A large file takes its time on a slow line. */
const fileMs = 300_000;

export class ApiError extends Error {
	constructor(readonly status: number, readonly problem: Problem) {
		super(problem.detail ?? problem.title ?? String(status));
	}
}

export function getJson<T>(path: string): Promise<T> {
	return call<T>("GET", path);
}

/** A request that changes something; a Blob is sent as it is, anything else as JSON. */
export function send<T>(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<T> {
	return call<T>(method, path, body);
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
	let answer = await once(method, path, body);
	if (answer.status === 401) {
		await renewToken();
		answer = await once(method, path, body);
		if (answer.status === 401)
			return signInAgain();
	}
	if (!answer.ok)
		throw new ApiError(answer.status, await problemOf(answer));
	return (answer.status === 204 ? undefined : await answer.json()) as T;
}

async function once(method: string, path: string, body: unknown): Promise<Response> {
	const isFile = body instanceof Blob;
	const type = isFile ? "application/octet-stream" : "application/json";
	return fetch(path, {
		method,
		cache: "no-store",
		headers: {
			authorization: `Bearer ${await freshToken()}`, accept: "application/json",
			...(body === undefined ? {} : { "content-type": type }),
		},
		...(body === undefined ? {} : { body: isFile ? body : JSON.stringify(body) }),
		signal: AbortSignal.timeout(isFile ? fileMs : answerMs),
	});
}

export async function problemOf(answer: Response): Promise<Problem> {
	try {
		return await answer.json() as Problem;
	} catch {
		return { status: answer.status, title: answer.statusText };
	}
}
