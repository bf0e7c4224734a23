// SPDX-License-Identifier: Apache-2.0
import "./signin.css";
import {
	ActionGroup, Button, Form, FormGroup, InputGroup, InputGroupItem, TextInput, Title,
} from "@patternfly/react-core";
import EyeIcon from "@patternfly/react-icons/dist/esm/icons/eye-icon";
import EyeSlashIcon from "@patternfly/react-icons/dist/esm/icons/eye-slash-icon";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { t } from "../ui/i18n/signin.ts";
import { Brand } from "../ui/page/Brand.tsx";
import { Note } from "../ui/page/Note.tsx";
import { authorize, codeRequest, type Outcome } from "./authorize.ts";

const request = codeRequest(new URLSearchParams(location.search));

export function SignIn() {
	useEffect(() => { document.title = `${t("title")} · Pelago`; }, []);
	return (
		<main className="pl-signin">
			<div className="pl-signin__card">
				<Brand />
				<Title headingLevel="h1" size="2xl">{t("welcome")}</Title>
				<p className="pl-signin__lead">{t("lead")}</p>
				{request ? <SignInForm /> : <NoRequest />}
			</div>
		</main>
	);
}

function NoRequest() {
	return (
		<>
			<p>{t("noRequest")}</p>
			<Button component="a" href="/" data-testid="signin-begin">{t("begin")}</Button>
		</>
	);
}

function SignInForm() {
	const [username, setUsername] = useState("");
	const [password, setPassword] = useState("");
	const [shown, setShown] = useState(false);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string | null>(null);
	const passwordField = useRef<HTMLInputElement>(null);

	async function submit(event: FormEvent) {
		event.preventDefault();
		if (busy || !request)
			return;
		if (!username.trim() || !password) {
			setError(t("incomplete"));
			return;
		}
		setBusy(true);
		setError(null);
		const outcome = await authorize(request, username.trim(), password);
		if (outcome.kind === "redirect") {
			location.replace(outcome.to);
			return;
		}
		setBusy(false);
		setError(inWords(outcome));
		passwordField.current?.select();
	}

	return (
		<Form onSubmit={(e) => void submit(e)} data-testid="signin-form" noValidate>
			<div aria-live="assertive">
				{error && (
					<Note variant="danger" title={error} data-testid="signin-error" />
				)}
			</div>
			<FormGroup label={t("username")} fieldId="username">
				<TextInput
					id="username" name="username" autoComplete="username" autoCapitalize="none"
					spellCheck={false} autoFocus value={username}
					onChange={(_e, value) => setUsername(value)} data-testid="signin-username"
				/>
			</FormGroup>
			<FormGroup label={t("password")} fieldId="password">
				<InputGroup>
					<InputGroupItem isFill>
						<TextInput
							id="password" name="password" type={shown ? "text" : "password"}
							autoComplete="current-password" value={password} ref={passwordField}
							onChange={(_e, value) => setPassword(value)}
							data-testid="signin-password"
						/>
					</InputGroupItem>
					<InputGroupItem>
						<Button
							variant="control" icon={shown ? <EyeSlashIcon /> : <EyeIcon />}
							aria-label={t(shown ? "hide" : "show")}
							onClick={() => setShown(!shown)}
						/>
					</InputGroupItem>
				</InputGroup>
			</FormGroup>
			<ActionGroup>
				<Button type="submit" isBlock isLoading={busy} isDisabled={busy}
					data-testid="signin-submit">
					{t("submit")}
				</Button>
			</ActionGroup>
		</Form>
	);
}

function inWords(outcome: Exclude<Outcome, { kind: "redirect" }>): string {
	switch (outcome.kind) {
	case "wrong":
		return t("wrong");
	case "locked":
		return outcome.seconds ? t("locked.seconds", { n: outcome.seconds }) : t("locked");
	case "failed":
		return outcome.detail ?? t("failed");
	}
}
