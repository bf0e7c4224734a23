// SPDX-License-Identifier: Apache-2.0
import { mountSignedIn } from "../../ui/page/mount.tsx";
import { AgentDesk } from "./agentDesk.ts";
import { Workspaces } from "./Workspaces.tsx";

void mountSignedIn((claims) => {
	const desk = new AgentDesk();
	desk.start();
	return <Workspaces claims={claims} desk={desk} />;
});
