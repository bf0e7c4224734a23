"""The operations. SPDX-License-Identifier: Apache-2.0"""
from pelago import Refused, Service

service = Service(migrations=[
    # A step that was delivered is never changed: a later one is added.
    (1, "create table note (id text primary key, at_ms integer not null, author text not null, text text not null)"),
])


def check(text, longest):
    """What a note may say."""
    if not isinstance(text, str):
        raise Refused("INVALID", "text is missing, or no text")
    if not text.strip():
        raise Refused("INVALID", "the note is empty: write something")
    if len(text) > longest:
        raise Refused("INVALID", f"the note has {len(text)} characters; at most {longest} are taken")


def note(row):
    return dict(zip(("id", "atMs", "author", "text"), row))


@service.operation("add")
def add(turn, body):
    """POST /services/@NAME@/notes {"text":TEXT} → 201 {"id","atMs","author","text"}"""
    text, author = (body.get("body") or {}).get("text"), (body.get("user") or {}).get("name", "")
    check(text, service.attribute("longest"))  # refused before the first write
    row = (turn.new_id(), turn.now_ms, author, text)
    turn.execute("insert into note (id, at_ms, author, text) values (?, ?, ?, ?)", row)
    turn.emit("@noun@", "added", row[0], note(row))
    return {"status": 201, "body": note(row)}


@service.operation("list", reads=True)
def list_notes(turn, body):
    """GET /services/@NAME@/notes?limit=N&cursor=ID → {"items":[…],"cursor":ID|null}"""
    query = body.get("query") or {}
    limit, after = query.get("limit", "50"), query.get("cursor", "")
    if not limit.isdecimal() or not 1 <= int(limit) <= 200:
        raise Refused("INVALID", "limit is a number from 1 to 200")
    rows = turn.execute("select id, at_ms, author, text from note where id > ? order by id limit ?",
                        (after, int(limit) + 1)).fetchall()
    items = [note(row) for row in rows[:int(limit)]]
    return {"status": 200, "body": {"items": items, "cursor": items[-1]["id"] if len(rows) > len(items) else None}}


# What is left of old events, for those who missed them.
def keys(turn, noun, after, limit):
    return [id for (id,) in turn.execute("select id from note where id > ? order by id limit ?", (after, limit))]


def state(turn, noun, key):
    row = turn.execute("select id, at_ms, author, text from note where id = ?", (key,)).fetchone()
    return [(1, "added", row[1], note(row))] if row else None


service.keys, service.state = keys, state
