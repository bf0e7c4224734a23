// SPDX-License-Identifier: Apache-2.0
import { mountSignedIn } from "../../ui/page/mount.tsx";
import { AgentDesk } from "./agentDesk.ts";
import { NoAgent } from "./NoAgent.tsx";
import { Workspaces } from "./Workspaces.tsx";

void mountSignedIn((claims) => {
	if (!claims.roles.includes("agent"))
		return <NoAgent claims={claims} />;
	const desk = new AgentDesk();
	desk.start();
	return <Workspaces claims={claims} desk={desk} />;
});
