// SPDX-License-Identifier: Apache-2.0
import { Button, FormGroup, Switch } from "@patternfly/react-core";
import { useState } from "react";
import { t } from "../../../ui/i18n/workspaces.ts";
import type { Setting } from "../../../ui/page/setting.ts";
import { useSetting } from "../../../ui/page/useSetting.ts";
import { preferences } from "../preferences.ts";
import { play } from "./chime.ts";

type OnOff = Setting<"on" | "off">;

/** What an agent chooses for the desk: how it calls, and whether keys do anything. */
export function DeskSettings() {
	return (
		<>
			<FormGroup role="group" label={t("settings.alerts")}>
				<div className="pl-settings__row">
					<SettingSwitch
						setting={preferences.sound} label={t("settings.sound")} id="setting-sound"
					/>
					<Button
						variant="link" isInline onClick={() => play("offer")}
						data-testid="setting-sound-try"
					>
						{t("settings.sound.try")}
					</Button>
				</div>
				<Notifications />
			</FormGroup>
			<FormGroup role="group" label={t("settings.keyboard")}>
				<SettingSwitch setting={preferences.keys} label={t("settings.keys")} id="setting-keys" />
			</FormGroup>
		</>
	);
}

/** The browser is asked only when the agent wants them; what it said is told. */
function Notifications() {
	const [permission, setPermission] = useState(
		() => ("Notification" in window ? Notification.permission : "denied"));
	const wanted = useSetting(preferences.notifications);
	async function choose(on: boolean) {
		if (on && permission === "default") {
			const said = await Notification.requestPermission();
			setPermission(said);
			preferences.notifications.set(said === "granted" ? "on" : "off");
		} else {
			preferences.notifications.set(on ? "on" : "off");
		}
	}
	return (
		<>
			<Switch
				id="setting-notifications" label={t("settings.notifications")}
				isChecked={wanted === "on" && permission === "granted"}
				isDisabled={permission === "denied"} onChange={(_e, on) => void choose(on)}
				data-testid="setting-notifications"
			/>
			{permission === "denied" && (
				<p className="pl-subtle" data-testid="setting-notifications-denied">
					{t("settings.notifications.denied")}
				</p>
			)}
		</>
	);
}

function SettingSwitch({ setting, label, id }: { setting: OnOff; label: string; id: string }) {
	const value = useSetting(setting);
	return (
		<Switch
			id={id} label={label} isChecked={value === "on"}
			onChange={(_e, on) => setting.set(on ? "on" : "off")} data-testid={id}
		/>
	);
}
