"""A service: start, loop, stop; a turn is a transaction.

What has come is handled in one transaction; only after its commit goes out what it staged. A handler reads,
decides, then writes: it raises Refused before its first write. Another exception is a defect: the turn rolls back,
and each of its messages is tried alone; the one at fault is answered `internal`, or set aside.

SPDX-License-Identifier: Apache-2.0
"""
import os
import signal
import sqlite3
import sys
import time
import traceback

from . import clock, crypto, log, metric
from .bus import Bus
from .errors import Refused
from .gap import Gaps
from .outbox import Outbox
from .reader import Reader
from .requests import Operation, Requests
from .settings import Settings, read_arguments, read_manifest
from .store import open_store, path_of, try_lock

YIELD_MS = 3000  # one that shall be a standby doesn't reach for the database before
STOP_MS = 2000
WAIT_S = 0.05
TURN_MOST, QUEUE_MOST = 256, 8192


class Turn:
    """What a handler is given; not to be kept."""

    def __init__(self, service):
        self.service, self.now_ms, self.staged, self.done = service, clock.wall_ms(), [], []
        self.mark = (0, 0)

    def execute(self, sql, parameters=()):
        return self.service.db.execute(sql, parameters)

    def emit(self, noun, verb, key, body):
        """Stages an event; returns its number within (noun, key)."""
        return self.service.outbox.emit(self, noun, verb, key, body)

    def new_id(self):
        return clock.new_id()

    # what follows is for the library itself

    def send(self, subject, value):
        if subject:
            self.staged.append((subject, value))

    def after(self, fn):
        """fn is called once the turn is durable."""
        self.done.append(fn)

    def savepoint(self):
        self.mark = (len(self.staged), len(self.done))
        self.execute("savepoint item")

    def rollback_to(self):
        del self.staged[self.mark[0]:], self.done[self.mark[1]:]
        self.execute("rollback to item")

    def put_meta(self, name, value):
        self.execute("insert into pl_meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
                     (name, str(value)))


