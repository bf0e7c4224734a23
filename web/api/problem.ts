// SPDX-License-Identifier: Apache-2.0

/** RFC 9457 problem details, as every HTTP interface answers a failure. */
export interface Problem {
	type?: string;
	title?: string;
	status?: number;
	detail?: string;
}
