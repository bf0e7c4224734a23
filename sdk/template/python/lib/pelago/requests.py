"""Operations: dispatch, refusals, and repeats, which get the first answer for ten minutes.

SPDX-License-Identifier: Apache-2.0
"""
import json
import os

from . import clock, metric
from .errors import Refused
from .settings import RELEASE

KEPT_MS = 600_000
REPLY_MOST = 1_000_000

metric.declare("requests_total", "Requests handled")
metric.declare("requests_refused_total", "Requests answered with an error")
metric.declare("requests_repeated_total", "Requests answered from the first answer")


class Operation:
    def __init__(self, fn, opens, reads):
        self.fn, self.opens, self.reads = fn, opens, reads


class Requests:
    def __init__(self, service):
        self.service, self.purge_ms, self.sid = service, 0, None
        self.operations = {
            "ping": Operation(self._ping, False, True), "probe": Operation(self._probe, False, False),
            "heads": Operation(lambda turn, body: {"heads": {name: 0 for name in body.get("streams", [])}}, False, True),
            "fetch": Operation(lambda turn, body: {"items": [], "head": 0}, False, True),
        }

    def subscribe(self):
        self.sid = self.service.bus.subscribe(f"svc.{self.service.name}.*", self.service.queue_request, self.service.name)

    def handle(self, turn, message):
        operation = self.operations.get(message.subject.rsplit(".", 1)[1])
        id = message.headers.get("pelago-id", "")
        if operation and id and not operation.reads:
            row = turn.execute("select reply from pl_request where id = ?", (id,)).fetchone()
            if row:
                metric.add("requests_repeated_total")
                turn.send(message.reply, row[0].encode())
                return
        reply, may_retry = self._answer(turn, operation, message, id)
        text = json.dumps(reply, ensure_ascii=False, separators=(",", ":"))
        if len(text.encode()) > REPLY_MOST:
            text = json.dumps(Refused("TOOLARGE", "the answer is larger than a message may be; ask for less").body())
        if operation and id and not operation.reads and not may_retry:
            turn.execute("insert into pl_request (id, at_ms, reply) values (?, ?, ?)", (id, turn.now_ms, text))
        turn.send(message.reply, text.encode())

    def _answer(self, turn, operation, message, id):
        metric.add("requests_total")
        turn.savepoint()
        try:
            if not operation:
                raise Refused("NOTFOUND", f"{self.service.name} has no operation {message.subject.rsplit('.', 1)[1][:60]}")
            if len(id) > 64:
                raise Refused("INVALID", "Pelago-Id is longer than 64 bytes")
            if operation.opens and not self.service.settings.accepting:
                raise Refused("NOTACCEPTING", f"{self.service.name} accepts no new work now: its cluster is denying")
            try:
                body = message.json()
            except ValueError as error:
                raise Refused("INVALID", f"the body: {error}") from None
            return {"v": 1} | (operation.fn(turn, body) or {}), False
        except Refused as refusal:
            turn.rollback_to()
            metric.add("requests_refused_total")
            return refusal.body(), refusal.may_retry

    def purge(self, turn):
        if clock.mono_ms() >= self.purge_ms:
            self.purge_ms = clock.mono_ms() + 5000
            turn.execute("delete from pl_request where id in (select id from pl_request where at_ms < ? limit 5000)",
                         (turn.now_ms - KEPT_MS,))

    # -- what every service answers

    def _ping(self, turn, body):
        s = self.service
        return {"service": s.name, "version": s.manifest["version"], "node": s.settings.arguments.node, "pid": os.getpid(),
                "accepting": s.settings.accepting, "outbox": s.outbox.waiting(), "incarnation": s.outbox.incarnation,
                "diskFull": False, "settings": s.settings.version, "restart": s.settings.late(),
                "level": s.settings.level, "levelWhy": "", "release": RELEASE}

    def _probe(self, turn, body):
        turn.execute("insert into pl_meta (name, value) values ('probe', ?) "
                     "on conflict (name) do update set value = excluded.value", (self.service.settings.arguments.node,))
        return {"service": self.service.name, "node": self.service.settings.arguments.node}
