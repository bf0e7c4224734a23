// SPDX-License-Identifier: Apache-2.0

/** A constructed sheet: the page's policy forbids style elements. Colours are the page's to set. */
export const styles = `
:host {
	--accent: var(--pelago-accent, #0b6e86);
	--on-accent: var(--pelago-on-accent, #fff);
	--back: var(--pelago-background, #fff);
	--text: var(--pelago-text, #1b2529);
	--subtle: var(--pelago-subtle, #57656b);
	--soft: var(--pelago-soft, #eef3f5);
	--line: var(--pelago-line, #d5dee2);
	--danger: var(--pelago-danger, #b1380b);
	--field: color-mix(in srgb, var(--subtle) 80%, var(--back));
	--radius: var(--pelago-radius, 16px);
	position: fixed;
	inset: auto 20px 20px auto;
	z-index: var(--pelago-z-index, 2147483000);
	color: var(--text);
	font: 400 15px/1.45 var(--pelago-font, system-ui, "Segoe UI", Roboto, sans-serif);
	text-align: start;
}
@media (prefers-color-scheme: dark) {
	:host {
		--accent: var(--pelago-accent, #4fc0dc);
		--on-accent: var(--pelago-on-accent, #06222a);
		--back: var(--pelago-background, #172125);
		--text: var(--pelago-text, #e7eef0);
		--subtle: var(--pelago-subtle, #9fb0b6);
		--soft: var(--pelago-soft, #233036);
		--line: var(--pelago-line, #37474e);
		--danger: var(--pelago-danger, #ff9a76);
	}
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
button, input, select, textarea { font: inherit; color: inherit; }
button { cursor: pointer; }
button:disabled { cursor: default; opacity: .55; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
:is(input, select, textarea):focus-visible { outline-offset: -1px; }
.panel:focus-visible { outline: none; }
svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 2;
	stroke-linecap: round; stroke-linejoin: round; }
.launcher { position: relative; display: grid; place-items: center; width: 60px; height: 60px;
	margin-inline-start: auto; padding: 0; border: 0; border-radius: 50%; background: var(--accent);
	color: var(--on-accent); box-shadow: 0 6px 20px rgb(0 0 0 / .25); }
.badge { position: absolute; inset: -4px -4px auto auto; min-width: 22px; padding: 0 6px;
	border-radius: 11px; background: #c4320a; color: #fff; font-size: 13px; line-height: 22px; }
.panel { display: flex; flex-direction: column; width: min(380px, calc(100vw - 40px));
	height: min(600px, calc(100vh - 120px)); margin-block-end: 14px; overflow: hidden;
	border: 1px solid var(--line); border-radius: var(--radius); background: var(--back);
	box-shadow: 0 16px 48px rgb(0 0 0 / .28); }
.head { display: flex; align-items: center; gap: 8px; padding: 14px 10px 14px 18px;
	background: var(--accent); color: var(--on-accent); }
h2 { flex: 1; margin: 0; font-size: 17px; font-weight: 600; overflow: hidden;
	text-overflow: ellipsis; white-space: nowrap; }
.head button { min-height: 34px; padding: 4px 10px; border: 0; border-radius: 8px; background: none;
	color: inherit; font-size: 14px; }
.head button:hover { background: rgb(0 0 0 / .14); }
.head :focus-visible { outline-color: currentColor; }
.head svg { display: block; width: 20px; height: 20px; }
.status { padding: 8px 18px; background: var(--soft); color: var(--subtle); font-size: 14px; }
.status:empty { display: none; }
.status[data-tone=warning] { color: var(--danger); font-weight: 500; }
.ask { display: flex; align-items: center; gap: 8px; padding: 10px 18px;
	border-block-end: 1px solid var(--line); }
.ask span { flex: 1; font-weight: 500; }
form.start, .end { display: grid; align-content: start; gap: 14px; flex: 1; overflow: auto;
	padding: 20px 18px; }
.start p, .end p { margin: 0; color: var(--subtle); }
.end h3 { margin: 0; font-size: 17px; }
label { display: grid; gap: 5px; font-weight: 500; font-size: 14px; }
input, select, textarea { width: 100%; padding: 9px 11px; border: 1px solid var(--field);
	border-radius: 9px; background: var(--back); font-size: 16px; }
input[aria-invalid=true] { border-color: var(--danger); }
.wrong { color: var(--danger); font-size: 14px; font-weight: 400; }
.primary, .secondary { padding: 10px 16px; border: 1px solid var(--accent); border-radius: 9px;
	font-weight: 600; }
.primary { background: var(--accent); color: var(--on-accent); }
.secondary { background: none; color: var(--accent); }
.ask .primary, .ask .secondary { padding: 5px 11px; font-size: 14px; }
.log { display: flex; flex-direction: column; flex: 1; min-height: 0; overflow: auto;
	padding: 16px 18px; overscroll-behavior: contain; }
.log > div { flex: none; margin-block-start: auto; }
.log > div > * + * { margin-block-start: 10px; }
.event { margin: 0; color: var(--subtle); font-size: 13px; text-align: center; }
.message { display: grid; justify-items: start; width: fit-content; max-width: 85%; }
.message p { margin: 0; padding: 9px 13px; border-radius: 4px 15px 15px; background: var(--soft);
	overflow-wrap: anywhere; white-space: pre-wrap; }
.message small { color: var(--subtle); font-size: 12px; }
.message.customer { margin-inline-start: auto; justify-items: end; }
.message.customer p { border-radius: 15px 4px 15px 15px; background: var(--accent);
	color: var(--on-accent); }
.message.pending p { opacity: .6; }
.message.failed small { color: var(--danger); }
.card { display: grid; gap: 6px; padding: 10px 13px; border: 1px solid var(--line); border-radius: 12px;
	background: var(--back); overflow-wrap: anywhere; }
.card span { color: var(--subtle); font-size: 13px; }
.card span:empty { display: none; }
.card a.primary { text-align: center; text-decoration: none; }
.message .card button { margin: 0; font-size: 15px; text-align: start; }
.uploads { margin: 0; padding: 0 18px; list-style: none; }
.uploads li { display: flex; align-items: center; gap: 10px; padding: 4px 0; font-size: 14px; }
.uploads bdi { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.uploads progress { flex: 1; min-width: 40px; accent-color: var(--accent); }
.uploads button { border: 0; background: none; color: var(--accent); text-decoration: underline; }
.survey, .questions { display: grid; gap: 12px; }
.survey h3 { margin: 0; font-size: 16px; }
.survey .buttons { display: flex; gap: 8px; }
.survey .buttons .primary { flex: 1; }
fieldset { margin: 0; padding: 0; border: 0; }
legend { padding: 0 0 5px; font-weight: 500; font-size: 14px; }
.choices, .rating { display: flex; flex-wrap: wrap; gap: 0 18px; }
.rating { gap: 8px; }
.choices label { display: flex; align-items: center; gap: 8px; }
.choices label { min-height: 32px; font-weight: 400; }
.choices input, .rating input { width: auto; accent-color: var(--accent); }
.rating label { position: relative; }
.rating input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }
.rating span { display: grid; place-items: center; min-width: 44px; min-height: 44px;
	border: 1px solid var(--field); border-radius: 9px; font-size: 16px; }
.rating input:checked + span { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
.rating input:focus-visible + span { outline: 2px solid var(--accent); outline-offset: 2px; }
.message button { padding: 0; border: 0; background: none; color: var(--accent); font-size: 13px;
	text-decoration: underline; margin-inline-start: 8px; }
.typing { min-height: 21px; margin: 0; padding: 0 18px 6px; color: var(--subtle); font-size: 13px;
	font-style: italic; }
form.say { display: flex; align-items: flex-end; gap: 8px; padding: 10px 12px;
	border-block-start: 1px solid var(--line); }
textarea { max-height: 120px; resize: none; }
.say button { flex: none; display: grid; place-items: center; width: 42px; height: 42px; padding: 0; }
.log:has(+ .typing:empty) + .typing { min-height: 6px; padding: 0; }
.say .attach { border: 0; border-radius: 9px; background: none; color: var(--subtle); }
.say .attach:hover { background: var(--soft); }
.foot { flex: none; max-height: 75%; overflow: auto; padding: 14px 18px; border-block-start: 1px solid var(--line); display: grid; gap: 10px; }
.foot p { margin: 0; font-weight: 500; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden;
	clip-path: inset(50%); white-space: nowrap; }
:host([data-position=left]) { inset: auto auto 20px 20px; }
:host([data-position=left]) .launcher { margin-inline-start: 0; }
@media (max-width: 480px), (pointer: coarse) {
	.head button, .primary, .secondary, .uploads button, .message button { min-height: 44px; }
	.head button { min-width: 44px; }
	input:not([type=radio]), select, textarea { min-height: 44px; }
	.choices label { min-height: 44px; }
	.say button { width: 44px; height: 44px; }
}
@media (max-width: 480px) {
	:host { inset: auto 14px 14px auto; }
	:host([data-position=left]) { inset: auto auto 14px 14px; }
	:host([data-open]) { inset: 0; }
	:host([data-open]) .launcher { display: none; }
	.panel { position: fixed; inset: var(--view-top, 0) 0 auto; width: 100%; max-width: none;
		height: 100dvh; height: var(--view-height, 100dvh); max-height: none; margin: 0; border: 0; border-radius: 0;
		padding-block-end: env(safe-area-inset-bottom); }
}
@media (prefers-reduced-motion: no-preference) {
	.panel:not([hidden]) { animation: rise .18s ease-out; }
	@keyframes rise { from { opacity: 0; transform: translateY(10px); } }
}
`;
