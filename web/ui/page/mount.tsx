// SPDX-License-Identifier: Apache-2.0
import "@patternfly/react-core/dist/styles/base.css";
import "./page.css";
import { StrictMode, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import type { Claims } from "../auth/claims.ts";
import { ensureSignedIn, SignInError } from "../auth/session.ts";
import { t } from "../i18n/common.ts";
import { language } from "../i18n/language.ts";
import { Trouble } from "./Trouble.tsx";
import { followColourScheme } from "./theme.ts";

function root(): Root {
	followColourScheme();
	document.documentElement.lang = language;
	return createRoot(document.getElementById("root")!);
}

export function mount(page: ReactNode): void {
	root().render(<StrictMode>{page}</StrictMode>);
}

/** Renders a page that needs a signed-in user. */
export async function mountSignedIn(page: (claims: Claims) => ReactNode): Promise<void> {
	const at = root();
	try {
		const claims = await ensureSignedIn();
		at.render(<StrictMode>{page(claims)}</StrictMode>);
	} catch (error) {
		at.render(
			<Trouble
				title={t("signInFailed")}
				text={error instanceof SignInError
					? t("signInFailed.text", { reason: error.message })
					: t("unreachable")}
			/>,
		);
	}
}
