// SPDX-License-Identifier: Apache-2.0
import { mountSignedIn } from "../../ui/page/mount.tsx";
import { Manager } from "./Manager.tsx";

void mountSignedIn((claims) => <Manager claims={claims} />);
