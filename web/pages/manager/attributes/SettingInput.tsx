// SPDX-License-Identifier: Apache-2.0
import {
	FormSelect, FormSelectOption, HelperText, HelperTextItem, Switch, TextInput,
} from "@patternfly/react-core";
import { t as common } from "../../../ui/i18n/common.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { check, type Setting, type Wish } from "./setting.ts";

interface Props {
	setting: Setting;
	wish: Exclude<Wish, null>;
	isDisabled: boolean;
	onChange(wish: Wish): void;
}

/** The field for a value, by its type, with what is wrong with what stands in it. */
export function SettingInput({ setting, wish, isDisabled, onChange }: Props) {
	const [first] = setting.attributes;
	const checked = isDisabled ? { value: wish } : check(setting, wish);
	const label = t("attributes.value.of", { name: first.name });
	const field = { id: `value ${setting.id}`, "aria-label": label, isDisabled, "data-testid": "value" };
	if (typeof wish === "boolean")
		return (
			<Switch
				{...field} isChecked={wish} label={t(wish ? "on" : "off")}
				onChange={(_event, isOn) => onChange(isOn)}
			/>
		);
	if (first.values)
		return (
			<FormSelect {...field} value={wish} onChange={(_event, value) => onChange(value)}>
				{first.values.map((one) => <FormSelectOption key={one} value={one} label={one} />)}
			</FormSelect>
		);
	return (
		<>
			<TextInput
				{...field} value={wish} onChange={(_event, value) => onChange(value)}
				type={first.type === "secret" ? "password" : "text"} autoComplete="new-password"
				validated={"problem" in checked ? "error" : "default"}
			/>
			{"problem" in checked && (
				<HelperText role="status">
					<HelperTextItem variant="error" screenReaderText={common("note.danger")} data-testid="value-problem">
						{t(`attributes.${checked.problem}`, {
							least: first.least ?? "", most: first.most ?? "", pattern: first.pattern ?? "",
						})}
					</HelperTextItem>
				</HelperText>
			)}
		</>
	);
}
