"""What the node tells a service, and is told: arguments, settings file, heartbeat, manifest.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import json
import mmap
import os
import struct
import sys

from . import clock, crypto, log

RELEASE = "0.1.0"  # of Pelago, whose protocol this is
STANDBY, ACCEPTING = 1, 2
READ_MS = 300


def read_arguments(argv):
    parser = argparse.ArgumentParser()
    for name, normal in (("data", None), ("node", "local"), ("bus", None), ("store", None), ("instance", "")):
        parser.add_argument(f"--{name}", required=normal is None, default=normal)
    return parser.parse_args(argv)


def read_manifest():
    """The one beside the program."""
    with open(os.path.join(os.path.dirname(os.path.realpath(sys.argv[0])), "manifest.json"), encoding="utf-8") as file:
        return json.load(file)


class Settings:
    def __init__(self, arguments, manifest):
        self.arguments, self.name = arguments, manifest["name"]
        self.rows = {row["key"]: row for row in manifest.get("attributes", [])}
        self.folder = os.path.join(arguments.data, "services", self.name)
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        self.config, self.seen_ns, self.look_ms, self.started = {}, None, 0, None
        self.is_standby = False  # until another process is seen to own the database
        path = os.path.join(self.folder, "heartbeat" + (f".{arguments.instance}" if arguments.instance else ""))
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(fd, 24)
        self.memory = mmap.mmap(fd, 24)
        os.close(fd)
        self.beat()

    def beat(self):
        """At least each 300 ms, whatever else is done: a process that stands still for 1 s is ended."""
        now = clock.mono_ms()
        if now >= self.look_ms:
            self.look_ms = now + READ_MS
            self._read()
        state = (STANDBY if self.is_standby else 0) | (ACCEPTING if self.accepting else 0)
        struct.pack_into("=qq", self.memory, 8, state, self.version)
        struct.pack_into("=q", self.memory, 0, now)  # last: who sees the time sees the rest

    def _read(self):
        path = os.path.join(self.folder, "config.json")
        try:
            seen_ns = os.stat(path).st_mtime_ns
            if seen_ns == self.seen_ns:
                return
            with open(path, encoding="utf-8") as file:
                config = json.load(file)
        except FileNotFoundError:
            return
        except ValueError as error:
            log.write("ERROR", "config.broken", f"{path}: {error}; the former settings hold")
            self.seen_ns = seen_ns
            return
        self.config, self.seen_ns = config, seen_ns
        log.write("INFO", "config.applied", f"settings={self.version} accepting={self.accepting}")

    @property
    def accepting(self):
        return self.config.get("accepting", True)

    @property
    def wants_standby(self):
        return self.config.get("standby", False)

    @property
    def version(self):
        return self.config.get("settings", 0)

    @property
    def level(self):
        """The minor of the oldest release that must still read what is written: at most our own."""
        own = int(RELEASE.split(".")[1])
        return min(self.config.get("level") or own, own)

    def wanted(self, key):
        return self.config.get("attributes", {}).get(key, self.rows[key].get("default", ""))

    def own(self):
        """The database is ours: from here on, what needs a restart stays as it is."""
        self.is_standby = False
        self.started = {key: self.wanted(key) for key, row in self.rows.items() if row.get("restart")}

    def attribute(self, key, user=None):
        """A KeyError is a defect: the manifest has no such attribute. user: whose work it is, by his profile."""
        if self.started and key in self.started:
            return self.started[key]
        for profile, users in self.config.get("users", {}).items() if user else ():
            if user in users:
                return self.config.get("profiles", {}).get(profile, {}).get(key, self.wanted(key))
        return self.wanted(key)

    def secret(self, key):
        sealed = self.wanted(key)
        if not sealed:
            return ""
        path = os.path.join(self.arguments.data, "nodes", self.arguments.node, "seal.key")
        return crypto.open_secret(path, sealed["sealed"])

    def late(self):
        """Keys that wait for a restart."""
        return [key for key, value in (self.started or {}).items() if value != self.wanted(key)]
