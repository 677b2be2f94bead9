"""Hands events to functions, and says what an invocation took.

The engine reads a function's requests with a server that sends an answer's head and body apart, so
that each invocation waits 40 ms for an acknowledgement, and then waits for lines that might still be
logged. On request, a function gets no more CPU than its memory size gives it in Lambda.
"""

import array
import contextvars
import fcntl
import json
import logging
import os
import queue
import select
import signal
import socketserver
import termios
import threading
import time

# Seconds in each of which a function gets its share of CPU.
PERIOD = 0.020

# Memory size, MB, at which a function has one core.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html (read 2026-11-23)
ONE_CORE = 1769

# Seconds between two looks at a function that runs under a quota.
LOOK = 0.0005

# Seconds for which lines that nobody asked for stay in a pipe, which holds 64 KiB.
LINGER = 0.01

# Header by which an invocation asks for the quota.
QUOTA = "x-pipectl-cpu-quota"

# What the invocation that is being served has asked for.
wants_quota = contextvars.ContextVar("wants_quota", default=False)
wants_report = contextvars.ContextVar("wants_report", default=False)

log = logging.getLogger("invocations")


def runtime_api(worker, generation, pending, find_result):
    """Returns the handler of the requests that a function's runtime makes.

    It follows the engine's own handler, and reads no more of a request than it needs.
    """

    class RuntimeApi(socketserver.StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self):
            is_open = True
            while is_open and (line := self.rfile.readline(65537)):
                method, path, version = line.decode("latin-1").split(" ", 2)
                headers = self._read_headers()
                # Some clients read an answer to the end of the connection.
                wish = headers.get(b"connection", b"").lower()
                is_open = b"close" not in wish and (b"keep-alive" in wish or "1.1" in version)
                body = self._read_body(headers)
                if method == "GET":
                    self._next(path)
                else:
                    self._take(path, body)

        def _read_headers(self):
            headers = {}
            while (line := self.rfile.readline(65537)) not in (b"\r\n", b"\n", b""):
                name, _, value = line.partition(b":")
                headers[name.lower()] = value.strip()
            return headers

        def _read_body(self, headers):
            if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
                chunks = []
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    chunks.append(self.rfile.read(size))
                    self.rfile.readline()
                while self.rfile.readline() not in (b"\r\n", b"\n", b""):
                    pass
                return b"".join(chunks)
            length = int(headers.get(b"content-length", 0))
            return self.rfile.read(length) if length else b""

        def _answer(self, status, body=b"", headers=()):
            lines = [f"HTTP/1.1 {status} -", f"Content-Length: {len(body)}"]
            lines += [f"{name}: {value}" for name, value in headers]
            if body:
                lines.append("Content-Type: application/json")
            self.wfile.write("\r\n".join([*lines, "", ""]).encode() + body)

        def _next(self, path):
            if "/runtime/invocation/next" not in path:
                return self._answer(404)
            stopped = b'{"errorMessage":"execution environment stopped"}'
            if not worker._mark_first_poll(generation):
                return self._answer(500, stopped)
            while True:
                if worker._stopping or generation != worker._generation:
                    return self._answer(500, stopped)
                try:
                    request_id, event, deadline_ms, trace_id, arn = pending.get(timeout=0.5)
                    break
                except queue.Empty:
                    continue
            headers = [
                ("Lambda-Runtime-Aws-Request-Id", request_id),
                ("Lambda-Runtime-Deadline-Ms", deadline_ms),
                ("Lambda-Runtime-Invoked-Function-Arn", arn),
            ]
            if trace_id:
                headers.append(("Lambda-Runtime-Trace-Id", trace_id))
            return self._answer(200, json.dumps(event).encode(), headers)

        def _take(self, path, body):
            try:
                answer = json.loads(body)
            except ValueError:
                answer = body.decode("utf-8", errors="replace")
            if "/runtime/init/error" in path:
                worker._record_init_error(generation, answer)
                return self._answer(202)
            found = find_result(path)
            if not found:
                return self._answer(404)
            if not worker._record_result(generation, found[1], found[2], answer):
                error = {"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"}
                return self._answer(400, json.dumps(error).encode())
            return self._answer(202)

    return RuntimeApi


