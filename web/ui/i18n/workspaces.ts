// SPDX-License-Identifier: Apache-2.0
import de from "./de/workspaces.ts";
import en from "./en/workspaces.ts";
import { language } from "./language.ts";
import { translator, wordFor } from "./translate.ts";

export const t = translator({ en, de }, language);
export const word = (prefix: string, code: string): string => wordFor(t, prefix, code, en);
