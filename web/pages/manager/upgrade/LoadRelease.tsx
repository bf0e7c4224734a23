// SPDX-License-Identifier: Apache-2.0
import type { Release } from "../../../api/manager.ts";
import { Load } from "../bundles/Load.tsx";

/** Sends a release (pelago-VERSION.zip) to the manager. */
export function LoadRelease({ onDone }: { onDone(): void }) {
	return (
		<Load<Release>
			path="/api/v1/releases" title="upgrade.load" nameOf={({ version }) => version} onDone={onDone}
		/>
	);
}
