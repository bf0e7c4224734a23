// SPDX-License-Identifier: Apache-2.0
import { Alert, type AlertProps } from "@patternfly/react-core";
import { t } from "../i18n/common.ts";

type Props = Omit<AlertProps, "isInline" | "variantLabel" | "variant"> & {
	variant: "danger" | "warning" | "info" | "success";
};

/** A message in the page's flow; its kind is said to screen readers in the page's language. */
export function Note(props: Props) {
	return <Alert {...props} isInline variantLabel={t(`note.${props.variant}`)} />;
}
