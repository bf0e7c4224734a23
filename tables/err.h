/*
 * tables/err.h — PL_ERR(name, wire, http, exit, retry, text): each failure that a caller can act on.
 *
 *   wire   the code in an `error` frame and in a bus reply
 *   http   status of the edge's problem document
 *   exit   of the command line: 0 done, 1 failed, 2 usage, 3 not reachable, 4 refused
 *   retry  whether the same request may succeed later
 *
 * SPDX-License-Identifier: Apache-2.0
 */
PL_ERR(OK, "ok", 200, 0, false, "ok")
PL_ERR(INVALID, "badRequest", 400, 2, false, "a value is missing or malformed")
PL_ERR(UNAUTHORIZED, "unauthorized", 401, 1, false, "not signed in, or the token is not valid")
PL_ERR(FORBIDDEN, "unauthorized", 403, 1, false, "not allowed for this user")
PL_ERR(NOTFOUND, "notFound", 404, 1, false, "no such thing")
PL_ERR(STATE, "conflict", 409, 4, false, "not allowed in the present state")
PL_ERR(TOOLARGE, "tooLarge", 413, 2, false, "larger than allowed")
PL_ERR(UNSUPPORTED, "badRequest", 415, 2, false, "of a kind that is not taken")
PL_ERR(RATE, "rateLimited", 429, 1, true, "too many requests")
PL_ERR(NOTACCEPTING, "notAccepting", 503, 4, true, "no new work is accepted now")
PL_ERR(UNAVAILABLE, "unavailable", 503, 3, true, "a part that is needed is not available now")
PL_ERR(TIMEOUT, "unavailable", 504, 3, true, "no answer in time")
PL_ERR(NOMEM, "unavailable", 503, 1, true, "out of memory")
PL_ERR(FULL, "unavailable", 503, 1, true, "no space left, or a queue is full")
PL_ERR(AGAIN, "unavailable", 503, 1, true, "a conflict with other work; the same again may succeed")
PL_ERR(STORE, "unavailable", 503, 1, false, "the database refused the statement")
PL_ERR(NEWER, "conflict", 409, 4, false, "written by a newer version")
PL_ERR(IO, "unavailable", 503, 1, false, "input or output failed")
PL_ERR(INTERNAL, "internal", 500, 1, false, "a defect in Pelago")
