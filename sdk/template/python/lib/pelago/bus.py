"""A client of the bus (NATS): TLS, the process's key, subscriptions, reconnecting for ever.

One thread. Handlers are called from within read(), as fn(message); publish() stages, flush() sends.

SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import secrets
import select
import socket
import ssl
from urllib.parse import urlsplit

from . import clock, log

CONNECT_S = 0.25  # each step of it
RECONNECT_MS = 50
SILENCE_MS = 35_000  # the server says PING each 10 s
OUT_MOST, LINE_MOST, FRAME_MOST = 8 << 20, 64 << 10, 8 << 20


class Message:
    __slots__ = ("subject", "reply", "headers", "status", "body")

    def __init__(self, subject, reply, headers, status, body):
        self.subject, self.reply, self.headers, self.status, self.body = subject, reply, headers, status, body

    def json(self):
        """The body as an object; ValueError says why it is none."""
        return parse(self.body)


def parse(text):
    try:
        value = json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")
    if b"\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    return value


def _no_number(word):
    raise ValueError(f"{word} is no number")


class Bus:
    def __init__(self, urls, name, key=None, ca=None, identity=None):
        self.urls, self.name, self.key, self.ca, self.identity = urls.split(","), name, key, ca, identity
        self.on_up = self.on_step = lambda: None  # connected; a step of connecting is done
        self.socket, self.next_ms, self.turn, self.heard_ms = None, 0, 0, 0
        self.buffer, self.out = bytearray(), bytearray()
        self.subscriptions, self.last_sid = {}, 0  # sid: [subject, queue, fn]
        self.inbox = f"_IN.{name}.{secrets.token_hex(16)}"  # nobody can guess it

    # -- connecting

    def connect(self):
        """Tries once, if it is time; True while connected."""
        if self.socket and clock.mono_ms() - self.heard_ms > SILENCE_MS:
            self.lost("silent")
        if self.socket or clock.mono_ms() < self.next_ms:
            return self.socket is not None
        self.next_ms = clock.mono_ms() + RECONNECT_MS
        url = urlsplit(self.urls[self.turn % len(self.urls)])
        self.turn += 1
        try:
            self.socket = self._open(url)
        except (OSError, ValueError) as error:
            log.write("DEBUG" if isinstance(error, ConnectionError) else "WARN", "bus.state", f"{url.netloc}: {error}")
            return False
        self.socket.setblocking(False)
        self.heard_ms = clock.mono_ms()
        log.write("INFO", "bus.state", "up")
        for sid, (subject, queue, _fn) in self.subscriptions.items():
            self._say(f"SUB {subject} {queue + ' ' if queue else ''}{sid}")
        self.on_up()
        return True

    def _open(self, url):
        link = socket.create_connection((url.hostname, url.port or 4222), CONNECT_S)
        try:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.buffer, self.out = bytearray(), bytearray()
            info = json.loads(self._line(link)[len("INFO "):])
            if not isinstance(info, dict):
                raise ValueError("this is no bus")
            if url.scheme == "tls":
                link = self._context().wrap_socket(link, server_hostname=url.hostname)
            hello = {"verbose": False, "pedantic": False, "echo": True, "headers": True, "no_responders": True,
                     "tls_required": url.scheme == "tls", "name": self.name, "lang": "python", "version": "1", "protocol": 1}
            if self.key and info.get("nonce"):
                hello |= {"nkey": self.key.public, "sig": self.key.sign(info["nonce"])}
            link.sendall(f"CONNECT {json.dumps(hello)}\r\nPING\r\n".encode())
            while (line := self._line(link)) != "PONG":
                if line.startswith("-ERR"):
                    raise ConnectionError(line)
        except BaseException:
            link.close()
            raise
        return link

    def _context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks the server's name; trusts one authority
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_verify_locations(self.ca)
        if self.identity and os.path.exists(f"{self.identity}.pem"):
            context.load_cert_chain(f"{self.identity}.pem", f"{self.identity}.key")
        return context

    def _line(self, link):
        self.on_step()
        while b"\r\n" not in self.buffer:
            data = link.recv(16384)
            if not data or len(self.buffer) > LINE_MOST:
                raise ConnectionError("the server closed the connection" if not data else "this is no bus")
            self.buffer += data
        line, _, rest = self.buffer.partition(b"\r\n")
        self.buffer = bytearray(rest)
        return line.decode()

    def lost(self, why):
        log.write("WARN", "bus.state", f"down: {why}")
        self.socket.close()
        self.socket = None

    # -- out

    def _say(self, line, data=b""):
        self.out += line.encode() + b"\r\n" + data

    def subscribe(self, subject, fn, queue=""):
        self.last_sid += 1
        self.subscriptions[self.last_sid] = (subject, queue, fn)
        if self.socket:
            self._say(f"SUB {subject} {queue + ' ' if queue else ''}{self.last_sid}")
        return self.last_sid

    def unsubscribe(self, sid):
        if self.subscriptions.pop(sid, None) and self.socket:
            self._say(f"UNSUB {sid}")

    def publish(self, subject, value, reply="", headers=None):
        """value: an object, or bytes. False: not now; what must arrive is said again."""
        if not self.socket or len(self.out) > OUT_MOST:
            return False
        body = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        reply = reply and f"{reply} "
        if headers:
            head = ("NATS/1.0\r\n" + "".join(f"{name}: {text}\r\n" for name, text in headers.items()) + "\r\n").encode()
            self._say(f"HPUB {subject} {reply}{len(head)} {len(head) + len(body)}", head + body + b"\r\n")
        else:
            self._say(f"PUB {subject} {reply}{len(body)}", body + b"\r\n")
        return True

    def flush(self):
        try:
            while self.socket and self.out:
                sent = self.socket.send(memoryview(self.out)[:16384])
                del self.out[:sent]
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            return
        except OSError as error:
            self.lost(error)

    # -- in

    def wait(self, seconds):
        """Until something can be read, or the time is over."""
        if self.socket and not (hasattr(self.socket, "pending") and self.socket.pending()):
            select.select([self.socket], [self.socket] if self.out else [], [], seconds)
        elif not self.socket:
            select.select([], [], [], min(seconds, RECONNECT_MS / 1000))

    def read(self):
        """Takes what has come, and calls handlers."""
        try:
            for _ in range(64):  # 1 MiB at the most
                data = self.socket.recv(16384)
                if not data:
                    raise ConnectionError("the server closed the connection")
                self.buffer += data
                self.heard_ms = clock.mono_ms()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            pass
        except OSError as error:
            self.lost(error)
            return
        while self.socket and self._take():
            pass

    def _take(self):
        """One frame, if it is whole."""
        end = self.buffer.find(b"\r\n")
        if end < 0:
            return False
        try:
            words = bytes(self.buffer[:end]).decode().split(" ")
            is_message = words[0].upper() in ("MSG", "HMSG")
            whole = end + 2 + (int(words[-1]) + 2 if is_message else 0)
            if not end + 2 <= whole <= FRAME_MOST:
                raise ValueError("its size")
            if len(self.buffer) < whole:
                return False
            message = _read_message(words, bytes(self.buffer[end + 2:whole - 2])) if is_message else None
        except (ValueError, IndexError) as error:
            self.lost(f"the server's frame is malformed: {error}")
            return False
        del self.buffer[:whole]
        if message and int(words[2]) in self.subscriptions:
            self.subscriptions[int(words[2])][2](message)
        elif words[0].upper() == "PING":
            self._say("PONG")
        elif words[0].upper() == "-ERR":
            log.write("ERROR", "bus.error", " ".join(words))
        return True


def _read_message(words, data):
    """MSG subject sid [reply] bytes, or HMSG subject sid [reply] head-bytes bytes."""
    is_headed = words[0].upper() == "HMSG"
    head_len, has_reply = int(words[-2]) if is_headed else 0, len(words) == (6 if is_headed else 5)
    int(words[2])
    lines = data[:head_len].decode().split("\r\n")
    status = lines[0].split(" ")[1:2]  # "NATS/1.0 503"
    headers = {}
    for line in lines[1:]:
        name, colon, text = line.partition(":")
        if colon:
            headers[name.lower()] = text.strip()
    return Message(words[1], words[3] if has_reply else "", headers, int(status[0]) if status else 0, data[head_len:])
