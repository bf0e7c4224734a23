"""The order of events within (producer, noun, key), and what is missing of them.

n counts from 1. What was handled before is a repeat; a number too high shows a gap: the key waits, a row says so,
and its producer is asked until what is missing is here: for its events, and once the log has been read to its
end, for the state that is left of them.

SPDX-License-Identifier: Apache-2.0
"""
import json
import sqlite3

from . import clock, log, metric

FIRST_MS, MOST_MS = 200, 5000

metric.declare("events_gaps_total", "Gaps seen in the log")


class Gap:
    def __init__(self, upto):
        self.upto, self.next_ms, self.pause_ms, self.wants_state = upto, clock.mono_ms() + FIRST_MS, FIRST_MS, False


class Gaps:
    def __init__(self, service):
        self.service, self.gaps = service, {}  # (producer, noun, key): Gap

    def load(self, db):
        self.gaps = {tuple(row[:3]): Gap(row[3]) for row in db.execute("select producer, noun, key, upto from pl_gap")}
        for tail, fn in (("gap", self._on_events), ("state", self._on_snapshot)):
            self.service.bus.subscribe(f"{self.service.bus.inbox}.{tail}", fn)

    def is_open(self, noun):
        return any(name[1] == noun for name in self.gaps)

    # -- in a turn

    def last(self, turn, name):
        row = turn.execute("select n from pl_seen where producer = ? and noun = ? and key = ?", name).fetchone()
        return row[0] if row else 0

    def take(self, turn, event):
        """Handles an event if it is the next of its key."""
        name = (event["producer"], event["noun"], event["key"])
        last = self.last(turn, name)
        if event["n"] <= last:
            metric.add("events_repeated_total")
        elif event["n"] > last + 1:
            self.note(turn, *name, event["n"])
        else:
            self._handle(turn, name, event)

    def note(self, turn, producer, noun, key, n):
        """That there are events up to n; nothing if they have been handled."""
        name = (producer, noun, key)
        gap = self.gaps.get(name)
        if n <= self.last(turn, name) or (gap and gap.upto >= n):
            return
        turn.execute("insert into pl_gap (producer, noun, key, upto) values (?, ?, ?, ?) on conflict (producer, noun, key) "
                     "do update set upto = excluded.upto", (*name, n))
        if not gap:
            metric.add("events_gaps_total")
        turn.after(lambda: self._open(name, n))

    def _open(self, name, n):
        gap = self.gaps.setdefault(name, Gap(n))
        gap.upto = max(gap.upto, n)

    def _handle(self, turn, name, event):
        fn = self.service.handlers.get(f"{event['noun']}.{event['verb']}") or self.service.handlers.get(f"{event['noun']}.*")
        metric.add("events_handled_total")
        turn.savepoint()
        try:
            if fn:
                fn(turn, event)
        except sqlite3.OperationalError:
            raise  # the turn's, not the handler's
        except Exception as error:  # a refusal, or a defect: this event is set aside, the others go on
            turn.rollback_to()
            log.write("ERROR", "event.parked", f"producer={name[0]} event={event['noun']}.{event['verb']} key={name[2]} "
                                               f"n={event['n']}: {error!r}")
            turn.execute("insert or ignore into pl_parked (producer, noun, key, n, body, reason) values (?, ?, ?, ?, ?, ?)",
                         (*name, event["n"], json.dumps(event["body"]), repr(error)))
        self._seen(turn, name, event["n"])

    def _seen(self, turn, name, n):
        turn.execute("insert into pl_seen (producer, noun, key, n) values (?, ?, ?, ?) on conflict (producer, noun, key) "
                     "do update set n = excluded.n", (*name, n))
        if name in self.gaps and n >= self.gaps[name].upto:
            self._end(turn, name)

    def _end(self, turn, name):
        turn.execute("delete from pl_gap where producer = ? and noun = ? and key = ?", name)
        turn.after(lambda: self.gaps.pop(name, None))

    # -- asking the producer

    def beat(self):
        now = clock.mono_ms()
        for name, gap in self.gaps.items():
            if now >= gap.next_ms:
                self._ask(name, gap, now)

    def _ask(self, name, gap, now):
        producer, noun, key = name
        gap.next_ms, gap.pause_ms = now + gap.pause_ms, min(2 * gap.pause_ms, MOST_MS)
        row = self.service.db.execute("select n from pl_seen where producer = ? and noun = ? and key = ?", name).fetchone()
        last = row[0] if row else 0
        what, tail, place = ("snapshot", "state", {"after": last}) if gap.wants_state else ("events", "gap", {"from": last + 1})
        self.service.bus.publish(f"svc.{producer}.{what}", {"v": 1, "noun": noun, "key": key, **place},
                                 f"{self.service.bus.inbox}.{tail}")

    def _answer(self, message):
        """(name, answer) of one that is waited for."""
        try:
            answer = {} if message.status else message.json()
        except ValueError:
            return None, None
        name = (answer.get("producer"), answer.get("noun"), answer.get("key"))
        return (name, answer) if name in self.gaps else (None, None)

    def _on_events(self, message):
        name, answer = self._answer(message)
        if name:
            self.service.queue(lambda turn: self._repair(turn, name, answer))

    def _repair(self, turn, name, answer):
        for event in answer["events"]:
            if (event["producer"], event["noun"], event["key"]) == name:
                self.take(turn, event)
        gap, reader = self.gaps.get(name), self.service.readers.get(name[1])
        if gap and (answer["oldest"] == 0 or answer["oldest"] > self.last(turn, name) + 1) and (not reader or reader.is_at_end()):
            gap.wants_state, gap.next_ms, gap.pause_ms = True, 0, FIRST_MS
        elif gap and answer["events"]:
            gap.next_ms = 0  # the rest of them at once

    def _on_snapshot(self, message):
        name, page = self._answer(message)
        if name and "held" in page:
            self.service.queue(lambda turn: self._restate(turn, name, page))

    def _restate(self, turn, name, page):
        """A page of the state that is left, told as events under their own numbers: each once, then all up to n."""
        last = self.last(turn, name)
        if last < page["after"] or name not in self.gaps:
            return
        for event in page["events"]:
            if event["n"] > last:
                self._handle(turn, name, dict(zip(("producer", "noun", "key"), name)) | event)
                last = event["n"]
        if page["more"]:
            self.gaps[name].next_ms = 0
            return
        upto = page["n"] if page["held"] else max(page["n"], self.gaps[name].upto)
        if not page["held"]:
            log.write("ERROR", "event.lost", f"producer={name[0]} noun={name[1]} key={name[2]}: {last + 1} to {upto} are kept nowhere")
        if upto > last:
            self._seen(turn, name, upto)
        self._end(turn, name)
