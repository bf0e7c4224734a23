/*
 * exposition.h — Prometheus texts of many programs made one (exposition format 0.0.4).
 *
 * A metric's samples must stand together, with one HELP and one TYPE line: the texts can't just be
 * put one behind the other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_EXPOSITION_H
#define EDGE_EXPOSITION_H

#include <stddef.h>

#include "pelago/err.h"

struct exposition;

enum pl_err exposition_new(struct exposition **expositionp);
void exposition_free(struct exposition *exposition);
/* exposition_add takes a program's text; lines that aren't of the format are left out. */
void exposition_add(struct exposition *exposition, const char *text, size_t len);
/* exposition_text returns the whole; free(). NULL without memory. */
char *exposition_text(const struct exposition *exposition);

#endif
