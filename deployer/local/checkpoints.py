"""Saves the engine's state while it runs."""

import threading
import time

# Seconds without a request after which changed state is saved.
QUIET = 1.0

# Seconds after which changed state is saved although requests keep coming.
LONGEST_UNSAVED = 60.0


class Checkpoints:
    """Saves the engine's state while it runs.

    The engine saves when it is stopped only. A machine that is switched off, or a process that is
    killed, would lose the stacks.
    """

    def __init__(self, collect):
        self._collect = collect
        self._save = lambda services: None
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._last_request = 0.0

    def alone(self, save):
        """Returns what saves while nothing else does: two at once would write the same temporary files."""

        def save_alone(services):
            with self._lock:
                save(services)

        self._save = save_alone
        return save_alone

    def noting(self, app):
        """Returns the application that takes note of requests."""

        async def app_noting(scope, receive, send):
            await app(scope, receive, send)
            if scope["type"] == "http" and scope["path"] != "/_ministack/health":
                self.note_change()

        return app_noting

    def note_change(self):
        """Takes note of something to save."""
        self._last_request = time.monotonic()
        self._changed.set()

    def run(self):
        """Saves again and again, for ever."""
        while True:
            self._changed.wait()
            latest = time.monotonic() + LONGEST_UNSAVED
            while time.monotonic() < min(self._last_request + QUIET, latest):
                time.sleep(QUIET / 10)
            self._changed.clear()
            self._save(self._collect())


def save_alone(save, engine):
    """Saves one at a time, when it is stopped too."""
    return engine.saving.alone(save)
