/*
 * names.h — NAME(name, option, noun, verb): what the program `pelago` is linked to beside it, and
 * the command that each means; option: the first argument, or NULL.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
/* clang-format off */
NAME("upgradeSolution", NULL, "upgrade", "run")
NAME("upgradeCE",       NULL, "node",    "upgrade")
NAME("patchCE",         "-i", "node",    "patch")
NAME("patchCE",         "-u", "node",    "unpatch")
