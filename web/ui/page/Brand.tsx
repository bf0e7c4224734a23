// SPDX-License-Identifier: Apache-2.0
import icon from "./icon.svg";
import { t } from "../i18n/common.ts";

export function Brand({ suffix }: { suffix?: string }) {
	return (
		<a className="pl-brand" href="/">
			<img src={icon} alt="" width={28} height={28} />
			<span>{t("brand")}</span>
			{suffix && <span className="pl-brand__suffix">{suffix}</span>}
		</a>
	);
}
