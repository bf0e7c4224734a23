// SPDX-License-Identifier: Apache-2.0
import { Label } from "@patternfly/react-core";

const colours = { good: "green", attention: "orange", bad: "red", idle: "grey" } as const;

export type Mood = keyof typeof colours;

interface Props {
	mood: Mood;
	text: string;
	id?: string;
}

/** How something is, in a word; the colour only says it again. */
export function StateLabel({ mood, text, id }: Props) {
	return (
		<Label isCompact color={colours[mood]} data-mood={mood} {...(id ? { "data-testid": id } : {})}>
			{text}
		</Label>
	);
}
