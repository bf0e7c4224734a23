// SPDX-License-Identifier: Apache-2.0
import { Button, Flex } from "@patternfly/react-core";
import { useState } from "react";
import { useMayChange } from "../may.ts";
import type { Action } from "./action.ts";
import { ActionDialog } from "./ActionDialog.tsx";

interface Props<T> {
	actions: Action<T>[];
	item: T;
	nameOf(item: T): string;
	onDone(): void;
}

/** What can be done with the one thing that is shown. */
export function ActionBar<T>({ actions, item, nameOf, onDone }: Props<T>) {
	const mayChange = useMayChange();
	const [asked, setAsked] = useState<Action<T> | null>(null);
	const end = () => {
		setAsked(null);
		onDone();
	};
	if (!mayChange)
		return null;
	return (
		<Flex className="pl-actions">
			{actions.filter((action) => action.fits(item)).map((action) => (
				<Button
					key={action.id} variant="secondary" data-testid={action.id}
					onClick={() => setAsked(action)}
				>
					{action.title}
				</Button>
			))}
			{asked && (
				<ActionDialog
					action={asked} items={[item]} nameOf={nameOf} onDone={end} onCancel={end}
				/>
			)}
		</Flex>
	);
}