class Output:
    """The lines that a function writes.

    What it wrote before its answer is in the pipe when the answer comes: it is read then, by whoever
    wants it. Otherwise lines lie in the pipe for a moment, or each would cost a change of threads.
    """

    def __init__(self, stream, lines):
        self._stream = stream
        self._lines = lines
        self._rest = b""
        self._lock = threading.Lock()

    def pump(self):
        """Reads lines until the function ends."""
        try:
            poller = select.poll()
            poller.register(self._stream.fileno(), select.POLLIN)
            is_open = True
            while is_open and poller.poll():
                time.sleep(LINGER)
                # Read and kept in one go, so that an empty pipe means that all is kept.
                with self._lock:
                    if poller.poll(0):
                        is_open = self._read()
        except (OSError, ValueError):
            pass
        finally:
            with self._lock:
                if self._rest:
                    self._keep(b"\n")
                self._stream.close()

    def gather(self):
        """Keeps all that is in the pipe."""
        waiting = array.array("i", [0])
        with self._lock:
            try:
                while not fcntl.ioctl(self._stream.fileno(), termios.FIONREAD, waiting) and waiting[0]:
                    self._read()
            except (OSError, ValueError):
                # The pump has come to the end, and has kept all.
                return

    def _read(self):
        chunk = os.read(self._stream.fileno(), 65536)
        self._keep(chunk)
        return bool(chunk)

    def _keep(self, chunk):
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            text = line.decode("utf-8", errors="replace").rstrip("\r")
            try:
                self._lines.put_nowait(text)
            except queue.Full:
                # The oldest goes; waiting would stop the function.
                self._lines.get_nowait()
                self._lines.put_nowait(text)


def hasten(runtime):
    """Replaces how the engine talks to native functions, and listens to them."""
    worker_class = runtime.ProvidedWorker
    find_result = runtime._INVOCATION_RESULT_RE.search

    def build_handler(worker, generation, pending):
        return runtime_api(worker, generation, pending, find_result)

    def pump_output(worker, stream, lines):
        worker.output = Output(stream, lines)
        worker.output.pump()

    take_lines = worker_class._drain_stderr

    def drain(worker, **_):
        output = getattr(worker, "output", None)
        if output:
            output.gather()
        return take_lines(worker)

    worker_class._build_handler_class = build_handler
    worker_class._pump_output = pump_output
    worker_class._drain_stderr = worker_class._drain_stderr_bounded = drain


class Crew:
    """Threads that carry out one task after the other; one more is started when all are at work."""

    def __init__(self):
        self._tasks = queue.SimpleQueue()
        self._idle = 0
        self._lock = threading.Lock()

    def carry_out(self, task):
        """Leaves a task to a thread, which works in a copy of this one's context."""
        self._tasks.put((contextvars.copy_context(), task))
        with self._lock:
            self._idle -= 1
            is_short = self._idle < 0
            self._idle += is_short
        if is_short:
            threading.Thread(target=self._work, name="crew", daemon=True).start()

    def _work(self):
        while True:
            context, task = self._tasks.get()
            try:
                context.run(task)
            except Exception:
                log.exception("a task failed")
            with self._lock:
                self._idle += 1


def keep_threads(functions):
    """Lets a few threads invoke functions for event source mappings; the engine starts one for each batch."""
    crew = Crew()
    functions.spawn_background = lambda task, thread_name: crew.carry_out(task)


