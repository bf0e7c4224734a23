// SPDX-License-Identifier: Apache-2.0
import type { Node } from "../../../api/manager.ts";
import { t, word } from "../../../ui/i18n/manager.ts";

/** What is under way on a node, or holds it back, in words. */
export function nodeActivity({ restart, restartWhy, draining, overload }: Node): string[] {
	return [
		...(restart ? [t(`restart.${restart}`, { why: restartWhy ?? "" }).trim()] : []),
		...(draining ? [t("draining")] : []),
		...(overload?.length
			? [t("overload", { what: overload.map((one) => word("overload", one)).join(", ") })] : []),
	];
}
