"""Logs: one JSON object a line on standard error, which the node's PELAGO_LOG names a file for.

SPDX-License-Identifier: Apache-2.0
"""
import datetime
import json
import os
import signal
import sys

_program = ""


def open_log(program):
    """Names the program in each line; the file is opened anew upon SIGHUP, after it was renamed."""
    global _program
    _program = program
    reopen()
    signal.signal(signal.SIGHUP, lambda _number, _frame: reopen())


def reopen():
    path = os.environ.get("PELAGO_LOG")
    if path:
        fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        os.dup2(fd, sys.stderr.fileno())
        os.close(fd)


def write(level, event, text, contact=None):
    """level: ERROR somebody must act, WARN we recovered, INFO the business changed."""
    at = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"at": at, "level": level, "program": _program, "event": event}
    if contact:
        line["contact"] = contact
    line["text"] = text[:7000]
    os.write(sys.stderr.fileno(), (json.dumps(line) + "\n").encode())
