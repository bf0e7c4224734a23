// SPDX-License-Identifier: Apache-2.0
import {
	Button, Form, Modal, ModalBody, ModalFooter, ModalHeader,
} from "@patternfly/react-core";
import { useState, type FormEvent } from "react";
import { t as common } from "../../../ui/i18n/common.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { Note } from "../../../ui/page/Note.tsx";
import { firstValues, isComplete, wantedOf, type Action } from "./action.ts";
import { detailOf } from "./detailOf.ts";
import { FieldInput } from "./FieldInput.tsx";
import { ResultDialog } from "./ResultDialog.tsx";
import { runAll } from "./runAll.ts";

interface Props<T> {
	action: Action<T>;
	items: T[];
	nameOf(item: T): string;
	/** All of it is done. */
	onDone(): void;
	onCancel(): void;
}

const formId = "confirm-form";
const mostNames = 3;

/** Asks, does it with each, and tells what failed, which can then be tried again. */
export function ActionDialog<T>({ action, items, nameOf, onDone, onCancel }: Props<T>) {
	const [left, setLeft] = useState(items);
	const [values, setValues] = useState(() => ({ ...firstValues(action.fields), ...action.valuesOf?.(items[0] as T) }));
	const [done, setDone] = useState<number | null>(null);
	const [failures, setFailures] = useState<{ name: string; detail: string }[]>([]);
	const [result, setResult] = useState<string | null>(null);
	const names = left.map(nameOf);
	const isBusy = done !== null;
	const isMany = left.length > 1;

	async function confirm(event: FormEvent): Promise<void> {
		event.preventDefault();
		setFailures([]);
		setDone(0);
		let answer: unknown;
		const one = async (item: T): Promise<void> => {
			answer = await action.run(item, values, left);
		};
		const failed = await runAll(action.isTogether ? left.slice(0, 1) : left, one, setDone);
		setDone(null);
		if (failed.size === 0 && action.result && !isMany)
			return setResult(action.result(answer as never));
		if (failed.size === 0)
			return onDone();
		if (!action.isTogether)
			setLeft([...failed.keys()]);
		setFailures([...failed].map(([item, error]) => ({
			name: action.isTogether ? "" : nameOf(item), detail: detailOf(error),
		})));
	}

	if (result !== null)
		return <ResultDialog title={action.title} result={result} onClose={onDone} />;
	return (
		<Modal
			isOpen variant="small" onClose={onCancel} aria-labelledby="confirm-title"
			data-testid="confirm"
		>
			<ModalHeader title={action.question(namesText(names))} labelId="confirm-title" />
			<ModalBody>
				<Form id={formId} onSubmit={(event) => void confirm(event)}>
					{action.text && <p>{action.text}</p>}
					{names.length > mostNames && <p className="pl-names">{names.join(", ")}</p>}
					{wantedOf(action.fields, values).map((field, i) => (
						<FieldInput
							key={field.id} field={field} values={values} isFirst={i === 0}
							onChange={(value) => setValues({ ...values, [field.id]: value })}
						/>
					))}
				</Form>
				<div aria-live="assertive">
					{failures.map(({ name, detail }) => (
						<Note
							component="h2" key={name} variant="danger" data-testid="confirm-error" className="pl-failure"
							title={name && isMany ? t("action.failed.of", { name, detail })
								: t("action.failed", { detail })}
						/>
					))}
				</div>
				<p className="pl-hidden" role="status">
					{isBusy && isMany && !action.isTogether && t("action.progress", { done, all: left.length })}
				</p>
			</ModalBody>
			<ModalFooter>
				<Button
					type="submit" form={formId} variant={action.isGrave ? "warning" : "primary"}
					isLoading={isBusy} isDisabled={isBusy || !isComplete(action.fields, values)}
					data-testid="confirm-yes"
				>
					{isBusy && isMany && !action.isTogether ? t("action.progress", { done, all: left.length })
						: failures.length ? common("tryAgain") : action.title}
				</Button>
				<Button variant="link" onClick={onCancel} data-testid="confirm-no">
					{common(failures.length ? "done" : "cancel")}
				</Button>
			</ModalFooter>
		</Modal>
	);
}

function namesText(names: string[]): string {
	return names.length <= mostNames ? names.join(", ")
		: t("names.more", { names: names.slice(0, mostNames - 1).join(", "), n: names.length - mostNames + 1 });
}
