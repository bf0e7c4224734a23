// SPDX-License-Identifier: Apache-2.0

/**
 * What a tab keeps through a reload. A text that doesn't fit, or storage that is forbidden, is no error of
 * the work that goes on: it is then kept as long as the page lives.
 */
export const tab = {
	get(key: string): string | null {
		try {
			return sessionStorage.getItem(key);
		} catch {
			return null;
		}
	},
	set(key: string, text: string | null): void {
		try {
			if (text === null)
				sessionStorage.removeItem(key);
			else
				sessionStorage.setItem(key, text);
		} catch {
			// Too large or forbidden; what was kept before is older than what is meant now.
			forget(key);
		}
	},
};

function forget(key: string): void {
	try {
		sessionStorage.removeItem(key);
	} catch {
		// Forbidden: there is nothing of it.
	}
}
