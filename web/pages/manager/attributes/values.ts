// SPDX-License-Identifier: Apache-2.0
import type { Attribute, AttributeChange, AttributeValue } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";

/** A value as people read it. */
export function valueText(value: AttributeValue | undefined, unit: string | null = null): string {
	if (value === null || value === undefined)
		return t("attributes.unset");
	if (typeof value === "boolean")
		return t(value ? "on" : "off");
	if (value === "")
		return t("attributes.empty");
	return unit ? `${value} ${unit}` : String(value);
}

export const effectiveText = ({ effective, unit }: Attribute): string => valueText(effective, unit);

export function originText({ origin, originPlace }: Attribute): string {
	return originPlace ? `${t(`level.${origin}`)} ${originPlace}` : t(`level.${origin}`);
}

export function changeText({ level, place, service, name, was, became }: AttributeChange): string {
	const where = place ? `${t(`level.${level}`)} ${place}` : t(`level.${level}`);
	return t("attributes.change", {
		service, name, where, was: valueText(was), became: valueText(became),
	});
}
