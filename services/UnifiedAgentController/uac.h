/*
 * uac.h — agents and their sessions as rows, and what their pages may do.
 *
 * A session is one connected page of an agent: its id is in the agent's row as long as it lasts.
 * The agent's state outlives it, by the grace.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UAC_H
#define UAC_H

#include "agent_fsm.h"

#define UAC_SERVICE "UnifiedAgentController"

enum { STREAM_SIZE = PL_STREAM_SIZE };

extern const struct pl_migration uac_migrations[];
extern const size_t uac_migrations_count;

/* ---- agent.c ---- */

/*
 * agent_load reads a row, or else makes the agent logged out, and returns whether there was one;
 * agent_fini frees what it holds.
 */
bool agent_load(struct pl_turn *turn, struct agent *agent, const char *id);
void agent_fini(struct agent *agent);

/*
 * agent_apply does what the rules say and stores the row; a pair without a rule is PL_STATE and
 * changes nothing.
 *
 *   reason  of the new state, or NULL: as it was
 */
enum pl_err agent_apply(struct pl_turn *turn, struct agent *agent, enum agent_event event,
			const char *reason);

/* agent_stream writes the name of an agent's stream; PL_INVALID for an id that is too long. */
enum pl_err agent_stream(char stream[STREAM_SIZE], const char *agent_id);
void session_stream(char stream[STREAM_SIZE], const char *session_id);

/* agent_frame returns the frame {"type":"state",…}. */
json_t *agent_frame(struct pl_turn *turn, const struct agent *agent);

/* agent_told returns the body of agent.state, agent_gone that of agent.gone. */
json_t *agent_told(const struct agent *agent, int64_t at_ms);
json_t *agent_gone(const struct agent *agent);

/* ---- snapshot.c: see struct pl_service_def ---- */

enum pl_err agent_keys(struct pl_turn *turn, const char *noun, const char *after, int64_t limit,
		       json_t *list);
enum pl_err agent_snapshot(struct pl_turn *turn, struct pl_snapshot *snapshot);

/* ---- keys.c ---- */

/*
 * keys_check checks a token. PL_AGAIN: its key isn't known, ask AuthorizationService.jwks for it
 * and try again; a key that was asked for in vain is PL_UNAUTHORIZED for a second.
 */
enum pl_err keys_check(json_t **claimsp, const char *token, int64_t now_ms);
void keys_take(const json_t *jwks, int64_t now_ms);

/* ---- hello.c, session.c, work.c, contact.c, list.c ---- */

pl_op_fn op_hello, op_gone;
pl_op_fn op_start_work, op_state, op_logout;
pl_op_fn op_agent, op_agents;
pl_timer_fn on_grace, on_expiry;
pl_event_fn on_made, on_accepted, on_ended;

/*
 * session_mine loads the agent whose page sent body. PL_UNAUTHORIZED without a session, or when it
 * has ended. The caller frees it with agent_fini, also after an error.
 */
enum pl_err session_mine(struct pl_turn *turn, struct agent *agent, const json_t *body);
/* session_end forgets the session; what closes its connection is the caller's. */
void session_end(struct pl_turn *turn, struct agent *agent);
/* session_close ends it with a last frame, gives, which closes its connection. */
void session_close(struct pl_turn *turn, struct agent *agent, json_t *frame);
/* session_replace tells the page that is connected, if any, that another took over. */
void session_replace(struct pl_turn *turn, struct agent *agent);
/* session_lost: no page is connected any more; the grace begins. */
void session_lost(struct pl_turn *turn, struct agent *agent);

/* offered_contacts returns the open offers of an agent as items of a session frame. */
json_t *offered_contacts(struct pl_turn *turn, const char *agent_id);

/* work_last tells an agent's rules that the last contact is completed. */
void work_last(struct pl_turn *turn, struct agent *agent);
/* reasons returns the codes that agents may choose where nobody has set others, as an array. */
json_t *reasons(void);

/* sweep, each 5 s, ends sessions that no edge holds: it died and nobody came back. */
enum pl_err sweep(struct pl_turn *turn);

/* forget, every ten minutes, drops frames older than frames_kept_s. */
enum pl_err forget(struct pl_turn *turn);
/* forget_stream: the stream gets no more frames, and is dropped when its last one is that old. */
void forget_stream(struct pl_turn *turn, const char *stream);

#endif
