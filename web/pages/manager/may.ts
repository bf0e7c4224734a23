// SPDX-License-Identifier: Apache-2.0
import { createContext, useContext } from "react";
import type { Claims } from "../../ui/auth/claims.ts";
import { changers } from "./places.ts";

/** Who is signed in. */
export const Claimed = createContext<Claims>({ sub: "", roles: [] });

/** Whether the user is offered what changes anything; the API decides by itself. */
export function useMayChange(): boolean {
	return useContext(Claimed).roles.some((role) => changers.includes(role));
}
