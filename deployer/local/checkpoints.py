"""Saves the engine's state while it runs."""

import threading
import time

# Seconds without a request after which changed state is saved.
QUIET = 1.0

# Seconds after which changed state is saved although requests keep coming.
LONGEST_UNSAVED = 60.0

# Time between two saves while requests keep coming, at least, by the time that a save takes: less is
# served meanwhile.
REST_AFTER_SAVING = 20


class Checkpoints:
    """Saves the engine's state while it runs.

    The engine saves when it is stopped only. A machine that is switched off, or a process that is
    killed, would lose the stacks.
    """

    def __init__(self, engine):
        self._app = engine.app
        self._collect = engine._build_persistence_save_dict
        self._save = engine.save_all
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._last_request = 0.0
        engine.save_all = self._save_alone

    async def app(self, scope, receive, send):
        """Passes everything on, and takes note of requests."""
        await self._app(scope, receive, send)
        if scope["type"] == "http" and scope["path"] != "/_ministack/health":
            self.note_change()

    def note_change(self):
        """Takes note of something to save."""
        self._last_request = time.monotonic()
        self._changed.set()

    def run(self):
        """Saves again and again, for ever."""
        pause = 0.0
        while True:
            self._changed.wait()
            self._wait_for_quiet(pause)
            self._changed.clear()
            began = time.monotonic()
            self._save_alone(self._collect())
            pause = REST_AFTER_SAVING * (time.monotonic() - began)

    def _wait_for_quiet(self, pause):
        latest = time.monotonic() + max(LONGEST_UNSAVED, pause)
        while time.monotonic() < min(self._last_request + QUIET, latest):
            time.sleep(QUIET / 10)

    def _save_alone(self, services):
        """Two at once would write the same temporary files."""
        with self._lock:
            self._save(services)
