/*
 * shutdown.h — Shutdown Mode: no new chats, those that run go on; Close all Chatrooms: those that
 * run are closed, a batch a turn.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CHAT_SHUTDOWN_H
#define CHAT_SHUTDOWN_H

#include "chat.h"

/* shutdown_is_on tells whether new chats are refused. */
bool shutdown_is_on(struct pl_turn *turn);

/* shutdown_configured does what the attributes ask for; shutdown_on_moved hears of a former
 * Shutdown Mode that was made an attribute. */
enum pl_err shutdown_configured(struct pl_turn *turn);
pl_answer_fn shutdown_on_moved;

/* close_all_go_on closes the next batch; the timer "close-all". */
pl_timer_fn close_all_go_on;

/* Of HTTP: GET and PUT …/shutdown, POST …/close-all; each is answered with where both stand. */
pl_op_fn op_shutdown, op_set_shutdown, op_close_all;

#endif
