"""Runs the local engine inside the environment that pipectl provisioned.

Usage: python -I -X utf8 launch.py LOG_FILE INBOX_FILE

The engine's files stay as they were published. What a user would notice missing is added here and
in the modules beside this file, in memory; each addition names its reason. The engine's version is pinned, so what is replaced
here has the shape that is expected.
"""

import asyncio
import contextvars
import json
import logging
import logging.handlers
import os
import pathlib
import shutil
import sys
import threading
import time

# Isolated mode leaves this folder out.
sys.path.append(os.path.dirname(os.path.abspath(__file__)))

import alarms
import checkpoints
import guard
import inbox
import invocations
import queues
import roles

# Log lines kept: two files of this many bytes.
LOG_BYTES = 8 * 1024 * 1024

# Seconds between two tries of an event whose function is throttled, at most.
LONGEST_THROTTLE_PAUSE = 0.25


def limit_log(path):
    """Sends the log to a file of limited size; the engine adds no handler when the root has one."""
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8"
    )
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


def carry_traces_in_batches(sqs):
    """Keeps the system attributes of the messages of a batch: AWSTraceHeader.

    The engine keeps them for single messages, and sends a batch as single messages without them.
    """
    send, send_batch = sqs._act_send_message, sqs._act_send_message_batch
    attributes = contextvars.ContextVar("attributes", default=None)

    def send_with_attributes(message, url):
        batch = attributes.get()
        if batch is not None:
            message = {**message, "MessageSystemAttributes": next(batch)}
        return send(message, url)

    def send_batch_with_attributes(request, url):
        entries = request.get("Entries", [])
        token = attributes.set(iter([entry.get("MessageSystemAttributes") for entry in entries]))
        try:
            return send_batch(request, url)
        finally:
            attributes.reset(token)

    sqs._act_send_message = send_with_attributes
    sqs._HANDLERS["SendMessageBatch"] = send_batch_with_attributes


def count_loopback_as_secure(evaluator):
    """Answers the condition key aws:SecureTransport with true.

    Nothing leaves the machine. Else, policies that refuse calls without TLS, as they should,
    would refuse every call to an engine that enforces policies.
    """
    resolve = evaluator._resolve_condition_key

    def resolve_key(key, context):
        return "true" if key.lower() == "aws:securetransport" else resolve(key, context)

    evaluator._resolve_condition_key = resolve_key


def authorize_batches_as_single(actions):
    """Asks for sqs:SendMessage where a batch is sent, and likewise for the other batches.

    SQS has no actions of its own for batches, so no policy names one.
    """
    extract = actions.extract_iam_action

    def extract_action(service, *request):
        action = extract(service, *request)
        return action.removesuffix("Batch") if action and service == "sqs" else action

    actions.extract_iam_action = extract_action


def refuse_existing_tables(handlers, tables):
    """Fails the creation of a table under a name that exists, as AWS does.

    The engine would create it anew and lose the items of the one that exists: a table that an
    earlier stack retained.
    """
    handler = handlers["AWS::DynamoDB::Table"]
    create = handler["create"]

    def create_new(logical_id, properties, stack_name):
        name = properties.get("TableName")
        if name and name in tables:
            kind = "AWS::DynamoDB::Table"
            raise ValueError(f"Resource of type '{kind}' with identifier '{name}' already exists.")
        return create(logical_id, properties, stack_name)

    handler["create"] = create_new


def answer_cross_origin_requests(handlers):
    """Gives the CORS configuration of a template's API to the API in the words it reads.

    The engine keeps CloudFormation's names, as AllowOrigins, and looks for the API's, as
    allowOrigins: it would refuse every preflight request.
    """
    handler = handlers["AWS::ApiGatewayV2::Api"]
    create, update = handler["create"], handler["update"]

    def renamed(properties):
        cors = properties.get("CorsConfiguration")
        if not cors:
            return properties
        return properties | {"CorsConfiguration": {key[:1].lower() + key[1:]: cors[key] for key in cors}}

    handler["create"] = lambda logical_id, properties, *rest: create(logical_id, renamed(properties), *rest)
    handler["update"] = lambda physical_id, old, new, *rest, **named: update(
        physical_id, renamed(old), renamed(new), *rest, **named
    )


def reserve_concurrency(handlers, functions):
    """Sets the reserved concurrency of functions that a template declares; the engine drops it."""
    handler = handlers["AWS::Lambda::Function"]
    create, update = handler["create"], handler["update"]

    def reserve(name, properties):
        reserved = properties.get("ReservedConcurrentExecutions")
        functions[name]["concurrency"] = None if reserved is None else int(reserved)

    def create_reserving(logical_id, properties, stack_name):
        result = create(logical_id, properties, stack_name)
        reserve(result[0], properties)
        return result

    def update_reserving(physical_id, old_properties, properties, *rest, **named):
        result = update(physical_id, old_properties, properties, *rest, **named)
        reserve(result[0] if isinstance(result, tuple) else physical_id, properties)
        return result

    handler.update(create=create_reserving, update=update_reserving)


