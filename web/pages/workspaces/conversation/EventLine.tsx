// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import LockIcon from "@patternfly/react-icons/dist/esm/icons/lock-icon";
import { useState } from "react";
import type { ChatFile, CloseReason, DurableEvent } from "../../../api/chat.ts";
import { t, word } from "../../../ui/i18n/workspaces.ts";
import { bytes, time } from "../../../ui/page/format.ts";
import { files } from "../files.ts";

interface Props {
	event: DurableEvent;
	isPrivate: boolean;
	customer: string;
	/** The contact that the chat belongs to. */
	chatId: string;
}

type Said = Extract<DurableEvent, { type: "message" | "push" | "file" }>;

/** One line of a conversation. */
export function EventLine({ event, isPrivate, customer, chatId }: Props) {
	switch (event.type) {
	case "joined":
	case "left": {
		const { role, name } = event.participant;
		const who = name || word("from", role);
		return (
			<p className="pl-event" data-line="" data-testid={`${event.type}-line`}>
				{t(`conversation.${event.type}`, { name: who })}
			</p>
		);
	}
	case "closed":
		return <ClosedLine reason={event.reason} />;
	case "surveyed":
		return <p className="pl-event" data-line="">{t("conversation.surveyed")}</p>;
	case "message":
		return (
			<SaidLine event={event} isPrivate={isPrivate} customer={customer} testId="message">
				<p dir="auto">{event.text}</p>
			</SaidLine>
		);
	case "push":
		return (
			<SaidLine event={event} isPrivate={false} customer={customer} testId="push-line">
				<p dir="auto">
					{t("conversation.push", { title: event.title || event.url })}
					{event.title && <small className="pl-message__url">{event.url}</small>}
				</p>
			</SaidLine>
		);
	case "file":
		return (
			<SaidLine event={event} isPrivate={false} customer={customer} testId="file-line">
				<FileLink file={event.file} chatId={chatId} />
			</SaidLine>
		);
	default:
		return null;
	}
}

function SaidLine({ event, isPrivate, customer, testId, children }: {
	event: Said; isPrivate: boolean; customer: string; testId: string; children: React.ReactNode;
}) {
	return (
		<div
			className={`pl-message pl-message--${event.from}`} data-testid={testId} data-line=""
			data-from={event.from} data-seq={event.seq} data-private={isPrivate || undefined}
		>
			<span className="pl-message__from">
				{isPrivate && <strong className="pl-private-mark"><LockIcon />{t("private")}</strong>}
				<bdi>
					{event.from === "customer" ? customer : event.name || word("from", event.from)}
				</bdi>
				<time dateTime={event.at}>{time(event.at)}</time>
			</span>
			{children}
		</div>
	);
}

function FileLink({ file, chatId }: { file: ChatFile; chatId: string }) {
	const [state, setState] = useState<"rest" | "fetching" | "failed">("rest");
	function fetchIt() {
		setState("fetching");
		files.download(chatId, file).then(() => setState("rest"), () => setState("failed"));
	}
	return (
		<p>
			<Button
				variant="link" isInline onClick={fetchIt} isDisabled={state === "fetching"}
				data-testid="file-download"
			>
				<bdi>{file.name}</bdi>
			</Button>
			{" "}
			<small>{bytes(file.size)}</small>
			{state === "failed" && <small role="alert">{t("file.failed")}</small>}
		</p>
	);
}

export function ClosedLine({ reason }: { reason: CloseReason }) {
	return (
		<p className="pl-event" data-line="" data-testid="closed-line">
			{word("conversation.closed", reason)}
		</p>
	);
}
