/*
 * grants.h — GRANT(who, right, pattern, each): what a process may publish and subscribe.
 *
 *   who      the kind of process
 *   pattern  a subject; %s stands for each member of the list `each`
 *   each     SELF: its own name; NONE: no %s; PRODUCERS: services whose events it reads; else the
 *            member of its manifest with that list
 *
 * A list of docs/protocol.md, "Subjects". No service has rights in $JS.API: the right to create a
 * reader is one to deliver into another's subjects, so nodes create them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
/* clang-format off */
GRANT(SERVICE, PUBLISH, "_IN.>", NONE) /* replies; subjects are unguessable */
GRANT(SERVICE, PUBLISH, "evt.*.%s.>", PUBLISHES)
GRANT(SERVICE, PUBLISH, "svc.%s.>", CALLS)
GRANT(SERVICE, PUBLISH, "svc.*.%s", ASKS) /* of nodes */
GRANT(SERVICE, PUBLISH, "svc.%s.events", PRODUCERS) /* repairs gaps */
GRANT(SERVICE, PUBLISH, "svc.%s.snapshot", PRODUCERS) /* what is older than the log */
GRANT(SERVICE, PUBLISH, "svc.%s.keys", PRODUCERS)
GRANT(SERVICE, PUBLISH, "usr.%s.>", PUSHES)
GRANT(SERVICE, PUBLISH, "node.*.reader.%s", SELF)
GRANT(SERVICE, PUBLISH, "svc.Manager.alarm", NONE)
GRANT(SERVICE, PUBLISH, "svc.Manager.own", NONE) /* an attribute that it may set itself */
GRANT(SERVICE, PUBLISH, "ctl.resend", NONE)
GRANT(SERVICE, PUBLISH, "$JS.FC.EVT.>", NONE) /* flow control of readers */
GRANT(SERVICE, SUBSCRIBE, "svc.%s.>", SELF)
GRANT(SERVICE, SUBSCRIBE, "_IN.%s.>", SELF)
GRANT(SERVICE, SUBSCRIBE, "ctl.*", NONE)

GRANT(MANAGER, PUBLISH, "ctl.config", NONE)
GRANT(MANAGER, PUBLISH, "svc.*.eventing", NONE) /* of nodes */
GRANT(MANAGER, PUBLISH, "svc.*.log", NONE)
GRANT(MANAGER, PUBLISH, "svc.EventStreaming.destination", NONE)

GRANT(NODE, PUBLISH, "_IN.>", NONE)
GRANT(NODE, PUBLISH, "svc.Manager.report", NONE)
GRANT(NODE, PUBLISH, "svc.Manager.desired", NONE)
GRANT(NODE, PUBLISH, "svc.Manager.tested", NONE)
GRANT(NODE, PUBLISH, "svc.Manager.blob-get", NONE) /* bundles */
GRANT(NODE, PUBLISH, "svc.*.ping", NONE)
GRANT(NODE, PUBLISH, "svc.*.probe", NONE)
GRANT(NODE, PUBLISH, "$JS.API.STREAM.CREATE.EVT", NONE)
GRANT(NODE, PUBLISH, "$JS.API.STREAM.UPDATE.EVT", NONE)
GRANT(NODE, PUBLISH, "$JS.API.CONSUMER.CREATE.EVT", NONE)
GRANT(NODE, PUBLISH, "bus.varz", NONE) /* figures of the brokers, from the system account */
GRANT(NODE, PUBLISH, "$JS.API.STREAM.LIST", NONE)
GRANT(NODE, PUBLISH, "$JS.API.CONSUMER.LIST.EVT", NONE)
GRANT(NODE, PUBLISH, "$JS.API.STREAM.MSG.GET.EVT", NONE)
GRANT(NODE, SUBSCRIBE, "svc.%s.>", SELF)
GRANT(NODE, SUBSCRIBE, "node.%s.>", SELF)
GRANT(NODE, SUBSCRIBE, "_IN.%s.>", SELF)
GRANT(NODE, SUBSCRIBE, "ctl.*", NONE)
GRANT(NODE, SUBSCRIBE, "usr.node.>", NONE)

GRANT(EDGE, PUBLISH, "_IN.>", NONE)
GRANT(EDGE, PUBLISH, "svc.>", NONE)
GRANT(EDGE, PUBLISH, "ctl.metrics", NONE)
GRANT(EDGE, SUBSCRIBE, "usr.>", NONE)
GRANT(EDGE, SUBSCRIBE, "_IN.%s.>", SELF)
GRANT(EDGE, SUBSCRIBE, "ctl.*", NONE)

GRANT(CLI, PUBLISH, "svc.Manager.>", NONE)
GRANT(CLI, PUBLISH, "svc.*.ping", NONE)
#define DESIGNER_OP(name) GRANT(CLI, PUBLISH, "svc.EngagementDesigner." name, NONE)
#include "tables/designer_op.h"
#undef DESIGNER_OP
GRANT(CLI, PUBLISH, "ctl.config", NONE)
GRANT(CLI, SUBSCRIBE, "_IN.%s.>", SELF)

GRANT(MEMBER, PUBLISH, "svc.Manager.member", NONE) /* the command line of a joined host */
GRANT(MEMBER, PUBLISH, "svc.Manager.certify", NONE) /* signed by its node's key */
GRANT(MEMBER, SUBSCRIBE, "_IN.%s.>", SELF)

GRANT(ROOT, PUBLISH, "_IN.%s.>", SELF) /* hears itself: the bus is alive */
GRANT(ROOT, PUBLISH, "_IN.edge.>", NONE) /* figures, asked by ctl.metrics */
GRANT(ROOT, PUBLISH, "bus.varz", NONE)
GRANT(ROOT, SUBSCRIBE, "ctl.metrics", NONE)
GRANT(ROOT, SUBSCRIBE, "_IN.%s.>", SELF)
