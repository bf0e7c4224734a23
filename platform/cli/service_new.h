/*
 * service_new.h — pelago service new: a folder of a new service, made of a template.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_CLI_SERVICE_NEW_H
#define PELAGO_CLI_SERVICE_NEW_H

#include "pelago/err.h"

struct cli;

/* The command. */
int service_new(struct cli *cli);

/*
 * service_name_check tells whether a name is fit for a new service: a capital letter, then letters
 * and digits, 3 to 48 in all, and nobody else's. PL_INVALID, PL_STATE say why not.
 */
enum pl_err service_name_check(const char *name);

/*
 * template_make makes folder, which mustn't be there, of the template in `from`: in paths and texts
 * @NAME@ becomes the name, @noun@ the noun of its events, @VERSION@ this Pelago's version. On an
 * error nothing is left. PL_STATE, PL_NOTFOUND, PL_IO.
 */
enum pl_err template_make(const char *folder, const char *from, const char *name);

#endif
