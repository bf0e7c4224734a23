/*
 * mime_table.h — MIME(ending, type): what a page's file is served as. Others aren't served.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
MIME("html", "text/html; charset=utf-8")
MIME("js", "text/javascript; charset=utf-8")
MIME("mjs", "text/javascript; charset=utf-8")
MIME("css", "text/css; charset=utf-8")
MIME("json", "application/json")
MIME("map", "application/json")
MIME("webmanifest", "application/manifest+json")
MIME("svg", "image/svg+xml")
MIME("png", "image/png")
MIME("jpg", "image/jpeg")
MIME("gif", "image/gif")
MIME("webp", "image/webp")
MIME("ico", "image/x-icon")
MIME("woff2", "font/woff2")
MIME("woff", "font/woff")
MIME("ttf", "font/ttf")
MIME("txt", "text/plain; charset=utf-8")
MIME("wav", "audio/wav")
MIME("mp3", "audio/mpeg")
MIME("ogg", "audio/ogg")
MIME("wasm", "application/wasm")
MIME("bpmn", "application/xml")
