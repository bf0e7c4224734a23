// SPDX-License-Identifier: Apache-2.0
import { Button, Checkbox, Flex, Form, FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useState } from "react";
import type { Page, Plan, Release, UpgradeChecks } from "../../../api/manager.ts";
import { t } from "../../../ui/i18n/manager.ts";
import { getJson, send } from "../../../ui/net/api.ts";
import { Note } from "../../../ui/page/Note.tsx";
import { detailOf } from "../action/detailOf.ts";
import { LiveFrame } from "../live/LiveFrame.tsx";
import { useQuestion } from "../live/useQuestion.ts";
import { useMayChange } from "../may.ts";
import { Checks } from "./Checks.tsx";
import { configurations, optionsOf, wishOf, type Choice } from "./choice.ts";
import { LoadRelease } from "./LoadRelease.tsx";
import { Planned } from "./Planned.tsx";

interface Props {
	/** What runs. */
	version: string;
	onBegun(): void;
}

type Answer = { checks: UpgradeChecks } | { plan: Plan } | { failure: string } | null;

/** Choosing a release, looking at what matters, seeing the steps, and beginning. */
export function Begin({ version, onBegun }: Props) {
	const mayChange = useMayChange();
	const [live, ask] = useQuestion("releases", () => getJson<Page<Release>>("/api/v1/releases?limit=200"));
	const [choice, setChoice] = useState<Choice>({
		version: "", mode: "rolling", configuration: "DigitalOnly-100", options: new Set(["Chat"]), isRead: false,
	});
	const [answer, setAnswer] = useState<Answer>(null);
	const [busy, setBusy] = useState<string | null>(null);

	if (!mayChange)
		return null;

	function change(part: Partial<Choice>): void {
		setChoice({ ...choice, ...part });
		setAnswer(null);
	}

	async function does(what: string, work: () => Promise<Answer>): Promise<void> {
		setBusy(what);
		setAnswer(await work().catch((error: unknown) => ({ failure: detailOf(error) })));
		setBusy(null);
	}

	const asked = (what: string) => send<never>("POST", `/api/v1/upgrade/${what}`, wishOf(chosen));
	const releases = live.value?.items.filter((r) => r.version !== version) ?? [];
	const chosen = { ...choice, version: choice.version || releases[0]?.version || "" };
	const canBegin = chosen.version !== "" && busy === null;

	return (
		<>
			<h2 className="pl-subtitle">{t("upgrade.next")}</h2>
			<LoadRelease onDone={() => void ask()} />
			<LiveFrame live={live}>
				{() => (releases.length === 0 ? <p data-testid="releases-none">{t("upgrade.releases.none")}</p> : (
					<Form data-testid="upgrade-form" onSubmit={(event) => event.preventDefault()}>
						<Chooser
							id="upgrade-release" label={t("upgrade.release")} value={chosen.version}
							values={releases.map((r) => [r.version, r.version])}
							onChange={(value) => change({ version: value })}
						/>
						<Chooser
							id="upgrade-mode" label={t("upgrade.mode")} value={choice.mode}
							values={(["rolling", "window"] as const).map((m) => [m, t(`upgrade.mode.${m}`)])}
							onChange={(value) => change({ mode: value as Choice["mode"] })}
						/>
						<Chooser
							id="upgrade-configuration" label={t("upgrade.configuration")} value={choice.configuration}
							values={configurations.map((c) => [c, c])}
							onChange={(value) => change({ configuration: value })}
						/>
						<FormGroup role="group" label={t("upgrade.options")} fieldId="upgrade-options">
							<Flex>
								{optionsOf(choice.configuration).map((name) => (
									<Checkbox
										key={name} id={`option-${name}`} label={name} data-testid={`option-${name}`}
										isChecked={choice.options.has(name)}
										onChange={(_event, is) => change({ options: changed(choice.options, name, is) })}
									/>
								))}
							</Flex>
						</FormGroup>
						<Checkbox
							id="upgrade-read" data-testid="upgrade-read" label={t("upgrade.read")}
							isChecked={choice.isRead} onChange={(_event, isRead) => change({ isRead })}
						/>
						<Flex className="pl-actions">
							<Button
								variant="secondary" data-testid="upgrade-check" isDisabled={!canBegin}
								isLoading={busy === "check"}
								onClick={() => void does("check", async () => ({ checks: await asked("check") }))}
							>
								{t("upgrade.check")}
							</Button>
							<Button
								variant="secondary" data-testid="upgrade-plan" isDisabled={!canBegin}
								isLoading={busy === "plan"}
								onClick={() => void does("plan", async () => ({ plan: await asked("plan") }))}
							>
								{t("upgrade.plan")}
							</Button>
							<Button
								variant="warning" data-testid="upgrade-run" isDisabled={!canBegin}
								isLoading={busy === "run"}
								onClick={() => void does("run", async () => {
									await asked("run");
									onBegun();
									return null;
								})}
							>
								{t("upgrade.run", { version: chosen.version })}
							</Button>
						</Flex>
					</Form>
				))}
			</LiveFrame>
			<div aria-live="polite">
				{answer && "failure" in answer && (
					<Note component="h3" variant="danger" title={answer.failure} data-testid="upgrade-failure" />
				)}
				{answer && "checks" in answer && <Checks checks={answer.checks} />}
				{answer && "plan" in answer && <Planned plan={answer.plan} />}
			</div>
		</>
	);
}

interface ChooserProps {
	id: string;
	label: string;
	value: string;
	values: (readonly [value: string, label: string])[];
	onChange(value: string): void;
}

function Chooser({ id, label, value, values, onChange }: ChooserProps) {
	return (
		<FormGroup label={label} fieldId={id}>
			<FormSelect id={id} data-testid={id} value={value} onChange={(_event, chosen) => onChange(chosen)}>
				{values.map(([one, text]) => <FormSelectOption key={one} value={one} label={text} />)}
			</FormSelect>
		</FormGroup>
	);
}

function changed(set: ReadonlySet<string>, name: string, is: boolean): ReadonlySet<string> {
	const next = new Set(set);
	if (is)
		next.add(name);
	else
		next.delete(name);
	return next;
}
