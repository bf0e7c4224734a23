"""Events out: rows of the turn's transaction, numbered by (noun, key), published after the commit until the log
has acknowledged them.

Acknowledged ones are kept for five minutes and published again on each connection, and when a reader asks all to
(ctl.resend): the bus acknowledges before its disk has them. Numbers make repeats harmless.

SPDX-License-Identifier: Apache-2.0
"""
import json

from . import clock, log, metric
from .errors import Refused

KEPT_MS = 300_000
AGAIN_MS = 1000
REFUSED_MS = 250
WINDOW = 512
EVENT_MOST = 1_000_000
PAGE_EVENTS, PAGE_BYTES = 200, 512 << 10

metric.declare("outbox_depth", "Events without acknowledgement", "gauge")
metric.declare("events_published_total", "Events published")


def crc32c(data):
    """CRC-32C (Castagnoli), RFC 3720 appendix B.4."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def partition(key):
    return crc32c(key.encode()) % 16


def header_key(key):
    """A header's value has no white space, but a key may."""
    return "".join(f"%{byte:02X}" if byte <= 32 or byte in (37, 127) else chr(byte) for byte in key.encode())


class Outbox:
    def __init__(self, service):
        self.service, self.sent, self.pause_ms, self.purge_ms = service, {}, 0, 0  # sent: seq: when
        self.incarnation = 1

    def load(self, db):
        row = db.execute("select value from pl_meta where name = 'incarnation'").fetchone()
        self.incarnation = int(row[0]) if row else 1
        self.service.bus.subscribe(f"{self.service.bus.inbox}.ack.*", self._on_ack)
        self.service.bus.subscribe("ctl.resend", lambda message: self.resend())

    def waiting(self):
        return self.service.db.execute("select count(*) from pl_outbox where acked_ms is null").fetchone()[0]

    def emit(self, turn, noun, verb, key, body):
        row = turn.execute("select n from pl_key where noun = ? and key = ?", (noun, key)).fetchone()
        n = row[0] + 1 if row else 1
        event = {"v": 1, "producer": self.service.name, "incarnation": self.incarnation, "noun": noun, "verb": verb, "key": key,
                 "n": n, "atMs": turn.now_ms, "body": body}
        text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        if len(text.encode()) > EVENT_MOST:
            raise Refused("TOOLARGE", f"an event of more than {EVENT_MOST} bytes can't be sent")
        turn.execute("insert into pl_key (noun, key, n) values (?, ?, ?) on conflict (key, noun) do update set n = excluded.n",
                     (noun, key, n))
        turn.execute("insert into pl_outbox (noun, verb, key, n, body) values (?, ?, ?, ?, ?)", (noun, verb, key, n, text))
        metric.add("events_published_total")
        return n

    def beat(self):
        """Publishes what lacks its acknowledgement, in order; what is late, again."""
        now = clock.mono_ms()
        if not self.service.bus.socket or now < self.pause_ms:
            return
        rows = self.service.db.execute("select seq, noun, verb, key, n, body from pl_outbox where acked_ms is null "
                                       "order by seq limit ?", (WINDOW,)).fetchall()
        metric.put("outbox_depth", len(rows))
        for seq, *row in rows:
            if now - self.sent.get(seq, -AGAIN_MS) >= AGAIN_MS and self._publish(seq, *row):
                self.sent[seq] = now

    def _publish(self, seq, noun, verb, key, n, body):
        id = f"{self.service.name}:{self.incarnation}:{noun}:{header_key(key)}:{n}"
        return self.service.bus.publish(f"evt.{partition(key)}.{noun}.{verb}", body.encode(),
                                        f"{self.service.bus.inbox}.ack.{seq}", {"Nats-Msg-Id": id})

    def resend(self):
        self.sent.clear()
        for row in self.service.db.execute("select seq, noun, verb, key, n, body from pl_outbox where acked_ms is not null "
                                           "order by seq").fetchall():
            self._publish(*row)

    def _on_ack(self, message):
        """{"stream":"EVT","seq":N}, or an error, or nobody there."""
        try:
            is_taken = not message.status and "error" not in message.json()
        except ValueError:
            is_taken = False
        seq = int(message.subject.rsplit(".", 1)[1])
        if is_taken:
            self.sent.pop(seq, None)
            self.service.queue(lambda turn: turn.execute(
                "update pl_outbox set acked_ms = ? where seq = ? and acked_ms is null", (clock.wall_ms(), seq)))
        elif clock.mono_ms() >= self.pause_ms:
            log.write("WARN", "outbox.refused", f"the event log took event {seq} not: {message.status} {message.body[:200]!r}")
            self.sent.clear()
            self.pause_ms = clock.mono_ms() + REFUSED_MS

    def purge(self, turn):
        if clock.mono_ms() >= self.purge_ms:
            self.purge_ms = clock.mono_ms() + 5000
            turn.execute("delete from pl_outbox where seq in (select seq from pl_outbox where acked_ms < ? limit 5000)",
                         (turn.now_ms - KEPT_MS,))

    # -- for those who missed some

    def op_events(self, turn, body):
        noun, key, start = body.get("noun"), body.get("key"), body.get("from")
        if not (isinstance(noun, str) and isinstance(key, str) and isinstance(start, int) and start > 0):
            raise Refused("INVALID", "noun and key (texts) and from (from 1) are needed")
        oldest = turn.execute("select min(n) from pl_outbox where noun = ? and key = ?", (noun, key)).fetchone()[0]
        events, size = [], 0
        for (text,) in turn.execute("select body from pl_outbox where noun = ? and key = ? and n >= ? order by n limit ?",
                                    (noun, key, start, PAGE_EVENTS)):
            size += len(text.encode())
            if size > PAGE_BYTES and events:
                break
            events.append(json.loads(text))
        return {"producer": self.service.name, "noun": noun, "key": key, "events": events, "oldest": oldest or 0}

    def op_snapshot(self, turn, body):
        noun, key, after = body.get("noun"), body.get("key"), body.get("after", 0)
        if not (isinstance(noun, str) and isinstance(key, str) and isinstance(after, int)):
            raise Refused("INVALID", "noun and key (texts) and after (a number) are needed")
        row = turn.execute("select n from pl_key where noun = ? and key = ?", (noun, key)).fetchone()
        told = self.service.state(turn, noun, key) if row else None
        page, size = [], 0
        for n, verb, at_ms, what in told or []:
            if n > after:
                size += len(json.dumps(what)) + 80
                if page and (size > PAGE_BYTES or len(page) == PAGE_EVENTS):
                    break
                page.append({"verb": verb, "n": n, "atMs": at_ms, "body": what})
        is_more = bool(page) and page[-1]["n"] < told[-1][0]
        return {"producer": self.service.name, "noun": noun, "key": key, "after": after, "n": row[0] if row else 0,
                "held": told is not None, "events": page, "more": is_more}

    def op_keys(self, turn, body):
        noun, after, limit = body.get("noun"), body.get("after", ""), body.get("limit", 100)
        if not (isinstance(noun, str) and isinstance(after, str) and isinstance(limit, int) and 1 <= limit <= 500):
            raise Refused("INVALID", "noun and after (texts) and limit (1 to 500) are needed")
        keys = self.service.keys(turn, noun, after, limit)
        numbers = [(key, turn.execute("select n from pl_key where noun = ? and key = ?", (noun, key)).fetchone()) for key in keys]
        return {"producer": self.service.name, "noun": noun, "after": after,
                "keys": [{"key": key, "n": row[0]} for key, row in numbers if row],
                "next": keys[-1] if len(keys) == limit else None}
