"""Keeps what e-mail and SMS would have delivered, for people to read.

One JSON object a line, oldest first. A line is whole or not there: it is written at once, and one
that a crash cut off is removed before the next is written. The lock is shared with the reader,
who may empty the file.
"""

import contextlib
import datetime
import fcntl
import json
import logging
import os

import alarms

# Size at which the older half of the deliveries is forgotten.
LIMIT = 8 * 1024 * 1024

# Subject that SNS gives an e-mail whose message has none.
NO_SUBJECT = "AWS Notification Message"


class Inbox:
    """The deliveries in a file."""

    def __init__(self, path):
        self._path = path

    def add(self, protocol, endpoint, topic_arn, message_id, subject, message):
        """Appends a delivery."""
        at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        delivery = {
            "at": f"{at}Z",
            "protocol": protocol,
            "endpoint": endpoint,
            "topic_arn": topic_arn,
            "message_id": message_id,
            "subject": subject,
            "message": message,
        }
        line = json.dumps(delivery).encode() + b"\n"
        with self._locked():
            self._make_room()
            with open(self._path, "ab", buffering=0) as file:
                file.write(line)

    def empty(self):
        """Forgets every delivery."""
        with self._locked(), contextlib.suppress(FileNotFoundError):
            os.remove(self._path)

    @contextlib.contextmanager
    def _locked(self):
        with open(f"{self._path}.lock", "ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make_room(self):
        """Removes half a line at the end, and the older half of what is too much."""
        try:
            with open(self._path, "rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(size - 1, 0))
                if size <= LIMIT and file.read() in (b"", b"\n"):
                    return
                file.seek(0)
                whole = b"".join(file.read().rpartition(b"\n")[:2])
        except FileNotFoundError:
            return
        if len(whole) > LIMIT:
            whole = whole[-LIMIT // 2 :].partition(b"\n")[2]
        replacement = f"{self._path}.new"
        with open(replacement, "wb") as new:
            new.write(whole)
        os.replace(replacement, self._path)

    def deliver(self, *delivery):
        """Appends a delivery; one that cannot be written is told in the log."""
        try:
            self.add(*delivery)
        except OSError:
            logging.getLogger("inbox").exception("a delivery is lost")


def fan_out(fanout, engine):
    """Publishes to a topic, for an alarm if the topic's policy lets it, and records what people would get."""
    sns, deliver = engine.sns, engine.inbox.deliver

    def fanout_recording(
        topic_arn, msg_id, message, subject, message_structure="", message_attributes=None, **fifo
    ):
        if alarms.acting.get():
            message = alarms.publication(engine, topic_arn, message, subject)
            message_structure = "json"
            if message is None:
                return
        fanout(topic_arn, msg_id, message, subject, message_structure, message_attributes, **fifo)
        attributes = message_attributes or {}
        topic = sns._topic_by_arn_any_scope(topic_arn) or {"subscriptions": []}
        for subscription in topic["subscriptions"]:
            protocol = subscription["protocol"]
            if protocol not in ("email", "email-json", "sms") or not subscription["confirmed"]:
                continue
            text = sns._resolve_message_for_protocol(message, message_structure, protocol)
            if not sns._matches_filter_policy(subscription, attributes, text):
                continue
            if protocol == "email-json":
                text = sns._build_envelope(topic_arn, msg_id, text, subject, attributes, False)
            heading = None if protocol == "sms" else subject or NO_SUBJECT
            deliver(protocol, subscription["endpoint"], topic_arn, msg_id, heading, text)

    return fanout_recording


def publish(publish_unrecorded, engine):
    """Records what is published to a telephone number."""
    sns = engine.sns

    def publish_recording(params):
        answer = publish_unrecorded(params)
        phone, topic = (sns._p(params, name) for name in ("PhoneNumber", "TopicArn"))
        if answer[0] == 200 and phone and not topic and not sns._p(params, "TargetArn"):
            message_id = answer[2].partition(b"<MessageId>")[2].partition(b"<")[0].decode()
            message, structure = (sns._p(params, name) for name in ("Message", "MessageStructure"))
            text = sns._resolve_message_for_protocol(message, structure, "sms")
            engine.inbox.deliver("sms", phone, None, message_id, None, text)
        return answer

    return publish_recording