class Service:
    def __init__(self, migrations=()):
        self.migrations, self.handlers, self.waiting, self.is_stopping = list(migrations), {}, [], False
        self.keys = lambda turn, noun, after, limit: []  # keys of which something could be told, in their order
        self.state = lambda turn, noun, key: None  # [(n, verb, at_ms, body)…], None: it isn't held
        self.db = self.bus = self.settings = None
        self.requests, self.outbox, self.gaps, self.readers = Requests(self), Outbox(self), Gaps(self), {}
        for name, fn in (("events", self.outbox.op_events), ("snapshot", self.outbox.op_snapshot), ("keys", self.outbox.op_keys)):
            self.requests.operations[name] = Operation(fn, False, True)

    def operation(self, name, opens=False, reads=False):
        """fn(turn, body) returns the reply. opens: it begins new work; reads: it changes nothing."""
        def take(fn):
            self.requests.operations[name] = Operation(fn, opens, reads)
            return fn
        return take

    def event(self, subject):
        """fn(turn, event) for "noun.verb", or "noun.*"; the manifest must read the noun."""
        def take(fn):
            self.handlers[subject] = fn
            return fn
        return take

    def attribute(self, key, user=None):
        return self.settings.attribute(key, user)

    def secret(self, key):
        return self.settings.secret(key)

    # -- what waits for a turn

    def queue(self, fn):
        self.waiting.append((fn, None))

    def queue_request(self, message):
        self.waiting.append((lambda turn: self.requests.handle(turn, message), message))

    def _turn(self, items):
        """One transaction; what was wrong, if it was rolled back."""
        turn = Turn(self)
        self.db.execute("begin immediate")
        try:
            for fn, _message in items:
                fn(turn)
            self.requests.purge(turn)
            self.outbox.purge(turn)
            self.db.execute("commit")
        except Exception as error:
            if self.db.in_transaction:
                self.db.execute("rollback")
            return error
        for fn in turn.done:
            fn()
        for subject, value in turn.staged:
            self.bus.publish(subject, value)
        return None

    def _run(self):
        items, self.waiting = self.waiting[:TURN_MOST], self.waiting[TURN_MOST:]
        if not items or not self._turn(items):
            return
        for item in items:
            error = self._turn([item])
            self.settings.beat()
            if error:
                self._set_aside(error, item[1])

    def _set_aside(self, error, request):
        is_store = isinstance(error, sqlite3.OperationalError)  # a full disk, say
        log.write("ERROR", "store.failed" if is_store else "turn.defect", "".join(traceback.format_exception(error)))
        if request and request.reply:
            refusal = (Refused("UNAVAILABLE", "the database can't be written now; try again later") if is_store
                       else Refused("INTERNAL", "a defect in this service; its log says more"))
            self.bus.publish(request.reply, refusal.body())
        if not request:  # an event: again from the stored position
            for reader in self.readers.values():
                reader.off(1000)

    # -- life

    def _beat(self):
        self.settings.beat()
        self.outbox.beat()
        self.gaps.beat()
        for reader in self.readers.values():
            reader.beat()

    def _loop(self, seconds):
        self.bus.connect()
        self.bus.flush()
        if not self.waiting:
            self.bus.wait(seconds)
        if self.bus.socket and len(self.waiting) < QUEUE_MOST:
            self.bus.read()
        self._run()
        self._beat()
        self.bus.flush()

    def _up(self):
        for reader in self.readers.values():
            reader.off()
        self.outbox.resend()

    def _open_bus(self, arguments):
        seed, ca = os.path.join(arguments.data, "keys", f"{self.name}.nk"), os.path.join(arguments.data, "tls", "ca.pem")
        identity = os.path.join(arguments.data, "tls", "identity")
        key = crypto.Key(seed) if arguments.bus.startswith("tls:") or os.path.exists(seed) else None
        bus = Bus(arguments.bus, self.name, key, ca, identity)
        bus.on_up, bus.on_step = self._up, self.settings.beat
        return bus

    def _wait_for_store(self, path):
        """A standby waits here until the owner is gone. The lock lives as long as the process."""
        until_ms, is_told = clock.mono_ms() + YIELD_MS, False
        while not self.is_stopping:
            if not (self.settings.wants_standby and clock.mono_ms() < until_ms):
                self.lock = try_lock(path)
                if self.lock is not None:
                    return True
            self.settings.is_standby = True
            if not is_told:
                log.write("INFO", "service.standby", "another process owns the database")
                is_told = True
            self.settings.beat()
            time.sleep(WAIT_S)
        return False

    def _start(self, arguments, path):
        if not self._wait_for_store(path):
            return False
        self.settings.own()
        self.settings.beat()
        self.db = open_store(path, self.name, self.migrations)
        self.bus = self._open_bus(arguments)
        self.outbox.load(self.db)
        self.gaps.load(self.db)
        for noun in {subject.split(".")[0] for subject in self.handlers}:
            self.readers[noun] = Reader(self, noun)
            self.readers[noun].load(self.db)
        self.bus.subscribe("ctl.metrics", lambda message: self.bus.publish(message.reply, metric.text(self.name).encode()))
        self.requests.subscribe()  # last: from here on work comes
        return True

    def _stop(self):
        """New requests go to whoever is left; what came is handled, and events wait for their acknowledgement."""
        until_ms = clock.mono_ms() + STOP_MS
        self.bus.unsubscribe(self.requests.sid)
        while (self.waiting or self.outbox.waiting()) and clock.mono_ms() < until_ms:
            self._loop(0.01)
        self.bus.flush()
        self.db.close()

    def main(self):
        self.manifest = read_manifest()
        self.name = self.manifest["name"]
        log.open_log(self.name)
        arguments = read_arguments(sys.argv[1:])
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: setattr(self, "is_stopping", True))
        try:
            path = path_of(arguments.store)  # before the first heartbeat, which says that it is fit
            self.settings = Settings(arguments, self.manifest)
            if self._start(arguments, path):
                log.write("INFO", "service.started", f"version={self.manifest['version']} node={arguments.node} pid={os.getpid()}")
                while not self.is_stopping:
                    self._loop(WAIT_S)
                self._stop()
        except (OSError, ValueError, sqlite3.Error, SystemExit) as error:
            log.write("ERROR", "service.start", str(error))
            sys.exit(1)
        log.write("INFO", "service.stopped", f"pid={os.getpid()}")
