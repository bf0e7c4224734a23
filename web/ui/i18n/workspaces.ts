// SPDX-License-Identifier: Apache-2.0
import de from "./de/workspaces.ts";
import en from "./en/workspaces.ts";
import { translator, wordFor } from "./translate.ts";

export const t = translator({ en, de });
export const word = (prefix: string, code: string): string => wordFor(t, prefix, code, en);
