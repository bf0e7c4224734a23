// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { useSyncExternalStore } from "react";
import type { FilesAllowed } from "../../../api/chat.ts";
import { t } from "../../../ui/i18n/workspaces.ts";
import { bytes } from "../../../ui/page/format.ts";
import { files } from "../files.ts";

/** Files on their way to the customer, and why one isn't. */
export function Uploads({ contactId, allowed }: { contactId: string; allowed: FilesAllowed }) {
	const uploads = useSyncExternalStore(files.store.subscribe, files.store.get)
		.filter((one) => one.contactId === contactId);
	return (
		<ul className="pl-uploads" aria-label={t("file.uploads")} aria-live="polite">
			{uploads.map(({ clientId, name, sent, failed, detail }) => (
				<li key={clientId} data-testid="upload" data-failed={failed ?? ""}>
					<bdi>{name}</bdi>
					{failed
						? (
							<span className="pl-failed">
								{t(`file.failed.${failed}`, { most: bytes(allowed.maxBytes) })}
								{detail && <small dir="auto"> ({detail})</small>}
							</span>
						)
						: <progress max={1} value={sent} aria-label={t("file.sending", { name })} />}
					{failed === "lost" && (
						<Button
							variant="link" isInline onClick={() => files.again(clientId)}
							data-testid="upload-again"
						>
							{t("message.again")}
						</Button>
					)}
					<Button
						variant="link" isInline onClick={() => files.drop(clientId)}
						data-testid="upload-drop"
					>
						{t(failed ? "message.drop" : "file.stop")}
					</Button>
				</li>
			))}
		</ul>
	);
}
