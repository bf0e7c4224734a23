// SPDX-License-Identifier: Apache-2.0
import { setting } from "../page/setting.ts";
import { languageOf, languages, type Language } from "./translate.ts";

export const languageChoices = ["system", ...languages] as const;
export type LanguageChoice = (typeof languageChoices)[number];

/** Takes effect when the page is loaded anew. */
export const languageChoice = setting<LanguageChoice>("language", languageChoices);

/** The page's language: the reader's choice, else the first of the browser's that has a catalogue. */
export const language: Language = languageOf(languageChoice.get(), ...navigator.languages);
