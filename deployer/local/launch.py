"""Runs the local engine inside the environment that pipectl provisioned.

Usage: python -I -X utf8 launch.py LOG_FILE

The engine's own modules stay as they were published. What is set here is set from outside,
before the engine is imported, because it reads its settings while it is imported.
"""

import logging
import logging.handlers
import runpy
import socketserver
import sys

# Log lines kept: two files of this many bytes.
LOG_BYTES = 8 * 1024 * 1024


def limit_log(path):
    """Sends the log to a file of limited size; the engine adds no handler when the root has one."""
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8"
    )
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s [%(name)s] %(message)s", "%Y-%m-%d %H:%M:%S")
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def send_without_delay():
    """Turns off Nagle's algorithm for the server that hands events to functions.

    It writes an event's headers and body apart; with a client that delays its acknowledgement,
    each invocation would wait about 40 ms for nothing.
    """
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True


limit_log(sys.argv[1])
send_without_delay()
sys.argv = ["ministack"]
runpy.run_module("ministack", run_name="__main__")
