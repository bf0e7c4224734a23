/*
 * overload_table.h — OVERLOAD(name, raised, cleared, what): of what a host may have too much
 * (PLT-8).
 *
 *   raised   per cent from which on it is too much, if it stays there for OVERLOAD_MS
 *   cleared  per cent below which it isn't any more
 *
 * SPDX-License-Identifier: Apache-2.0
 */
/* clang-format off */
OVERLOAD(cpu, 80, 60, "of the processors used by Pelago")
OVERLOAD(memory, 90, 75, "of the memory used by Pelago")
OVERLOAD(disk, 90, 85, "of the data folder's disk used")
OVERLOAD(lag, 50, 25, "of a second that a service's turn came late")
