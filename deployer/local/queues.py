"""Sends batches of messages as SQS does."""

import contextvars

# The system attributes of the messages of the batch that is sent, in their order.
attributes_of_batch: contextvars.ContextVar = contextvars.ContextVar("attributes_of_batch", default=None)


def send_batch_with_attributes(send_batch, engine):
    """Keeps AWSTraceHeader: the engine sends a batch as single messages without their attributes."""

    def send(request, url):
        entries = request.get("Entries", [])
        token = attributes_of_batch.set(iter([it.get("MessageSystemAttributes") for it in entries]))
        try:
            return send_batch(request, url)
        finally:
            attributes_of_batch.reset(token)

    return send


def send_with_attributes(send, engine):
    """Gives a message of a batch its system attributes."""

    def send_message(message, url):
        batch = attributes_of_batch.get()
        if batch is not None:
            message = {**message, "MessageSystemAttributes": next(batch)}
        return send(message, url)

    return send_message


def authorize_batch_as_single(extract, engine):
    """Asks for sqs:SendMessage where a batch is sent, and likewise for the other batches."""

    def extract_action(service, *request):
        action = extract(service, *request)
        return action.removesuffix("Batch") if action and service == "sqs" else action

    return extract_action
