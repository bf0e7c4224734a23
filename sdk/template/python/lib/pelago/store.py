"""The service's own database, SQLite: whoever holds the lock on PATH.lock is its owner.

SPDX-License-Identifier: Apache-2.0
"""
import fcntl
import os
import sqlite3
import struct

SDK = [
    (1, """
    create table pl_meta (name text primary key, value text not null);
    create table pl_request (id text primary key, at_ms integer not null, reply text not null) without rowid;
    create table pl_key (noun text not null, key text not null, n integer not null, primary key (key, noun)) without rowid;
    create table pl_outbox (seq integer primary key, noun text not null, verb text not null, key text not null,
     n integer not null, body text not null, acked_ms integer);
    create index pl_outbox_waiting on pl_outbox (seq) where acked_ms is null;
    create index pl_outbox_key on pl_outbox (key, noun, n);
    create table pl_position (noun text primary key, seq integer not null, identity text not null);
    create table pl_seen (producer text not null, noun text not null, key text not null, n integer not null,
     primary key (producer, noun, key)) without rowid;
    create table pl_gap (producer text not null, noun text not null, key text not null, upto integer not null,
     primary key (producer, noun, key)) without rowid;
    create table pl_parked (producer text not null, noun text not null, key text not null, n integer not null,
     body text not null, reason text not null, primary key (producer, noun, key, n));
    """),
]


def path_of(url):
    if not url.startswith("sqlite:"):
        raise SystemExit(f"this service keeps its data in SQLite, and can't use {url.split(':')[0]}: "
                         "run it on a solution with --store sqlite:…")
    return url[len("sqlite:"):]


def try_lock(path):
    """A descriptor that holds the lock while the process lives, or None: another process is the owner."""
    fd = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    whole = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)  # struct flock
    try:
        fcntl.fcntl(fd, fcntl.F_OFD_SETLK, whole)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


def open_store(path, area, migrations):
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma journal_mode=wal")
    db.execute("pragma synchronous=full")  # a commit is durable
    db.execute("pragma foreign_keys=on")
    db.execute("create table if not exists pl_schema (area text primary key, version integer not null)")
    _migrate(db, "python-sdk", SDK)
    _migrate(db, area, migrations)
    return db


def _migrate(db, area, steps):
    row = db.execute("select version from pl_schema where area = ?", (area,)).fetchone()
    version, last = row[0] if row else 0, steps[-1][0] if steps else 0
    if version > last:
        raise SystemExit(f"schema {area} has version {version}, this program knows {last}: start the newer program")
    for number, script in steps:
        if number > version:
            db.executescript(f"begin immediate; {script}; insert into pl_schema (area, version) values ('{area}', {number}) "
                             "on conflict (area) do update set version = excluded.version; commit;")
