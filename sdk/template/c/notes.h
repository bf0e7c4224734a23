/*
 * notes.h — what the files of the service share.
 *
 *   main.c        what it is: its operations
 *   notes.c       the operations: they read, decide, then write
 *   text.c        what a note may say: no bus and no database, so it is tested alone
 *   migrations.c  its tables
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef NOTES_H
#define NOTES_H

#include <pelago/service.h>

/* text_check: PL_INVALID says what is wrong with a note of at most `longest` characters (UTF-8). */
enum pl_err text_check(const char *text, int64_t longest);

/* POST /services/@NAME@/notes {"text":TEXT} → 201 {"id","atMs","author","text"} */
enum pl_err op_add(struct pl_turn *turn, const json_t *body, json_t **replyp);
/* GET /services/@NAME@/notes → {"items":[…],"cursor":TEXT|null} */
enum pl_err op_list(struct pl_turn *turn, const json_t *body, json_t **replyp);

/* What is left of old events, for those who missed them; see pelago/service.h. */
enum pl_err note_keys(struct pl_turn *turn, const char *noun, const char *after, int64_t limit,
		      json_t *list);
enum pl_err note_state(struct pl_turn *turn, struct pl_snapshot *snapshot);

extern const struct pl_migration note_migrations[];
extern const size_t note_migrations_count;

#endif
