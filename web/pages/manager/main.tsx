// SPDX-License-Identifier: Apache-2.0
import { mountSignedIn } from "../../ui/page/mount.tsx";
import { LiveReport } from "./live.ts";
import { Manager } from "./Manager.tsx";

void mountSignedIn((claims) => {
	const live = new LiveReport();
	live.start();
	return <Manager claims={claims} live={live} />;
});
