/*
 * attributes.h — ATTRIBUTE(name, least, most, normal, unit, text): what an administrator may set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
ATTRIBUTE(silent, 0, 1, 0, "bool", "No automated messages are sent")
