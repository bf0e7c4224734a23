/*
 * clusters.h — CLUSTER(kind, name, node): the clusters of a new instance, and the node that each
 * starts with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
/* clang-format off */
CLUSTER("1", "Cluster1_CC", "node-common")
CLUSTER("2", "Cluster2_UAC", "node-agent")
CLUSTER("3", "Cluster3_OCP", "node-ocp")
CLUSTER("4", "Cluster4_CoBrowse", "node-cobrowse")
CLUSTER("5", "Cluster5_Connectors", "node-connectors")
CLUSTER("provisioning", "Provisioning", "node-provisioning")
