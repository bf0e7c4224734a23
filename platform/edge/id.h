/*
 * id.h — ids of connections and requests: ULIDs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef EDGE_ID_H
#define EDGE_ID_H

enum { ID_SIZE = 27 };

/* id_make writes a new unguessable id: 26 characters of Crockford's base 32, rising with time. */
void id_make(char id[ID_SIZE]);

#endif
