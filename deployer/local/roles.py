"""Lets the services act for a function only as far as the policies of its role let them.

The engine enforces a role's policies on the calls that the function makes itself. What Lambda does
in its name, it does unasked: it polls queues, writes logs and passes failed events on. A grant that
is missing for that would show on AWS only.
"""

import logging
import uuid

# What Lambda calls on a source, by its service. Without any of these it refuses to make a mapping, and
# one that is there does not work.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
# https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
STREAM = ("GetRecords", "GetShardIterator", "DescribeStream", "ListStreams")
READING = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "dynamodb": tuple(f"dynamodb:{call}" for call in STREAM),
    "kinesis": tuple(f"kinesis:{call}" for call in STREAM),
}
NAMES = {"sqs": "SQS", "dynamodb": "DynamoDB", "kinesis": "Kinesis"}

# What passing a failed event on takes, by the service of the destination.
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
PASSING_ON = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "lambda": "lambda:InvokeFunction"}

WRITING_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")

# What a mapping says before its first batch.
IDLE = "No records processed"

# Codes that tell that an object is not there.
MISSING = (b"<Code>NoSuchKey</Code>", b"<Code>NoSuchVersion</Code>")

log = logging.getLogger("roles")


class Roles:
    """Says what roles allow."""

    def __init__(self, evaluator, iam):
        self._evaluator = evaluator
        self._iam = iam

    def allow(self, role_arn, action, resource_arn, owner_arn=None):
        """Says whether a role may do something, by its policies and those of the resource or its owner."""
        evaluator = self._evaluator
        _, _, _, _, account, role = role_arn.split(":", 5)
        name = role.rsplit("/", 1)[-1]
        owner_arn = owner_arn or resource_arn
        service, region = action.split(":")[0], owner_arn.split(":")[3]
        context = evaluator.EvalContext(
            principal_arn=role_arn,
            principal_type="AssumedRole",
            principal_account=account,
            action=action,
            resource_arn=resource_arn,
            region=region,
        )
        policies = evaluator._gather_role_policies(name, account)
        limits = evaluator._permissions_boundary(self._iam._roles, name, account)
        result = evaluator.evaluate(context, policies, *limits)
        policy = evaluator._resource_policy(service, owner_arn)
        if policy is not None:
            required = service in evaluator._POLICY_REQUIRED
            result = evaluator.combine_resource_policy(
                result, context, *policy, required=required, limits=limits
            )
        return result.decision == "Allow"


def secure_loopback(resolve, engine):
    """Answers the condition key aws:SecureTransport with true: nothing leaves the machine.

    Else, policies that refuse calls without TLS, as they should, would refuse every call.
    """
    return lambda key, context: "true" if key.lower() == "aws:securetransport" else resolve(key, context)


def unreadable(engine, role_arn, source):
    """Says which call on its source a mapping's role does not allow; nothing when it allows all."""
    service = source.split(":")[2] if source.count(":") >= 5 else ""
    for action in READING.get(service, ()):
        # Listing has no resource of its own in some policies, and the stream in others.
        resources = (source, "*") if action.endswith(":ListStreams") else (source,)
        if not any(engine.roles.allow(role_arn, action, it, source) for it in resources):
            return action
    return None


def create_mapping_as_allowed(create, engine):
    """Refuses a mapping whose role may not read the source."""

    def create_mapping(data):
        name, qualifier, failure = engine.functions._resolve_existing_esm_function(
            data.get("FunctionName", "")
        )
        source = data.get("EventSourceArn", "")
        if not failure and (refusal := mapping_refusal(engine, name, qualifier, source)):
            return engine.functions._invalid_parameter_value(refusal)
        return create(data)

    return create_mapping


def create_mapping_resource_as_allowed(create, engine):
    """Refuses a template's mapping whose role may not read the source."""

    def create_mapping(logical_id, properties, stack_name):
        function = engine.provisioners._lambda_function_for_cfn_ref(properties.get("FunctionName", ""))
        source = properties.get("EventSourceArn", "")
        if function[0] and (refusal := mapping_refusal(engine, function[1], function[3], source)):
            raise ValueError(refusal)
        return create(logical_id, properties, stack_name)

    return create_mapping


