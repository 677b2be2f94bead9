"""Serves HTTP/1.1 in front of the engine.

The engine's own server spends more time on a request than the engine does. Nearly all requests are
small, whole and alike; they are read and answered here. A connection that asks for something else
(WebSocket, HTTP/2) is passed on to the engine's server as it is.
"""

import asyncio
import re
import socket
import urllib.parse

# Longest head of a request, bytes.
LONGEST_HEAD = 256 * 1024

# Seconds that a connection may be idle, as in the engine.
IDLE = 75.0

# Seconds that requests have to end when the engine is stopped, as in the engine.
GRACE = 3.0

# Reason phrases are for people; clients read the number.
REASONS = {200: b"OK", 201: b"Created", 202: b"Accepted", 204: b"No Content", 304: b"Not Modified"}
REASONS |= {400: b"Bad Request", 403: b"Forbidden", 404: b"Not Found", 500: b"Internal Server Error"}

CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})[^\r\n]{0,256}\r\n")


class Malformed(Exception):
    """A request that cannot be read."""


class Head:
    """Request line and headers."""

    __slots__ = ("method", "target", "version", "headers", "fields")

    def __init__(self, head):
        line, *lines = head.split(b"\r\n")
        try:
            self.method, self.target, version = line.split(b" ")
            pairs = [line.split(b":", 1) for line in lines]
            self.headers = [(name.lower(), value.strip()) for name, value in pairs]
        except ValueError as error:
            raise Malformed from error
        if version not in (b"HTTP/1.1", b"HTTP/1.0") or any(name != name.strip() for name, _ in self.headers):
            raise Malformed
        self.version = version[5:].decode()
        self.fields = dict(self.headers)

    def has(self, name, word):
        """Says whether a header names a word among others."""
        return word in self.fields.get(name, b"").lower()

    def keeps_alive(self):
        """Says whether the client will send another request."""
        if self.version == "1.0":
            return self.has(b"connection", b"keep-alive")
        return not self.has(b"connection", b"close")

    def length(self):
        """Returns the length of the body; None when it comes in chunks."""
        lengths = {value for name, value in self.headers if name == b"content-length"}
        if b"transfer-encoding" in self.fields:
            if lengths or self.fields[b"transfer-encoding"].lower() != b"chunked":
                raise Malformed
            return None
        if not lengths:
            return 0
        length = lengths.pop()
        if lengths or not length.isdigit():
            raise Malformed
        return int(length)

    def scope(self, client, server):
        """Returns what the engine is told of the request."""
        path, _, query = self.target.partition(b"?")
        if not path.startswith(b"/"):
            # An absolute target, as a proxy sends it, and the * of OPTIONS.
            path = urllib.parse.urlsplit(path).path or b"/"
        return {
            "type": "http",
            "asgi": {"spec_version": "2.3", "version": "3.0"},
            "http_version": self.version,
            "method": self.method.decode("latin-1").upper(),
            "scheme": "http",
            "path": urllib.parse.unquote(path.decode("latin-1")),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": self.headers,
            "client": client,
            "server": server,
            "extensions": {},
            "state": {},
        }


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, front):
        self._front = front
        self._transport = None
        self._buffer = bytearray()
        self._head = None
        self._length = None
        self._chunks = None
        self.task = None
        self._relay = None
        self._gone = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._idle = None
        self._idle_since = None

    # What the loop calls.

    def connection_made(self, transport):
        self._transport = transport
        self._front.connections.add(self)
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client = transport.get_extra_info("peername")[:2]
        self._server = transport.get_extra_info("sockname")[:2]
        self._wait()

    def connection_lost(self, error):
        self._front.connections.discard(self)
        self._gone.set()
        self._writable.set()
        if self._idle:
            self._idle.cancel()
        if self._relay:
            self._relay.close()

    def pause_writing(self):
        self._writable.clear()

    def resume_writing(self):
        self._writable.set()

    def data_received(self, data):
        if self._relay:
            self._relay.write(data)
            return
        self._buffer += data
        if self.task is None:
            self._advance()

    def close(self):
        """Ends the connection."""
        if self._transport:
            self._transport.close()

    # Idle connections.

    def _wait(self):
        """Takes note of when the connection became idle; one timer looks after it, however busy it was."""
        self._idle_since = self._front.loop.time()
        if self._idle is None:
            self._idle = self._front.loop.call_at(self._idle_since + IDLE, self._close_if_idle)

    def _close_if_idle(self):
        self._idle = None
        if self._idle_since is None:
            return
        end = self._idle_since + IDLE
        if end > self._front.loop.time():
            self._idle = self._front.loop.call_at(end, self._close_if_idle)
        else:
            self.close()

    # Reading.

    def _advance(self):
        while self.task is None and (request := self._read_request()):
            head, body = request
            answer = self._front.shortcut(head, body, self._client[0]) if self._writable.is_set() else None
            if answer is None:
                self.task = self._front.loop.create_task(self._answer(head, body))
            else:
                self._transport.write(answer)
                self._wait()

    def _read_request(self):
        """Returns the head and the body of the next request; None while it has not come."""
        try:
            if self._head is None and not self._read_head():
                return None
            body = self._read_body()
        except Malformed:
            self._transport.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.close()
            return None
        if body is None:
            return None
        head, self._head, self._chunks = self._head, None, None
        return head, body

    def _read_head(self):
        # Empty lines before a request are to be ignored.
        while self._buffer.startswith(b"\r\n"):
            del self._buffer[:2]
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > LONGEST_HEAD:
                raise Malformed
            return False
        if self._buffer.startswith(b"PRI * HTTP/2.0"):
            self._pass_on()
            return False
        head = Head(bytes(self._buffer[:end]))
        if head.has(b"connection", b"upgrade") and b"upgrade" in head.fields:
            self._pass_on()
            return False
        del self._buffer[: end + 4]
        self._idle_since = None
        self._head, self._length = head, head.length()
        self._chunks = [] if self._length is None else None
        if head.has(b"expect", b"100-continue"):
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _read_body(self):
        if self._length is not None:
            if len(self._buffer) < self._length:
                return None
            body = bytes(self._buffer[: self._length])
            del self._buffer[: self._length]
            return body
        return self._read_chunks()

    def _read_chunks(self):
        while True:
            line = CHUNK.match(self._buffer)
            if not line:
                if self._buffer.find(b"\r\n") >= 0 or len(self._buffer) > 512:
                    raise Malformed
                return None
            size = int(line[1], 16)
            if size == 0:
                end = self._buffer.find(b"\r\n\r\n", line.end() - 2)
                if end < 0:
                    return None
                del self._buffer[: end + 4]
                return b"".join(self._chunks)
            end = line.end() + size
            if len(self._buffer) < end + 2:
                return None
            self._chunks.append(bytes(self._buffer[line.end() : end]))
            del self._buffer[: end + 2]

    # Answering.

    async def _answer(self, head, body):
        answer = Answer(self, head)
        asked = False

        async def receive():
            nonlocal asked
            if not asked:
                asked = True
                return {"type": "http.request", "body": body, "more_body": False}
            await self._gone.wait()
            return {"type": "http.disconnect"}

        try:
            await self._front.app(head.scope(self._client, self._server), receive, answer.send)
        except Exception:
            self._front.log.exception("a request failed")
        finally:
            is_good = answer.finish() and head.keeps_alive()
            self.task = None
            if is_good and not self._gone.is_set():
                self._wait()
                if self._buffer:
                    self._advance()
            else:
                self.close()

    async def write(self, data):
        """Writes to the client; waits while it does not read."""
        if not self._gone.is_set():
            self._transport.write(data)
        if not self._writable.is_set():
            await self._writable.wait()

    def write_now(self, data):
        """Writes what is little."""
        if not self._gone.is_set():
            self._transport.write(data)

    # Other protocols.

    def _pass_on(self):
        self._idle_since = None
        self._relay = Relay(self._transport, bytes(self._buffer))
        self._buffer.clear()
        self._relay.task = self._front.loop.create_task(self._relay.open(self._front.engine))


