"""A Pelago service in Python: the bus protocol (docs/protocol.md), with the standard library only.

    service = Service()

    @service.operation("add")
    def add(turn, body):
        turn.execute("insert into note (id, text) values (?, ?)", (turn.new_id(), body["body"]["text"]))
        return {"status": 201, "body": {}}

    service.main()

Module by module: service (start, loop, stop), settings (arguments, settings file, heartbeat), store (tables,
the lock of the database's owner), bus (NATS), requests (operations, repeats), outbox (events out), reader and
gap (events in), log, metric, crypto.

SPDX-License-Identifier: Apache-2.0
"""
from .errors import Refused
from .service import Service

__all__ = ["Refused", "Service"]
