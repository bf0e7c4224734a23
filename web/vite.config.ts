// SPDX-License-Identifier: Apache-2.0
import { defineConfig, type Plugin } from "vite";

/** Where a page's HTML lies in the sources, and the path it is served at. */
const pages: Record<string, string> = {
	"shell/index.html": "index.html",
	"signin/index.html": "signin/index.html",
	"pages/workspaces/index.html": "workspaces/index.html",
	"pages/manager/index.html": "manager/index.html",
	"pages/demo/index.html": "demo/index.html",
};

function servePagesAtTheirPaths(): Plugin {
	return {
		name: "pages-at-their-paths",
		enforce: "post",
		generateBundle(_options, bundle) {
			for (const [source, path] of Object.entries(pages)) {
				const page = bundle[source];
				if (!page || source === path)
					continue;
				delete bundle[source];
				page.fileName = path;
				bundle[path] = page;
			}
		},
	};
}

export default defineConfig({
	plugins: [servePagesAtTheirPaths()],
	esbuild: { jsx: "automatic", legalComments: "none" },
	build: {
		target: "es2021",
		// The edge's policy has no data: fonts and no inline scripts.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		reportCompressedSize: false,
		chunkSizeWarningLimit: 800,
		rollupOptions: {
			input: Object.keys(pages),
			output: {
				manualChunks: (id) => (/node_modules\/(react|react-dom|scheduler)\//.test(id)
					? "react" : undefined),
			},
		},
	},
});
