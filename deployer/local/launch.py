"""Runs the local engine inside the environment that pipectl provisioned.

Usage: python -I -X utf8 launch.py LOG_FILE INBOX_FILE
       python -I -X utf8 launch.py --check

The engine's files stay as they were published. What is replaced in memory stands in `patches.json`;
the engine does not start when one entry does not fit, and `--check` says which.
"""

import json
import logging
import logging.handlers
import os
import pathlib
import shutil
import sys
import threading
import types

# Isolated mode leaves this folder out.
sys.path.append(os.path.dirname(os.path.abspath(__file__)))

import checkpoints
import guard
import inbox
import patches
import roles

# Log lines kept: two files of this many bytes.
LOG_BYTES = 8 * 1024 * 1024


def limit_log(path):
    """Sends the log to a file of limited size; the engine adds no handler when the root has one."""
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s [%(name)s] %(message)s", "%Y-%m-%d %H:%M:%S")
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # Sixty lines for each time that state is saved.
    logging.getLogger("persistence").setLevel(logging.WARNING)


def forget_unsaved_buckets(objects, services):
    """Removes the objects of buckets that the saved state does not know.

    Objects are written as they come, all else when it is saved. After a crash, a bucket may be
    left of a stack that is not; the stack could not be created again then, as its bucket exists.
    """
    try:
        state = json.loads((services / "s3.json").read_text(encoding="utf-8"))
        saved = set(state["payload"]["buckets_meta"]["data"])
    except FileNotFoundError:
        saved = set()
    for bucket in objects.glob("[0-9]*/*"):
        if f"{bucket.parent.name}\0{bucket.name!r}" not in saved:
            logging.getLogger("launch").info("forgetting bucket %s, which was not saved", bucket.name)
            shutil.rmtree(bucket)
            versions = objects / ".versions" / bucket.parent.name / bucket.name
            shutil.rmtree(versions, ignore_errors=True)


def take_credentials():
    """Makes the engine's own access key the root user's; functions do not inherit its variables."""
    own = tuple(os.environ.pop(f"PIPECTL_ENGINE_{name}") for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"))
    os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"] = own
    return own, os.environ.pop("PIPECTL_ENGINE_OPEN", "0") == "1"


def parts():
    """Returns the engine's modules under the names that the replacements use."""
    from ministack import app
    from ministack.core import iam_evaluator, responses, sigv4
    from ministack.services import (
        cloudformation,
        cloudwatch,
        cloudwatch_logs,
        dynamodb,
        iam,
        lambda_svc,
        s3,
        sns,
        sqs,
        sts,
    )
    from ministack.services.cloudformation import provisioners

    return types.SimpleNamespace(
        app=app,
        cloudformation=cloudformation,
        cloudwatch=cloudwatch,
        dynamodb=dynamodb,
        evaluator=iam_evaluator,
        functions=lambda_svc,
        logs=cloudwatch_logs,
        provisioners=provisioners,
        responses=responses,
        roles=roles.Roles(iam_evaluator, iam),
        s3=s3,
        scope=responses.request_scope,
        sigv4=sigv4,
        sns=sns,
        sqs=sqs,
        sts=sts,
    )


def check():
    """Writes the entries of the table of replacements with what is wrong with them; fails when one is stale."""
    entries = [{"target": it["target"], "fault": patches.fault(it)} for it in patches.TABLE]
    json.dump(entries, sys.stdout, indent=1)
    sys.exit(1 if patches.faults(patches.TABLE) else 0)


def main():
    """Prepares the process, then runs the engine until it is stopped."""
    if sys.argv[1:] == ["--check"]:
        check()
    # What the engine writes may hold secrets.
    os.umask(0o077)
    own, is_open = take_credentials()
    deliveries = inbox.Inbox(sys.argv.pop())
    limit_log(sys.argv.pop())
    persist = os.environ["PERSIST_STATE"] == "1"
    if persist:
        # Before anything is imported: the engine lists the buckets then.
        objects, services = (pathlib.Path(os.environ[name]) for name in ("S3_DATA_DIR", "STATE_DIR"))
        forget_unsaved_buckets(objects, services)
    else:
        deliveries.empty()
    if faults := patches.faults(patches.TABLE):
        sys.exit(
            "cannot start: the engine is not the one that these changes were made for\n" + "\n".join(faults)
        )
    engine = parts()
    engine.inbox = deliveries
    engine.known = guard.Known(engine.evaluator, engine.sigv4, engine.responses, own, is_open)
    engine.saving = checkpoints.Checkpoints(engine.app._build_persistence_save_dict) if persist else None
    modes = {"always", *(["persist"] if persist else []), *(["enforce"] if engine.app.AUTH else [])}
    patches.put(patches.TABLE, modes, engine)
    if engine.saving:
        threading.Thread(target=engine.saving.run, name="checkpoints", daemon=True).start()
    engine.app.main()


if __name__ == "__main__":
    main()
