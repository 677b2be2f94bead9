"""Lets the services act for a function only as far as the policies of its role let them.

The engine enforces a role's policies on the calls that the function makes itself. What Lambda does
in its name, it does unasked: it polls queues, writes logs and passes failed events on. A grant that
is missing for that would show on AWS only.
"""

import logging
import uuid

# Without any of these, Lambda refuses to make a mapping, and one that is there does not work.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
POLLING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")

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

    def allow(self, role_arn, action, resource_arn):
        """Says whether a role may do something, by its policies and the resource's own."""
        evaluator = self._evaluator
        _, _, _, _, account, role = role_arn.split(":", 5)
        name = role.rsplit("/", 1)[-1]
        service, region = action.split(":")[0], resource_arn.split(":")[3]
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
        policy = evaluator._resource_policy(service, resource_arn)
        if policy is not None:
            required = service in evaluator._POLICY_REQUIRED
            result = evaluator.combine_resource_policy(
                result, context, *policy, required=required, limits=limits
            )
        return result.decision == "Allow"

    def missing(self, role_arn, actions, resource_arn):
        """Returns the first of the actions that a role may not do."""
        return next((it for it in actions if not self.allow(role_arn, it, resource_arn)), None)


def poll_as_allowed(functions, roles, scope):
    """Leaves queues alone that a mapping's function may not read.

    Other sources are polled unasked: no pipeline has them.
    """
    every_mapping = functions._iter_all_esms

    def problem(account, region, name, qualifier, source):
        with scope(account, region):
            _, config = functions._get_func_record_for_qualifier(name, qualifier)
        if not config or not source.startswith("arn:aws:sqs:"):
            return None
        missing = roles.missing(config["Role"], POLLING, source)
        return missing and f"PROBLEM: the execution role does not allow {missing} on {source}"

    def allowed_mappings():
        for account, region, mapping in every_mapping():
            source = mapping.get("EventSourceArn", "")
            found = problem(account, region, mapping["FunctionName"], mapping.get("Qualifier"), source)
            before = mapping.get("LastProcessingResult", "")
            if found:
                if found != before:
                    log.warning("mapping of %s: %s", mapping["FunctionName"], found)
                    mapping["LastProcessingResult"] = found
                continue
            if before.startswith("PROBLEM"):
                mapping["LastProcessingResult"] = IDLE
            yield account, region, mapping

    functions._iter_all_esms = allowed_mappings


def log_as_allowed(functions, logs, roles):
    """Drops the output of an invocation whose function may not write logs."""
    emit = functions._emit_lambda_logs

    def emit_allowed(function, *rest, **named):
        config = function.get("config") or function
        _, _, _, region, account, _ = config["FunctionArn"].split(":", 5)
        chosen = (config.get("LoggingConfig") or {}).get("LogGroup")
        group = chosen or f"/aws/lambda/{config['FunctionName']}"
        creating = () if group in logs._log_groups else ("logs:CreateLogGroup",)
        stream = f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:any"
        missing = roles.missing(config["Role"], (*creating, *WRITING_LOGS), stream)
        if missing:
            log.warning("%s may not write logs: %s", config["FunctionName"], missing)
        else:
            emit(function, *rest, **named)

    functions._emit_lambda_logs = emit_allowed


def pass_on_as_allowed(functions, cloudwatch, roles):
    """Drops failed events that a function may not pass on, and counts them as Lambda does.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """
    pass_on = functions._route_async_failure

    def pass_on_allowed(target_arn, name, event, result):
        config = functions._functions[name]["config"]
        action = PASSING_ON.get(target_arn.split(":")[2])
        if not action or roles.allow(config["Role"], action, target_arn):
            pass_on(target_arn, name, event, result)
            return
        log.warning("%s may not pass a failed event on: %s on %s", name, action, target_arn)
        is_queue = (config.get("DeadLetterConfig") or {}).get("TargetArn") == target_arn
        metric = "DeadLetterErrors" if is_queue else "DestinationDeliveryFailures"
        cloudwatch.record_metric("AWS/Lambda", metric, 1, "Count", {"FunctionName": name})

    functions._route_async_failure = pass_on_allowed


def hide_missing_objects(engine, s3):
    """Answers 403 for an object that is not there, unless the caller may list the bucket.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    handle = engine.SERVICE_HANDLERS["s3"]

    async def handle_hiding(method, path, headers, body, query):
        response = await handle(method, path, headers, body, query)
        is_missing = response[0] == 404 and (
            method == "HEAD" or method == "GET" and any(code in response[2] for code in MISSING)
        )
        bucket, key = s3._parse_bucket_key(path, headers)
        if not is_missing or not key:
            return response
        arn = f"arn:aws:s3:::{bucket}"
        request_id = str(uuid.uuid4())
        denied = engine._enforce_data_plane(
            "s3", "s3:ListBucket", headers, query, request_id, resource_arn=arn
        )
        return denied or response

    engine.SERVICE_HANDLERS["s3"] = handle_hiding
