// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** Where a page's HTML lies in the sources, and the path it is served at. */
const pages: Record<string, string> = {
	"shell/index.html": "index.html",
	"signin/index.html": "signin/index.html",
	"pages/workspaces/index.html": "workspaces/index.html",
	"pages/manager/index.html": "manager/index.html",
	"pages/demo/index.html": "demo/index.html",
};

/** What a page may load of scripts in all, in bytes compressed; none is fetched later. */
const mostBytes: Record<string, number> = { "pages/manager/index.html": 400_000 };

function staySmall(): Plugin {
	return {
		name: "stay-small",
		generateBundle(_options, bundle) {
			for (const [page, most] of Object.entries(mostBytes)) {
				const loaded = new Set<string>();
				const load = (file: string): void => {
					const chunk = bundle[file];
					if (chunk?.type !== "chunk" || loaded.has(file))
						return;
					loaded.add(file);
					[...chunk.imports, ...chunk.dynamicImports].forEach(load);
				};
				const entry = Object.values(bundle).find((part) => part.type === "chunk"
					&& part.facadeModuleId?.endsWith(page));
				if (!entry)
					this.error(`there is no script of ${page}`);
				load(entry.fileName);
				const bytes = [...loaded].reduce((sum, file) => {
					const chunk = bundle[file];
					return sum + (chunk?.type === "chunk" ? gzipSync(chunk.code).length : 0);
				}, 0);
				if (bytes > most)
					this.error(`${page} loads ${bytes} bytes of scripts compressed, more than ${most}`);
				this.info(`${page}: ${bytes} bytes of scripts compressed, of ${most}`);
			}
		},
	};
}

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
	plugins: [servePagesAtTheirPaths(), staySmall()],
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
