// SPDX-License-Identifier: Apache-2.0
import { t } from "../../../ui/i18n/common.ts";
import { ApiError } from "../../../ui/net/api.ts";

/** A refusal found by the page itself. */
export class Refused extends Error {}

/** Why something failed, for people. */
export function detailOf(error: unknown): string {
	return error instanceof ApiError || error instanceof Refused ? error.message : t("unreachable");
}