class Quota:
    """Stops a process whenever it has used up its share of CPU, until the period ends.

    A debt is carried on, so that the share is kept on the whole.
    """

    def __init__(self, pid, cores):
        self._pid = pid
        self._cores = cores
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="quota", daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()

    def _run(self):
        budget, used = 0.0, cpu_seconds(self._pid)
        period = time.monotonic()
        is_stopped = False
        try:
            budget = PERIOD * self._cores
            while not self._ended.wait(LOOK):
                now, using = time.monotonic(), cpu_seconds(self._pid)
                budget -= using - used
                used = using
                periods = int((now - period) / PERIOD)
                if periods:
                    period += periods * PERIOD
                    budget = min(budget + periods * PERIOD * self._cores, PERIOD * self._cores)
                if is_stopped != (budget <= 0):
                    is_stopped = not is_stopped
                    os.kill(self._pid, signal.SIGSTOP if is_stopped else signal.SIGCONT)
        except OSError:
            # The process has ended.
            return
        finally:
            if is_stopped:
                try:
                    os.kill(self._pid, signal.SIGCONT)
                except OSError:
                    pass


def cpu_seconds(pid):
    """Returns the time that the threads of a process have run."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        except (OSError, IndexError):
            # It ended meanwhile.
            continue
    return total / 1e9


def memory_used(pid):
    """Returns the most memory that a process had, MB; 0 when it cannot be known."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            peak = next(line for line in file if line.startswith("VmHWM:"))
        return -(-int(peak.split()[1]) // 1024)
    except (OSError, StopIteration):
        return 0


def report_invocations(runtime):
    """Runs invocations under the quota that they ask for, and reports on them as Lambda does.

    The start of a function is left alone: Lambda gives it more CPU than its memory size does.
    """
    worker_class = runtime.ProvidedWorker
    invoke = worker_class.invoke

    def invoke_reporting(worker, event, request_id, **named):
        if not (wants_quota.get() or wants_report.get()):
            return invoke(worker, event, request_id, **named)
        init_ms = start(worker)
        pid = worker._proc.pid if worker._proc else None
        size = int(worker.config.get("MemorySize", 128))
        cores = size / ONE_CORE
        began = time.monotonic()
        if pid and wants_quota.get() and cores < (os.cpu_count() or 1) and os.path.isdir("/proc/self/task"):
            with Quota(pid, cores):
                result = invoke(worker, event, request_id, **named)
        else:
            result = invoke(worker, event, request_id, **named)
        if wants_report.get():
            took_ms = 1000 * (time.monotonic() - began)
            report = report_line(request_id, took_ms, init_ms, size, memory_used(pid) if pid else 0)
            log = result.get("log", "")
            result["log"] = f"{log}\n{report}" if log else report
        return result

    def start(worker):
        """Starts the function if it does not run; returns how many milliseconds that took."""
        if worker._proc is not None and worker._proc.poll() is None:
            return None
        began = time.monotonic()
        try:
            runtime.ensure_spawned(worker)
        except Exception:
            # The invocation meets it again, and says what is wrong.
            return None
        return 1000 * (time.monotonic() - began)

    worker_class.invoke = invoke_reporting


def report_line(request_id, took_ms, init_ms, size, used):
    """Returns the line by which Lambda reports on an invocation; the start is billed, too."""
    billed = -int(-(took_ms + (init_ms or 0.0)) // 1)
    line = (
        f"REPORT RequestId: {request_id}\tDuration: {took_ms:.2f} ms\tBilled Duration: {billed} ms\t"
        f"Memory Size: {size} MB\tMax Memory Used: {used} MB\t"
    )
    return line if init_ms is None else f"{line}Init Duration: {init_ms:.2f} ms\t"


def hear_requests(engine):
    """Takes note of what an invocation asks for, for the thread that carries it out."""
    app = engine.app

    async def app_hearing(scope, receive, send):
        if scope["type"] == "http" and scope["path"].endswith("/invocations"):
            names = {name for name, _ in scope["headers"]}
            wants_quota.set(QUOTA.encode() in names)
            wants_report.set(dict(scope["headers"]).get(b"x-amz-log-type", b"").lower() == b"tail")
        await app(scope, receive, send)

    engine.app = app_hearing
