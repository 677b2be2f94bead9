"""Takes messages for functions from long queues without going through all of them.

The engine goes through a queue several times for each batch of ten messages, and once more to
delete them. A file of 100,000 records would take it a quarter of an hour of that alone.
"""

import json
import time

# Seconds between two looks at every message of a queue: for those that are too old, and for those
# that were received too often. One that was received too often is seen in any case before it is received
# again; one that is too old may be received until the next look.
SWEEP = 1.0

# Time between two such looks, at least, by the time that one takes.
REST_AFTER_SWEEP = 200


class Taking:
    """Receives and deletes for event source mappings, from the head of a queue."""

    def __init__(self, sqs, clock=time.time):
        self._sqs = sqs
        self._clock = clock
        self._next_sweep = {}
        self._receive_in_groups = sqs._receive_messages_for_esm
        sqs._receive_messages_for_esm = self.receive
        sqs._delete_messages_for_esm = self.delete

    def receive(self, url, number):
        """Takes up to ten messages, oldest first."""
        sqs = self._sqs
        with sqs._queues_lock:
            queue = sqs._get_q(url)
        if queue["is_fifo"]:
            return self._receive_in_groups(url, number)
        with sqs._queues_lock:
            now = self._clock()
            if now >= self._next_sweep.get(url, 0.0):
                sqs._expire_retained(queue)
                sqs._dlq_sweep(queue)
                self._next_sweep[url] = now + max(SWEEP, REST_AFTER_SWEEP * (self._clock() - now))
            wanted = min(int(number or 1), 10)
            taken, is_spent = self._head(queue, wanted, now)
            if is_spent:
                sqs._dlq_sweep(queue)
                taken, _ = self._head(queue, wanted, now)
            hidden = int(queue["attributes"].get("VisibilityTimeout", "30"))
            only = {**queue, "messages": taken}
            return sqs._collect_msgs(only, wanted, hidden)

    def _head(self, queue, wanted, now):
        """Returns the first visible messages, and whether one of them was received too often."""
        limit = receive_limit(queue)
        taken = []
        for message in queue["messages"]:
            if message["visible_at"] > now:
                continue
            if limit and message.get("receive_count", 0) >= limit:
                return taken, True
            taken.append(message)
            if len(taken) == wanted:
                break
        return taken, False

    def delete(self, url, receipt_handles):
        """Deletes messages, which stand near the head."""
        sqs = self._sqs
        handles = set(receipt_handles)
        with sqs._queues_lock:
            messages = sqs._get_q(url)["messages"]
            end, kept = 0, []
            for message in messages:
                if not handles:
                    break
                end += 1
                handle = message.get("receipt_handle")
                if handle in handles:
                    handles.discard(handle)
                else:
                    kept.append(message)
            # All that stand behind are moved once.
            messages[:end] = kept


def receive_limit(queue):
    """Returns the maxReceiveCount of a queue that has one."""
    try:
        return int(json.loads(queue["attributes"]["RedrivePolicy"])["maxReceiveCount"])
    except (KeyError, TypeError, ValueError):
        return 0
