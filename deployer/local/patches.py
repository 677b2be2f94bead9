"""Puts pipectl's replacements into the engine, each over the very source that it was written for.

The table, `patches.json`, is in the order in which they are put. An entry names the place, the digest
of the source that stands there in the pinned engine, the function that makes the replacement, when it
applies, the gap it closes, why, and the test that holds it.
"""

import hashlib
import importlib
import inspect
import json
import pathlib

TABLE = json.loads(pathlib.Path(__file__).with_name("patches.json").read_text(encoding="utf-8"))


def place(target):
    """Returns what holds a replaced name, and its last part: `module:attribute/key`."""
    module, _, path = target.partition(":")
    holder = importlib.import_module(module)
    *way, last = path.split("/")
    for name in way:
        holder = get(holder, name)
    return holder, last


def get(holder, name):
    """Returns an entry of a mapping, or an attribute of anything else."""
    return holder[name] if isinstance(holder, dict) else getattr(holder, name)


def fault(patch):
    """Says why an entry does not fit the engine; nothing for one that fits."""
    try:
        source = inspect.getsource(get(*place(patch["target"])))
    except (ImportError, AttributeError, KeyError, OSError, TypeError) as error:
        return f"is not there ({type(error).__name__}: {error})"
    found = hashlib.sha256(source.encode()).hexdigest()
    return "" if found == patch["sha256"] else f"has another source, of SHA-256 {found}"


def faults(table):
    """Returns a line for every entry that cannot be put, and for every name that is patched twice."""
    lines = [f"{it['target']}: {problem}" for it in table if (problem := fault(it))]
    targets = [it["target"] for it in table]
    twice = sorted({target for target in targets if targets.count(target) > 1})
    return lines + [f"{target}: is patched twice" for target in twice]


def put(table, modes, engine):
    """Puts the replacements that apply in these modes, in the order of the table."""
    for patch in table:
        if patch["when"] in modes:
            holder, name = place(patch["target"])
            module, _, maker = patch["replacement"].partition(":")
            replacement = getattr(importlib.import_module(module), maker)(get(holder, name), engine)
            if isinstance(holder, dict):
                holder[name] = replacement
            else:
                setattr(holder, name, replacement)
