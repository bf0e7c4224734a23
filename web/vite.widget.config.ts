// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** What visitors of other people's pages have to load, compressed. */
const mostBytes = 40_000;

function staysSmall(): Plugin {
	return {
		name: "stays-small",
		generateBundle(_options, bundle) {
			for (const [file, part] of Object.entries(bundle)) {
				const size = gzipSync(part.type === "chunk" ? part.code : part.source).length;
				if (size > mostBytes)
					this.error(`${file} has ${size} bytes compressed, more than ${mostBytes}`);
			}
		},
	};
}

/** The widget is one classic script of a stable name, so that one tag on any page is enough. */
export default defineConfig({
	plugins: [staysSmall()],
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
