"""Answers what functions ask for most on a shorter way: items of tables, and messages for queues.

The engine's own way passes each request through the routing of two hundred services. What is asked
for here has one form (the JSON protocol, signed headers), is authenticated and authorized as there,
by the engine's own policies, and is carried out by the engine's own functions. A request that
differs in anything, or that would be refused, takes the engine's way.
"""

import base64
import email.utils
import functools
import json
import random
import time
import uuid
import zlib

import front

# Operations on one table, each with the action of its name.
TABLE = ("DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")

# Operations that put messages into a queue.
QUEUE = ("SendMessage", "SendMessageBatch")

# Headers with which a request is more than its body.
SPECIAL = {b"content-encoding", b"transfer-encoding", b"x-amz-content-sha256"}

# The condition key of a queue's policy that has the same value for all requests.
CONSTANT = "aws:securetransport"

# What the engine says in each answer, besides what changes.
HEADERS = (
    b"Access-Control-Allow-Origin: *\r\n"
    b"Access-Control-Allow-Methods: GET, POST, PUT, DELETE, HEAD, OPTIONS, PATCH\r\n"
    b"Access-Control-Allow-Headers: *\r\n"
    b"Access-Control-Expose-Headers: *\r\n"
)


class Shortcut:
    """Answers requests, or says that the engine shall."""

    def __init__(self, engine, services, signatures, note_change, log):
        self._engine = engine
        self._evaluator, self._actions = services["evaluator"], services["actions"]
        self._dynamodb, self._sqs = services["dynamodb"], services["sqs"]
        self._signatures = signatures
        self._note_change = note_change
        self._log = log
        self._operations = {
            b"DynamoDB_20120810." + name.encode(): ("dynamodb", "TableName", self._on_table(name)) for name in TABLE
        } | {
            b"AmazonSQS." + name.encode(): ("sqs", "QueueUrl", self._on_queue(name)) for name in QUEUE
        }

    def answer(self, head, body, client):
        """Returns the whole answer to a request; None when the engine shall give it."""
        fields = head.fields
        target = fields.get(b"x-amz-target")
        operation = self._operations.get(target)
        if operation is None or not self._is_plain(head):
            return None
        service, member, carry_out = operation
        caller = self._signatures.caller(fields, body, service, client)
        if caller is None:
            return None
        try:
            request = json.loads(body)
            names = request.get(member), request.get("IndexName")
        except (ValueError, AttributeError):
            return None
        if not all(isinstance(name, (str, type(None))) for name in names) or not names[0]:
            return None
        asked = target, names
        if asked not in caller.may:
            caller.may[asked] = caller.context.run(self._evaluate, caller, service, fields, body)
        if not caller.may[asked]:
            return None
        try:
            status, headers, text = caller.context.run(carry_out, request)
        except Exception as error:
            self._log.exception("%s failed", target.decode())
            text = json.dumps({"__type": "InternalError", "message": str(error)}).encode()
            status, headers = 500, {"Content-Type": "application/json"}
        # Not before: state that is saved between the two would lack what is answered for.
        self._note_change()
        self._engine.fix_error_content_type(service, status, headers)
        return answer(status, headers, text)

    def _is_plain(self, head):
        return (
            head.target == b"/"
            and head.method == b"POST"
            and head.version == "1.1"
            and len(head.fields) == len(head.headers)
            and SPECIAL.isdisjoint(head.fields)
            and head.keeps_alive()
            and not self._engine._get_reset_lock().locked()
            and not getattr(self._engine._loaded_modules.get("cloudtrail"), "_recording_enabled", False)
        )

    def _evaluate(self, caller, service, fields, body):
        """Says whether policies without conditions on the request allow what is asked for."""
        evaluator = self._evaluator
        key, region, account = caller.claim.access_key, caller.claim.region, caller.credential.account_id
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in fields.items()}
        asked = (service, "POST", "/", headers, body, {})
        action = self._actions.extract_iam_action(*asked)
        arn = self._actions.extract_resource_arn(*asked, region, account)
        principal = evaluator.resolve_principal(key, account, caller.credential)
        if action is None or isinstance(principal, evaluator.AuthError) or principal.policies is None:
            return False
        if condition_keys([*principal.policies, *[it for limit in principal.limits for it in limit]]):
            return False
        policy = evaluator._resource_policy(service, arn)
        if policy and policy[0]:
            if condition_keys([evaluator.parse_policy_document(policy[0])]) - {CONSTANT}:
                return False
        return evaluator.enforce(key, action, service, region, resource_arn=arn) is None

    def _on_table(self, name):
        dynamodb = self._dynamodb
        # Found by its name each time, as the engine finds it: it may be replaced.
        function = "_" + "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")

        def carry_out(request):
            status, headers, text = getattr(dynamodb, function)(request)
            text = text if isinstance(text, bytes) else text.encode()
            headers["x-amz-crc32"] = str(zlib.crc32(text))
            return status, headers, text

        return carry_out

    def _on_queue(self, name):
        sqs = self._sqs

        def carry_out(request):
            try:
                return sqs._json_ok(sqs._HANDLERS[name](request, request["QueueUrl"]))
            except sqs._Err as error:
                return sqs._json_err_resp(error.code, error.message, error.status)

        return carry_out


def condition_keys(policies):
    """Returns the condition keys that policies name, in lower case."""
    return {
        key.lower()
        for statements in policies
        for statement in statements
        for block in statement.conditions.values()
        for key in (block if isinstance(block, dict) else ("",))
    }


def answer(status, headers, text):
    """Returns an answer as the engine gives it."""
    request_id = str(new_uuid()).encode()
    lines = b"".join(b"%b: %b\r\n" % (name.encode(), str(value).encode()) for name, value in headers.items())
    return b"".join((
        b"HTTP/1.1 %d %b\r\n" % (status, front.REASONS.get(status, b"")),
        lines,
        HEADERS,
        b"x-amzn-requestid: %b\r\nx-amz-request-id: %b\r\nx-amz-id-2: %b\r\n"
        % (request_id, request_id, base64.b64encode(random.randbytes(48))),
        b"Content-Length: %d\r\ndate: %b\r\n\r\n" % (len(text), date(int(time.time()))),
        text,
    ))


def new_uuid():
    """Returns a random UUID of numbers from within the process: asking the system lets another thread in."""
    return uuid.UUID(int=random.getrandbits(128), version=4)


@functools.lru_cache(maxsize=2)
def date(second):
    """Returns a Date header."""
    return email.utils.formatdate(second, usegmt=True).encode()
