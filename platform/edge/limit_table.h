/*
 * limit_table.h — LIMIT(name, word, per_minute, burst, demo_per_minute, text): what one client may
 * do.
 *
 *   word             name of the class in a manifest's "rate" and in DIR/edge/config.json
 *   demo_per_minute  instead of per_minute, burst included, for clients on this machine when the
 *                    installation is a demo; 0: the same
 *
 * open, login, upload, event and http count for a client's address, frame and error for a
 * connection.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
LIMIT(LOGIN, "login", 10, 10, 600, "log-ins")
LIMIT(OPEN, "open", 20, 20, 600, "contacts opened")
LIMIT(UPLOAD, "upload", 30, 20, 6000, "files sent")
LIMIT(EVENT, "event", 600, 200, 60000, "events posted")
LIMIT(HTTP, "http", 1800, 600, 60000, "HTTP requests, and WebSockets opened")
LIMIT(FRAME, "frame", 1200, 120, 6000, "frames of a connection")
LIMIT(ERROR, "error", 10, 20, 0, "frames of a connection that are malformed; more closes it")
