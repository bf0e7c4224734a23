// SPDX-License-Identifier: Apache-2.0

/** So many requests at once: a hundred items are done soon, and the manager keeps room for others. */
const atOnce = 4;

/** Does it with each of the items; told after each how many are done. Gives the errors by item. */
export async function runAll<T>(
	items: readonly T[], run: (item: T) => Promise<unknown>, onProgress: (done: number) => void,
): Promise<Map<T, unknown>> {
	const failed = new Map<T, unknown>();
	const left = [...items];
	let done = 0;
	async function lane(): Promise<void> {
		for (let item = left.shift(); item !== undefined; item = left.shift()) {
			try {
				await run(item);
			} catch (error) {
				failed.set(item, error);
			}
			onProgress(++done);
		}
	}
	await Promise.all(Array.from({ length: atOnce }, lane));
	return failed;
}
