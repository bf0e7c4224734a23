// SPDX-License-Identifier: Apache-2.0
import { mountSignedIn } from "../../ui/page/mount.tsx";
import { AgentDesk } from "./agentDesk.ts";
import { Alerts } from "./alerts/alerts.ts";
import { keepBook } from "./book.ts";
import { NoAgent } from "./NoAgent.tsx";
import { listenForShortcuts } from "./shortcuts.ts";
import { Workspaces } from "./Workspaces.tsx";

void mountSignedIn((claims) => {
	if (!claims.roles.includes("agent"))
		return <NoAgent claims={claims} />;
	const desk = new AgentDesk();
	new Alerts(desk.store);
	listenForShortcuts(desk);
	void keepBook();
	desk.start();
	return <Workspaces claims={claims} desk={desk} />;
});
