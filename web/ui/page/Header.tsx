// SPDX-License-Identifier: Apache-2.0
import {
	Button, Masthead, MastheadBrand, MastheadContent, MastheadLogo, MastheadMain, SkipToContent,
} from "@patternfly/react-core";
import CogIcon from "@patternfly/react-icons/dist/esm/icons/cog-icon";
import { useState, type ReactNode } from "react";
import type { Claims } from "../auth/claims.ts";
import { t } from "../i18n/common.ts";
import { Brand } from "./Brand.tsx";
import { SettingsDialog } from "./SettingsDialog.tsx";

interface Props {
	claims: Claims;
	suffix?: string;
	toggle?: ReactNode;
	children?: ReactNode;
	/** More to choose in the settings than every page has. */
	settings?: ReactNode;
	onSignOut(): void;
}

export const mainId = "main";

export const skipToContent = <SkipToContent href={`#${mainId}`}>{t("skip")}</SkipToContent>;

export function Header({ claims, suffix, toggle, children, settings, onSignOut }: Props) {
	const [open, setOpen] = useState(false);
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
					<Button
						variant="plain" icon={<CogIcon />} aria-label={t("settings")}
						onClick={() => setOpen(true)} data-testid="settings"
					/>
					<Button variant="plain" onClick={onSignOut} data-testid="sign-out">
						{t("signOut")}
					</Button>
				</div>
			</MastheadContent>
			{open && (
				<SettingsDialog onClose={() => setOpen(false)}>{settings}</SettingsDialog>
			)}
		</Masthead>
	);
}
