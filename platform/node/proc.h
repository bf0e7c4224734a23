/*
 * proc.h — what the kernel knows of a process (proc(5)).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PELAGO_NODE_PROC_H
#define PELAGO_NODE_PROC_H

#include <stdint.h>
#include <sys/types.h>

/* proc_memory_bytes returns a process's proportional share of memory: pages shared by n count 1/n;
 * 0 if it can't be told. */
int64_t proc_memory_bytes(pid_t pid);
/* proc_cpu_ms returns the processor time that it has used; 0 if it can't be told. */
int64_t proc_cpu_ms(pid_t pid);

#endif
