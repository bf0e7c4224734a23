// SPDX-License-Identifier: Apache-2.0
import { freshToken } from "../../ui/auth/session.ts";
import { Uploads } from "../../ui/chat/upload.ts";

/** Files of the agent's chats, by the agent's token. */
export const files = new Uploads(async (contactId) => ({
	url: `/services/AgentControllerService/contacts/${encodeURIComponent(contactId)}/files`,
	headers: { authorization: `Bearer ${await freshToken()}` },
}));
