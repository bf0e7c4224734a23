// SPDX-License-Identifier: Apache-2.0
import {
	Checkbox, FormGroup, FormHelperText, FormSelect, FormSelectOption, HelperText, HelperTextItem,
	TextInput,
} from "@patternfly/react-core";
import type { Field, Values } from "./action.ts";

interface Props {
	field: Field;
	values: Values;
	isFirst: boolean;
	onChange(value: string | boolean): void;
}

/** A field of a question, as its row says. */
export function FieldInput({ field, values, isFirst, onChange }: Props) {
	const id = `confirm-${field.id}`;
	const value = values[field.id];
	if (field.kind === "check")
		return (
			<Checkbox
				id={id} label={field.label} isChecked={value === true} data-testid={id}
				{...(field.hint ? { description: field.hint } : {})}
				onChange={(_event, isChecked) => onChange(isChecked)}
			/>
		);
	return (
		<FormGroup label={field.label} fieldId={id}>
			{field.kind === "choice" ? (
				<FormSelect
					id={id} value={String(value)} data-testid={id}
					onChange={(_event, chosen) => onChange(chosen)}
				>
					{field.choices?.map((one) => (
						<FormSelectOption key={one.id} value={one.id} label={one.label} />
					))}
				</FormSelect>
			) : (
				<TextInput
					id={id} value={String(value)} data-testid={id} autoFocus={isFirst}
					type={field.kind === "secret" ? "password" : "text"}
					{...(field.kind === "secret" ? { autoComplete: "new-password" } : {})}
					onChange={(_event, text) => onChange(text)}
				/>
			)}
			{field.hint && (
				<FormHelperText>
					<HelperText><HelperTextItem>{field.hint}</HelperTextItem></HelperText>
				</FormHelperText>
			)}
		</FormGroup>
	);
}