def mapping_refusal(engine, name, qualifier, source):
    """Returns Lambda's sentence for a role that may not read the source of a mapping."""
    _, config = engine.functions._get_func_record_for_qualifier(name, qualifier)
    action = config and unreadable(engine, config["Role"], source)
    if not action:
        return None
    service, call = action.split(":")
    return f"The provided execution role does not have permissions to call {call} on {NAMES[service]}"


def readable_mappings(every_mapping, engine):
    """Leaves sources alone that a mapping's function may not read, and says so in the mapping."""
    functions = engine.functions

    def problem(account, region, mapping):
        source = mapping.get("EventSourceArn", "")
        with engine.scope(account, region):
            _, config = functions._get_func_record_for_qualifier(
                mapping["FunctionName"], mapping.get("Qualifier")
            )
        action = config and unreadable(engine, config["Role"], source)
        return action and f"PROBLEM: the execution role does not allow {action} on {source}"

    def allowed_mappings():
        for account, region, mapping in every_mapping():
            found, before = problem(account, region, mapping), mapping.get("LastProcessingResult", "")
            if found:
                if found != before:
                    log.warning("mapping of %s: %s", mapping["FunctionName"], found)
                    mapping["LastProcessingResult"] = found
                continue
            if before.startswith("PROBLEM"):
                mapping["LastProcessingResult"] = IDLE
            yield account, region, mapping

    return allowed_mappings


def log_as_allowed(emit, engine):
    """Drops the output of an invocation whose function may not write logs."""

    def emit_allowed(function, *rest, **named):
        config = function.get("config") or function
        _, _, _, region, account, _ = config["FunctionArn"].split(":", 5)
        chosen = (config.get("LoggingConfig") or {}).get("LogGroup")
        group = chosen or f"/aws/lambda/{config['FunctionName']}"
        creating = () if group in engine.logs._log_groups else ("logs:CreateLogGroup",)
        stream = f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:any"
        needed = (*creating, *WRITING_LOGS)
        missing = next((it for it in needed if not engine.roles.allow(config["Role"], it, stream)), None)
        if missing:
            log.warning("%s may not write logs: %s", config["FunctionName"], missing)
        else:
            emit(function, *rest, **named)

    return emit_allowed


def pass_on_as_allowed(pass_on, engine):
    """Drops failed events that a function may not pass on, and counts them as Lambda does.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """

    def pass_on_allowed(target_arn, name, event, result):
        config = engine.functions._functions[name]["config"]
        action = PASSING_ON.get(target_arn.split(":")[2])
        if not action or engine.roles.allow(config["Role"], action, target_arn):
            pass_on(target_arn, name, event, result)
            return
        log.warning("%s may not pass a failed event on: %s on %s", name, action, target_arn)
        is_queue = (config.get("DeadLetterConfig") or {}).get("TargetArn") == target_arn
        metric = "DeadLetterErrors" if is_queue else "DestinationDeliveryFailures"
        engine.cloudwatch.record_metric("AWS/Lambda", metric, 1, "Count", {"FunctionName": name})

    return pass_on_allowed


def hide_missing_objects(handle, engine):
    """Answers 403 for an object that is not there, unless the caller may list the bucket.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """

    async def handle_hiding(method, path, headers, body, query):
        response = await handle(method, path, headers, body, query)
        is_missing = response[0] == 404 and (
            method == "HEAD" or (method == "GET" and any(code in response[2] for code in MISSING))
        )
        bucket, key = engine.s3._parse_bucket_key(path, headers)
        if not is_missing or not key:
            return response
        arn, request_id = f"arn:aws:s3:::{bucket}", str(uuid.uuid4())
        denied = engine.app._enforce_data_plane(
            "s3", "s3:ListBucket", headers, query, request_id, resource_arn=arn
        )
        return denied or response

    return handle_hiding
