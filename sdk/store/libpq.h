/*
 * libpq.h — libpq, loaded when the first postgresql: address is opened and never unloaded.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_STORE_LIBPQ_H
#define PELAGO_STORE_LIBPQ_H

#include <libpq-fe.h>

#include "pelago/err.h"

/* clang-format off */
#define LIBPQ_FUNCTIONS(F) \
	F(PQclear) F(PQcmdStatus) F(PQconnectdbParams) F(PQconninfoFree) \
	F(PQconninfoParse) F(PQenterPipelineMode) F(PQerrorMessage) F(PQescapeIdentifier) \
	F(PQexec) F(PQexecParams) F(PQexitPipelineMode) F(PQfinish) F(PQfreemem) F(PQftype) \
	F(PQgetResult) F(PQgetisnull) F(PQgetlength) F(PQgetvalue) F(PQnfields) \
	F(PQntuples) F(PQpipelineSync) F(PQresultErrorField) F(PQresultStatus) \
	F(PQsendPrepare) F(PQsendQueryPrepared) F(PQsetNoticeProcessor) F(PQstatus)
/* clang-format on */

#define LIBPQ_MEMBER(name) __typeof__(name) *name;
extern struct libpq {
	LIBPQ_FUNCTIONS(LIBPQ_MEMBER)
} pq;
#undef LIBPQ_MEMBER

/* libpq_load fills pq; PL_UNAVAILABLE where the library is missing or too old. Any thread. */
enum pl_err libpq_load(void);

#endif
