"""Events in: one reader a noun, from a position that is kept in the transaction of what was read.

Reading starts at the position, and the first message must be the one that stands there; if it isn't, the log was
put back to an older copy, or has lost its beginning: all of it is read again, repeats fall away by number, and all
producers are asked which keys have gone on meanwhile.

SPDX-License-Identifier: Apache-2.0
"""
from . import clock, log, metric
from .bus import parse

LOT = ".lot"  # verb of a message of several events, one a line
LINES_MOST = 1024  # one of more is nothing at all
SILENCE_MS = 1600
ASK_NODE_MS = 500
FIRST_MS = 500

metric.declare("events_handled_total", "Events handled")
metric.declare("events_repeated_total", "Events that had been handled before")
metric.declare("log_rollbacks_total", "Times the log was found rolled back")


def _lines(message):
    is_lot = message.subject.endswith(LOT) and message.body.count(b"\n") < LINES_MOST
    return message.body.split(b"\n") if is_lot else [message.body]


class Reader:
    def __init__(self, service, noun):
        self.service, self.noun = service, noun
        self.seq, self.identity = 0, ""  # of the last message taken
        self.sid, self.generation, self.is_on, self.next_ms, self.heard_ms = None, 0, False, 0, 0
        self.compares, self.number, self.lost_ms, self.pending = False, 0, 0, None
        self.producers, self.log_number = [], 0
        self.survey = None  # (place among the producers, key to go on after), while it is on
        self.survey_ms = 0

    def load(self, db):
        row = db.execute("select seq, identity from pl_position where noun = ?", (self.noun,)).fetchone()
        self.seq, self.identity = row or (0, "")
        meta = dict(db.execute("select name, value from pl_meta where name in (?, ?)", (f"log.{self.noun}", f"survey.{self.noun}")))
        self.log_number = int(meta.get(f"log.{self.noun}", 0))
        self.survey = (0, "") if f"survey.{self.noun}" in meta else None
        inbox = self.service.bus.inbox
        self.service.bus.subscribe(f"{inbox}.node.{self.noun}.*", self._on_node)
        self.service.bus.subscribe(f"{inbox}.keys.{self.noun}", self._on_keys)

    # -- asking the node for a reader

    def off(self, in_ms=0):
        self.is_on, self.next_ms = False, clock.mono_ms() + in_ms
        self.generation += 1  # what came of it before isn't taken any more

    def _ask(self):
        bus, arguments = self.service.bus, self.service.settings.arguments
        if self.sid:
            bus.unsubscribe(self.sid)
        self.generation += 1
        self.next_ms, self.number, self.lost_ms, self.pending = clock.mono_ms() + ASK_NODE_MS, 0, 0, None
        self.place = (self.seq, self.identity)  # of this reader; what waits to be handled goes past it
        self.compares = self.identity != ""
        deliver = f"{bus.inbox}.evt.{self.noun}.{self.generation}"
        generation = self.generation
        self.sid = bus.subscribe(deliver, lambda message: self._on_message(message, generation))
        bus.publish(f"node.{arguments.node}.reader.{self.service.name}",
                    {"v": 1, "filter": f"evt.*.{self.noun}.*", "start": self.seq, "deliver": deliver},
                    f"{bus.inbox}.node.{self.noun}.{self.generation}")

    def _on_node(self, message):
        if message.subject.rsplit(".", 1)[1] != str(self.generation) or self.is_on:
            return
        try:
            answer = message.json()
        except ValueError:
            answer = {"error": {}}
        if message.status or "error" in answer:
            self.next_ms = clock.mono_ms() + 50  # the node isn't there, or has no log yet
            return
        self.producers = answer.get("producers", self.producers)
        if answer.get("log") and answer["log"] != self.log_number:
            if self.log_number and not self.survey:
                self._begin_survey()
            self.log_number = answer["log"]
            self.service.queue(lambda turn: turn.put_meta(f"log.{self.noun}", self.log_number))
        if self.pending is None:
            self.pending = answer.get("pending", 0)
        if self.compares and answer["deliveredSeq"] < self.seq - 1:
            self._rewind("the log ends before it")
            return
        self.is_on, self.heard_ms = True, clock.mono_ms()
        if self.number == 0 and answer["deliveredSeq"] > max(self.seq - 1, 0):
            if self.compares:
                self.lost_ms = clock.mono_ms() + FIRST_MS
            elif not self.survey:
                self._begin_survey()  # what stood before was never read

    # -- what comes

    def _on_message(self, message, generation):
        if generation != self.generation:
            return
        self.heard_ms = clock.mono_ms()
        if message.status == 100:  # heartbeat or flow control
            to = message.reply or message.headers.get("nats-consumer-stalled", "")
            if to:
                self.service.bus.publish(to, b"")
            return
        words = message.reply.split(".")  # $JS.ACK.STREAM.CONSUMER.DELIVERED.STREAMSEQ.CONSUMERSEQ.TIME.PENDING
        if message.status or len(words) < 9 or words[:2] != ["$JS", "ACK"]:
            self.off(100)
            return
        seq, number, self.pending = int(words[5]), int(words[6]), int(words[8])
        self.is_on, self.lost_ms = True, 0
        if number != self.number + 1:
            self.off()  # one was missed on the way: again from the position
            return
        self.number = number
        identity = message.headers.get("nats-msg-id", "")
        if self.compares:
            self.compares = False
            if (seq, identity) != self.place:
                self._rewind("another message stands there")
            return
        self.service.queue(lambda turn: self._take(turn, message, generation, seq, identity))

    def _take(self, turn, message, generation, seq, identity):
        if generation != self.generation or seq <= self.seq:
            return
        for text in _lines(message):
            try:
                event = parse(text)
                if event["noun"] != self.noun:
                    raise ValueError("of another noun than its message")
                self.service.gaps.take(turn, event)
            except (ValueError, KeyError, TypeError) as error:
                log.write("ERROR", "event.broken", f"position={seq} identity={identity}: {error!r}")
        turn.execute("insert into pl_position (noun, seq, identity) values (?, ?, ?) on conflict (noun) do update set "
                     "seq = excluded.seq, identity = excluded.identity", (self.noun, seq, identity))
        turn.after(lambda: self._at(seq, identity))

    def _at(self, seq, identity):
        self.seq, self.identity = seq, identity

    def _rewind(self, why):
        metric.add("log_rollbacks_total")
        log.write("ERROR", "log.rolled_back", f"noun={self.noun} position={self.seq}: {why}; reading from the beginning")
        self.seq, self.identity = 0, ""
        self.service.bus.publish("ctl.resend", b"{}")
        self._begin_survey()
        self.service.queue(lambda turn: turn.execute("delete from pl_position where noun = ?", (self.noun,)))
        self.off()

    def is_at_end(self):
        return self.is_on and not self.compares and self.pending == 0

    def beat(self):
        now = clock.mono_ms()
        if not self.service.bus.socket:
            return  # begun anew once it is back
        if self.is_on and now - self.heard_ms > SILENCE_MS:
            self.off()
        if self.is_on and self.lost_ms and now >= self.lost_ms:
            self._rewind("the log begins behind it")
        if not self.is_on and now >= self.next_ms:
            self._ask()
        if self.survey and self.is_at_end() and now >= self.survey_ms and not self.service.gaps.is_open(self.noun):
            self._ask_keys(now)

    # -- which keys have missed something, without a later event to show it

    def _begin_survey(self):
        self.survey = (0, "")
        self.service.queue(lambda turn: turn.put_meta(f"survey.{self.noun}", 1))

    def _ask_keys(self, now):
        place, after = self.survey
        self.survey_ms = now + 1000
        if place == len(self.producers):
            self.survey = None
            self.service.queue(lambda turn: turn.execute("delete from pl_meta where name = ?", (f"survey.{self.noun}",)))
            return
        self.service.bus.publish(f"svc.{self.producers[place]}.keys", {"v": 1, "noun": self.noun, "after": after, "limit": 100},
                                 f"{self.service.bus.inbox}.keys.{self.noun}")

    def _on_keys(self, message):
        try:
            answer = {} if message.status else message.json()
        except ValueError:
            return
        if not self.survey or self.survey[0] >= len(self.producers):
            return
        place, after = self.survey
        if answer.get("error", {}).get("code") == "notFound":  # of a version without it
            self.survey, self.survey_ms = (place + 1, ""), 0
        elif answer.get("producer") == self.producers[place] and answer.get("after") == after:
            self.service.queue(lambda turn: self._compare(turn, answer, (place, after)))

    def _compare(self, turn, answer, was):
        if self.survey != was:
            return
        for item in answer["keys"]:
            self.service.gaps.note(turn, answer["producer"], self.noun, item["key"], item["n"])
        more = answer.get("next")
        turn.after(lambda: self._go_on((was[0], more) if more else (was[0] + 1, "")))

    def _go_on(self, survey):
        self.survey, self.survey_ms = survey, 0
