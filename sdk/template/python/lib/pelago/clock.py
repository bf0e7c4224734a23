"""Times and ids. SPDX-License-Identifier: Apache-2.0"""
import os
import time

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_last = 0


def mono_ms():
    return time.monotonic_ns() // 1_000_000


def wall_ms():
    return time.time_ns() // 1_000_000


def new_id():
    """A ULID: 48 bits of time, 80 random ones; those of one process rise."""
    global _last
    number = (wall_ms() << 80) | int.from_bytes(os.urandom(10), "big")
    _last = number if number > _last else _last + 1
    return "".join(_DIGITS[(_last >> shift) & 31] for shift in range(125, -1, -5))
