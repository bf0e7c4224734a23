// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from "vite";

/** The widget is one classic script of a stable name, so that one tag on any page is enough. */
export default defineConfig({
	esbuild: { legalComments: "none" },
	build: {
		target: "es2021",
		emptyOutDir: false,
		outDir: "dist/widget",
		copyPublicDir: false,
		lib: {
			entry: "widget/main.ts",
			name: "PelagoChat",
			formats: ["iife"],
			fileName: () => "pelago-chat.js",
		},
	},
});
