// SPDX-License-Identifier: Apache-2.0
export { default as common } from "./common.ts";
export { default as manager } from "./manager.ts";
export { default as signin } from "./signin.ts";
export { default as widget } from "./widget.ts";
export { default as workspaces } from "./workspaces.ts";
