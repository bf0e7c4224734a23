/*
 * checks.h — CHECK(key, function, modes, title, why): what is looked at before an upgrade.
 * modes: BOTH, or only WINDOW or ROLLING; in the other one it passes and says so.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
/* clang-format off */
CHECK("path",             path,           BOTH,    "Source and target release",
      "A release takes over from the releases that it was made and tried for, and from no other.")
CHECK("plans",            plans,          BOTH,    "No other plan runs",
      "One plan changes a cluster group at a time; an upgrade that isn't finalized comes to its end first.")
CHECK("options",          options,        BOTH,    "Options and what is installed",
      "An optional service that isn't named would vanish silently.")
CHECK("release-notes",    release_notes,  BOTH,    "Release notes acknowledged",
      "They say what changes for people, and what is to be done by hand.")
CHECK("nodes-stable",     nodes_stable,   BOTH,    "Nodes stable",
      "A node that isn't well before can't be told from one that the upgrade has broken.")
CHECK("replication",      replication,    BOTH,    "Replication",
      "A node that hasn't the newest configuration would be upgraded to something else than the others.")
CHECK("services",         services,       BOTH,    "Services installed",
      "What is half installed can't be replaced.")
CHECK("loaded-versions",  loaded,         BOTH,    "One loaded version of each service",
      "An older version that lies about is put in by mistake, or by a service profile that pins it.")
CHECK("service-profiles", profiles,       WINDOW,  "Service profiles",
      "A service that is in a profile can't be taken out, and its users would get the old one.")
CHECK("node-versions",    node_versions,  BOTH,    "Versions of nodes",
      "Nodes of a cluster that differ hide an upgrade that didn't end.")
CHECK("disk",             disk,           BOTH,    "Free disk",
      "Old and new programs lie beside each other until it is finalized, and databases grow meanwhile.")
CHECK("hardware",         hardware,       BOTH,    "Processors and memory",
      "Below the minimum, services are slow enough to be taken for dead.")
CHECK("interoperability", companions,     BOTH,    "Versions of companion systems",
      "The release was tried with these and newer ones.")
CHECK("hypervisor",       hypervisor,     BOTH,    "Hypervisors of nodes",
      "Nodes on hypervisors of different versions can't be moved and restored alike.")
CHECK("attributes",       attributes,     BOTH,    "Configuration attributes",
      "A value that was set would be lost, or mean something else.")
CHECK("interfaces",       interfaces,     BOTH,    "Outside interfaces",
      "Whoever uses one that is changed or gone may have to change, too.")
CHECK("drivers",          drivers,        BOTH,    "Third-party drivers",
      "A driver that the new version can't load cuts off the database that it is for.")
CHECK("certificates",     certificates,   BOTH,    "Certificates",
      "One that ends meanwhile looks like a failure of the upgrade.")
CHECK("clocks",           clocks,         BOTH,    "Clocks",
      "Times in logs, tokens and certificates must mean the same on all nodes.")
CHECK("backups",          backups,        BOTH,    "Backups",
      "What an upgrade can't give back, a backup can.")
CHECK("snapshots",        snapshots,      WINDOW,  "Snapshots",
      "They bring back a host as it was, whatever has happened to it.")
CHECK("feature-code",     feature_code,   BOTH,    "Out-of-service code of voice",
      "It is how calls are sent elsewhere during a maintenance window.")
CHECK("draining",         draining,       WINDOW,  "Nothing is under way",
      "In a maintenance window services stop: whoever still works would be cut off.")
CHECK("cluster-states",   cluster_states, ROLLING, "Clusters all accept, or all deny",
      "Clusters in different states are easily forgotten in it.")