class Relay:
    """Carries the bytes of a connection to the engine's own server and back."""

    def __init__(self, client, first):
        self._client = client
        self._waiting = first
        self._writer = None
        self.task = None

    async def open(self, address):
        """Connects, and carries what comes back."""
        try:
            reader, self._writer = await asyncio.open_connection(*address)
            self.write(b"")
            while data := await reader.read(65536):
                self._client.write(data)
        except OSError:
            pass
        finally:
            self._client.close()
            self.close()

    def write(self, data):
        """Carries bytes to the engine's server."""
        self._waiting += data
        if self._writer:
            self._writer.write(self._waiting)
            self._waiting = b""

    def close(self):
        """Ends the connection to the engine's server."""
        if self._writer:
            self._writer.close()


class Answer:
    """The answer to one request, as the engine gives it piece by piece."""

    def __init__(self, connection, head):
        self._connection = connection
        self._head = head
        self._start = None
        self._is_chunked = False
        self._has_body = True
        self._has_begun = False
        self._is_done = False

    async def send(self, message):
        """Takes a piece."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] != "http.response.body" or self._is_done:
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        head = self._begin(body, more) if self._start else b""
        if not self._has_body:
            body = b""
        elif self._is_chunked:
            body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + (b"" if more else b"0\r\n\r\n")
        self._is_done = not more
        await self._connection.write(head + body)

    def _begin(self, body, more):
        start, self._start = self._start, None
        self._has_begun = True
        status, headers = start["status"], start.get("headers", [])
        names = {name.lower() for name, _ in headers}
        self._has_body = self._head.method != b"HEAD" and status not in (204, 304)
        lines = [b"HTTP/1.1 %d %b" % (status, REASONS.get(status, b""))]
        lines += [b"%b: %b" % (bytes(name), bytes(value)) for name, value in headers]
        if b"content-length" not in names and status not in (204, 304):
            if not more:
                lines.append(b"content-length: %d" % len(body))
            elif self._head.version == "1.1" and b"transfer-encoding" not in names:
                self._is_chunked = self._has_body
                lines.append(b"transfer-encoding: chunked")
        if not self._head.keeps_alive():
            lines.append(b"connection: close")
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def finish(self):
        """Says whether the client has a whole answer; gives one when the engine gave none at all."""
        if not self._has_begun:
            self._connection.write_now(b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n")
        return self._is_done


class Front:
    """Listens, once the engine is ready, where the engine would."""

    def __init__(self, app, log, shortcut):
        self.app = app
        self.log = log
        self.shortcut = shortcut
        self.loop = None
        self.engine = None
        self.connections = set()
        self._servers = []

    async def serve(self, serve_engine, config):
        """Runs the engine's server on a port of its own, and this one on the engine's."""
        self.loop = asyncio.get_running_loop()
        for address in config.bind:
            host, _, port = address.rpartition(":")
            server = await self.loop.create_server(
                lambda: Connection(self), host, int(port), start_serving=False, backlog=1024
            )
            self._servers.append(server)
        behind = socket.create_server(("127.0.0.1", 0))
        self.engine = behind.getsockname()
        config.bind = [f"fd://{behind.detach()}"]
        await serve_engine(self._with_life, config)

    async def _with_life(self, scope, receive, send):
        async def receive_and_stop():
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self._stop()
            return message

        async def send_and_start(message):
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                for server in self._servers:
                    await server.start_serving()

        if scope["type"] == "lifespan":
            await self.app(scope, receive_and_stop, send_and_start)
        else:
            await self.app(scope, receive, send)

    async def _stop(self):
        """Takes no more requests, and lets those end that are being answered: what they did is saved."""
        for server in self._servers:
            server.close()
        tasks = [connection.task for connection in self.connections if connection.task]
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE)
        for connection in list(self.connections):
            connection.close()


def stand_before(server, log, shortcut=lambda head, body, client: None):
    """Lets the engine be served from here. Its TLS is left to its own server.

    `shortcut` takes the head and the body of a request and the client's address, and returns the whole
    answer at once, or None when the engine shall give it.
    """
    serve_engine = server.serve

    async def serve(app, config):
        if config.certfile:
            await serve_engine(app, config)
        else:
            await Front(app, log, shortcut).serve(serve_engine, config)

    server.serve = serve
