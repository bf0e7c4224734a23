/*
 * host.h — the machine that a node is on, as its reports tell of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_NODE_HOST_H
#define PELAGO_NODE_HOST_H

#include <jansson.h>
#include <stdint.h>

/*
 * host_report returns {"arch","processors","memoryMiB","freeMiB":{"/","/var","data"},"nowMs",
 * "certificateDays":of the certificate in DATA/tls that ends first}: a new reference. Memory is
 * that of the machine or, where it is less, of the control group (cgroups(7)). now_ms: steady; what
 * changes slowly is looked at once a minute.
 */
json_t *host_report(const char *data, int64_t now_ms);

#endif
