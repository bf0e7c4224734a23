// SPDX-License-Identifier: Apache-2.0
import { Spinner } from "@patternfly/react-core";
import { t } from "../ui/i18n/common.ts";
import { mountSignedIn } from "../ui/page/mount.tsx";
import { Menu } from "./Menu.tsx";
import { homeOf } from "./places.ts";

void mountSignedIn((claims) => {
	const home = homeOf(claims);
	if (!home)
		return <Menu claims={claims} />;
	location.replace(home.href);
	return <Spinner aria-label={t("working")} />;
});
