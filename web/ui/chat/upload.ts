// SPDX-License-Identifier: Apache-2.0

/**
 * Files into a chat and out of it. An upload is repeated under its clientId, so that one whose answer was
 * lost comes only once; the chat's own frame `file` shows it to everybody.
 */

import type { ChatFile, FilesAllowed } from "../../api/chat.ts";
import type { Problem } from "../../api/problem.ts";
import { newId } from "../net/id.ts";
import { Store } from "../net/store.ts";

export interface Upload {
	clientId: string;
	contactId: string;
	name: string;
	/** 0 … 1 of its bytes are sent. */
	sent: number;
	failed: UploadFailure | null;
	/** What the server said of its refusal. */
	detail: string;
}

class Refused extends Error {
	constructor(readonly why: UploadFailure, detail = "") {
		super(detail);
	}
}

export type UploadFailure = "tooLarge" | "badType" | "empty" | "refused" | "lost";

/** Where a contact's files are, and what says that one may. */
export interface FilePlace {
	url: string;
	headers: Record<string, string>;
}

interface Running {
	file: File;
	stop: AbortController;
}

export class Uploads {
	readonly store = new Store<readonly Upload[]>([]);
	private readonly running = new Map<string, Running>();

	constructor(private readonly placeOf: (contactId: string) => Promise<FilePlace>) {}

	send(contactId: string, files: readonly File[], allowed: FilesAllowed): void {
		for (const file of files) {
			const failed = whyNot(file, allowed);
			const upload = { clientId: newId(), contactId, name: file.name, sent: 0, failed, detail: "" };
			this.store.set([...this.store.get(), upload]);
			this.running.set(upload.clientId, { file, stop: new AbortController() });
			if (!failed)
				void this.run(upload);
		}
	}

	again(clientId: string): void {
		const upload = this.store.get().find((one) => one.clientId === clientId);
		if (!upload)
			return;
		this.change(clientId, { failed: null, detail: "", sent: 0 });
		void this.run(upload);
	}

	/** Stops an upload, or forgets one that failed. */
	drop(clientId: string): void {
		this.running.get(clientId)?.stop.abort();
		this.running.delete(clientId);
		this.store.set(this.store.get().filter((one) => one.clientId !== clientId));
	}

	/** Fetches a file and hands it to the browser to keep. */
	async download(contactId: string, { id, name }: ChatFile): Promise<void> {
		const { url, headers } = await this.placeOf(contactId);
		const answer = await fetch(`${url}/${encodeURIComponent(id)}`, { headers });
		if (!answer.ok)
			throw new Error(String(answer.status));
		const link = document.createElement("a");
		link.href = URL.createObjectURL(await answer.blob());
		link.download = name;
		link.click();
		setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
	}

	private async run({ clientId, contactId, name }: Upload): Promise<void> {
		const { file, stop } = this.running.get(clientId)!;
		try {
			const { url, headers } = await this.placeOf(contactId);
			await sendFile({
				url: `${url}?${new URLSearchParams({ name, clientId })}`, headers, file,
				progress: (sent) => this.change(clientId, { sent }),
			}, stop.signal);
			this.drop(clientId);
		} catch (why) {
			this.change(clientId, why instanceof Refused
				? { failed: why.why, detail: why.message } : { failed: "lost" });
		}
	}

	private change(clientId: string, what: Partial<Upload>): void {
		this.store.set(this.store.get().map(
			(one) => (one.clientId === clientId ? { ...one, ...what } : one)));
	}
}

/** Why a file can't be sent, before a byte is; null if it can. */
export function whyNot(
	file: { size: number; type: string; name: string }, allowed: FilesAllowed,
): UploadFailure | null {
	if (file.size === 0)
		return "empty";
	if (file.size > allowed.maxBytes)
		return "tooLarge";
	return isAllowed(file, allowed.types) ? null : "badType";
}

function isAllowed({ type, name }: { type: string; name: string }, types: readonly string[]): boolean {
	return types.length === 0 || types.some((one) => one === "*/*" || one === type
		|| one.endsWith("/*") && type.startsWith(one.slice(0, -1))
		|| one.startsWith(".") && name.toLowerCase().endsWith(one.toLowerCase()));
}

interface Sending extends FilePlace {
	file: Blob;
	progress(sent: number): void;
}

/** Resolves when the server has the file; rejects with Refused. */
function sendFile({ url, headers, file, progress }: Sending, signal: AbortSignal): Promise<void> {
	return new Promise((done, fail: (why: Refused) => void) => {
		// fetch says nothing of what is sent.
		const request = new XMLHttpRequest();
		request.open("POST", url);
		for (const [name, value] of Object.entries(headers))
			request.setRequestHeader(name, value);
		request.setRequestHeader("content-type", file.type || "application/octet-stream");
		request.upload.onprogress = (event) => {
			if (event.lengthComputable && event.total)
				progress(event.loaded / event.total);
		};
		request.onload = () => {
			if (request.status < 300)
				done();
			else
				fail(new Refused(failureOf(request.status), detailOf(request.responseText)));
		};
		request.onerror = () => fail(new Refused("lost"));
		signal.addEventListener("abort", () => request.abort());
		request.send(file);
	});
}

function detailOf(text: string): string {
	try {
		const { detail } = JSON.parse(text) as Problem;
		return typeof detail === "string" ? detail : "";
	} catch {
		// No problem document: whoever answered is none of ours.
		return "";
	}
}

function failureOf(status: number): UploadFailure {
	return status === 413 ? "tooLarge" : status === 415 ? "badType"
		: status === 429 || status >= 500 ? "lost" : "refused";
}
