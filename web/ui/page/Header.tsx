// SPDX-License-Identifier: Apache-2.0
import {
	Button, Masthead, MastheadBrand, MastheadContent, MastheadLogo, MastheadMain, SkipToContent,
} from "@patternfly/react-core";
import type { ReactNode } from "react";
import type { Claims } from "../auth/claims.ts";
import { t } from "../i18n/common.ts";
import { Brand } from "./Brand.tsx";

interface Props {
	claims: Claims;
	suffix?: string;
	toggle?: ReactNode;
	children?: ReactNode;
	onSignOut(): void;
}

export const mainId = "main";

export const skipToContent = <SkipToContent href={`#${mainId}`}>{t("skip")}</SkipToContent>;

export function Header({ claims, suffix, toggle, children, onSignOut }: Props) {
	const name = claims.name ?? claims.sub;
	return (
		<Masthead display={{ default: "inline" }}>
			<MastheadMain>
				{toggle}
				<MastheadBrand>
					<MastheadLogo component="span">
						<Brand {...(suffix ? { suffix } : {})} />
					</MastheadLogo>
				</MastheadBrand>
			</MastheadMain>
			<MastheadContent>
				<div className="pl-header">
					{children}
					<span className="pl-header__user" title={t("user", { name })} data-testid="user">
						{name}
					</span>
					<Button variant="plain" onClick={onSignOut} data-testid="sign-out">
						{t("signOut")}
					</Button>
				</div>
			</MastheadContent>
		</Masthead>
	);
}
