// SPDX-License-Identifier: Apache-2.0

import type { Mood } from "./StateLabel.tsx";

/** A node that is up and still waits for a service isn't stable; that service is told by itself. */
export const isUp = (state: string): boolean => state === "Stable" || state === "Up";

export const isServing = (state: string): boolean => state === "Installed";

export const moodOfNode = (state: string): Mood =>
	isUp(state) ? "good" : state === "Unreachable" ? "bad" : "attention";

export const moodOfService = (state: string): Mood =>
	isServing(state) ? "good" : state === "Failed" ? "bad" : "attention";