def count_every_invocation(functions):
    """Records the metrics of invocations by queues, buckets, topics, APIs and alarms too.

    The engine records those of the Invoke call; a function that fails on a queue's messages would
    have no errors.
    """
    record, execute = functions._emit_lambda_metrics, functions._execute_function

    def execute_counted(function, event):
        config = function.get("config") or function
        if functions._function_config_scope_mismatch(config):
            # It comes here again, in the function's account and Region.
            return execute(function, event)
        began = time.monotonic()
        result = execute(function, event)
        if not result.get("throttle"):
            milliseconds = 1000 * (time.monotonic() - began)
            record(config.get("FunctionName", "unknown"), milliseconds, bool(result.get("error")), False)
        return result

    def record_throttle(name, duration_ms, error, throttle):
        if throttle:
            record(name, duration_ms, error, throttle)

    functions._execute_function = execute_counted
    functions._emit_lambda_metrics = record_throttle


def keep_throttled_events(functions):
    """Lets an asynchronous event wait while its function is throttled; Lambda keeps it for hours.

    The engine takes a throttle for a failed attempt. A burst of objects would lose the events of
    most of them within seconds.
    """
    execute, invoke = functions._execute_function, functions.invoke_async_with_retry
    is_asynchronous = contextvars.ContextVar("is_asynchronous", default=False)

    def execute_when_free(function, event):
        result = execute(function, event)
        pause = 0.05
        while result.get("throttle") and is_asynchronous.get():
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_THROTTLE_PAUSE)
            result = execute(function, event)
        return result

    def invoke_asynchronously(function, event):
        token = is_asynchronous.set(True)
        try:
            invoke(function, event)
        finally:
            is_asynchronous.reset(token)

    functions._execute_function = execute_when_free
    functions.invoke_async_with_retry = invoke_asynchronously


def watch_while_serving(engine, watch):
    """Runs the watch on the loop that serves requests, from when the saved state is loaded."""
    app = engine.app

    async def app_watching(scope, receive, send):
        watching = []

        async def send_and_start(message):
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                watching.append(asyncio.create_task(watch.run()))

        await app(scope, receive, send_and_start if scope["type"] == "lifespan" else send)
        for task in watching:
            task.cancel()

    engine.app = app_watching


def may_invoke(evaluator, is_enforced):
    """Returns what says whether a function's policy lets an alarm invoke it."""

    def allows(function, function_arn, alarm_arn):
        _, _, _, region, account, _ = alarm_arn.split(":", 5)
        context = evaluator.EvalContext(
            principal_arn="*",
            principal_type="Service",
            principal_account="",
            action="lambda:InvokeFunction",
            resource_arn=function_arn,
            region=region,
            service_context={"aws:sourcearn": alarm_arn, "aws:sourceaccount": account},
        )
        principal = "lambda.alarms.cloudwatch.amazonaws.com"
        policy = function.get("policy") or {}
        decision = evaluator.evaluate_resource_policy(policy, context, service=principal).decision
        return not is_enforced or decision == "Allow"

    return allows


def take_credentials():
    """Makes the engine's own access key the root user's; functions do not inherit its variables."""
    own = tuple(os.environ.pop(f"PIPECTL_ENGINE_{name}") for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"))
    os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"] = own
    return own, os.environ.pop("PIPECTL_ENGINE_OPEN", "0") == "1"


def main():
    """Prepares the process, then runs the engine until it is stopped."""
    # What the engine writes may hold secrets.
    os.umask(0o077)
    own, is_open = take_credentials()
    deliveries = inbox.Inbox(sys.argv.pop())
    limit_log(sys.argv.pop())
    persist = os.environ["PERSIST_STATE"] == "1"
    if persist:
        objects, services = (pathlib.Path(os.environ[name]) for name in ("S3_DATA_DIR", "STATE_DIR"))
        forget_unsaved_buckets(objects, services)
    else:
        deliveries.empty()

    from ministack import app as engine
    from ministack.core import iam_actions, iam_evaluator, lambda_runtime, responses, sigv4
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

    authorize_batches_as_single(iam_actions)
    count_loopback_as_secure(iam_evaluator)
    carry_traces_in_batches(sqs)
    refuse_existing_tables(provisioners._RESOURCE_HANDLERS, dynamodb._tables)
    answer_cross_origin_requests(provisioners._RESOURCE_HANDLERS)
    reserve_concurrency(provisioners._RESOURCE_HANDLERS, lambda_svc._functions)
    count_every_invocation(lambda_svc)
    keep_throttled_events(lambda_svc)
    queues.Taking(sqs)
    invocations.serve_functions_alone(lambda_runtime)
    if engine.AUTH:
        invocations.give_secret_credentials(lambda_runtime, lambda_svc, sts)
        enforced = roles.Roles(iam_evaluator, iam)
        roles.poll_as_allowed(lambda_svc, enforced, responses.request_scope)
        roles.log_as_allowed(lambda_svc, cloudwatch_logs, enforced)
        roles.pass_on_as_allowed(lambda_svc, cloudwatch, enforced)
        roles.hide_missing_objects(engine, s3)
    inbox.record_deliveries(sns, deliveries)
    alarms.Actions(cloudwatch, sns, lambda_svc, may_invoke(iam_evaluator, engine.AUTH))
    saving = checkpoints.Checkpoints(engine) if persist else None
    if saving:
        engine.app = saving.app
        threading.Thread(target=saving.run, name="checkpoints", daemon=True).start()
    note_change = saving.note_change if saving else lambda: None
    scope = responses.request_scope
    watch = alarms.Watch(cloudwatch, sqs, cloudformation._stacks, scope, note_change)
    watch_while_serving(engine, watch)
    known = guard.Known(iam_evaluator, sigv4, responses, own, is_open)
    engine.app = guard.Guard(engine.app, int(os.environ["GATEWAY_PORT"]), known)
    engine.main()


main()
