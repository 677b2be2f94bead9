"""Saves the engine's state while it runs, and quickly."""

import collections
import copy
import itertools
import json
import pickle
import threading
import time
import types

# Seconds without a request after which changed state is saved.
QUIET = 1.0

# Seconds after which changed state is saved although requests keep coming.
LONGEST_UNSAVED = 60.0

# Time between two saves while requests keep coming, at least, by the time that a save takes: less is
# served meanwhile.
REST_AFTER_SAVING = 20

# Members of a dict or a list that are copied at once, which takes a few milliseconds.
SLICE = 1000

# Levels on which a dict or a list is looked for that has more: in a file, the items of a table are on the
# fourth, and the events of a log stream on the sixth.
LEVELS = 6


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


def copy_quickly(*services):
    """Copies by way of pickle, in a fifth of the time; the engine copies state before it writes it."""
    for service in services:
        service.copy = types.SimpleNamespace(deepcopy=deepcopy)


def deepcopy(value):
    """Returns a copy. Much is copied in slices, between which requests are served."""
    try:
        return in_slices(value) if holds_much(value) else by_pickle(value)
    except (AttributeError, TypeError, pickle.PickleError):
        # Something that pickle does not take, as a lock or a lambda.
        return copy.deepcopy(value)


def by_pickle(value):
    """Returns a copy, at once."""
    return pickle.loads(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))


def in_slices(value):
    """Returns a copy of something that holds much."""
    if isinstance(value, list):
        return [it for part in slices(value) for it in by_pickle(part)]
    if not isinstance(value, dict):
        # One of the engine's dicts by account and Region.
        scoped = type(value)()
        scoped._data = deepcopy(value._data)
        return scoped
    result = collections.defaultdict(value.default_factory) if type(value) is collections.defaultdict else {}
    entries = list(value.items())
    if len(entries) > SLICE:
        for part in slices(entries):
            result.update(by_pickle(part))
    else:
        result.update((key, deepcopy(member)) for key, member in entries)
    return result


def slices(values):
    """Yields a list in parts."""
    return (values[place : place + SLICE] for place in range(0, len(values), SLICE))


def holds_much(value, levels=LEVELS):
    """Says whether something is long, or one of its members is."""
    value = getattr(value, "_data", value)
    if type(value) not in (dict, list, collections.defaultdict):
        return False
    if len(value) > SLICE:
        return True
    members = value if isinstance(value, list) else value.values()
    return levels > 0 and any(holds_much(member, levels - 1) for member in list(members))


def write_quickly(persistence):
    """Encodes in a third of the time what the engine writes; json.dump goes bit by bit through Python."""

    def dump(value, file, default):
        file.writelines(pieces(value, json.JSONEncoder(default=default)))

    persistence.json = types.SimpleNamespace(dump=dump, load=json.load, JSONDecodeError=json.JSONDecodeError)


def pieces(value, encoder):
    """Yields the JSON of something, in pieces between which requests are served."""
    if not holds_much(value):
        yield encoder.encode(value)
    elif isinstance(value, list):
        yield from enclosed("[", ([encoder.encode(it)] for it in value), "]")
    elif isinstance(value, dict):
        is_long = len(value) > SLICE
        yield from enclosed("{", (member(key, it, encoder, is_long) for key, it in value.items()), "}")
    else:
        yield from pieces(encoder.default(value), encoder)


def member(key, value, encoder, is_one_of_many):
    """Returns the pieces of a member of an object."""
    if is_one_of_many:
        return [encoder.encode({key: value})[1:-1]]
    name = encoder.encode({key: None}).removeprefix("{").removesuffix("null}")
    return itertools.chain([name], pieces(value, encoder))


def enclosed(begin, members, end):
    """Yields the pieces of members between brackets, with commas."""
    yield begin
    for number, it in enumerate(members):
        if number:
            yield ", "
        yield from it
    yield end
