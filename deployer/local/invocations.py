"""Invokes functions as Lambda does: the Runtime API, credentials, metrics, throttled events, failures."""

import contextvars
import hmac
import os
import time
import typing

# Headers that browsers send and runtimes do not.
OF_BROWSERS = ("origin", "referer", "sec-fetch-mode", "sec-fetch-site")

# Seconds between two tries of an event whose function is throttled, at first and at most.
THROTTLE_PAUSE, LONGEST_THROTTLE_PAUSE = 0.05, 0.25

# Whether the invocation under way is asynchronous, and whether an HTTP API waits for it.
is_asynchronous = contextvars.ContextVar("is_asynchronous", default=False)
is_for_http_api = contextvars.ContextVar("is_for_http_api", default=False)


def serve_functions_alone(build, engine):
    """Refuses browsers and other host names at the Runtime API, and sends an answer in one piece.

    The engine sends head and body apart, so that each invocation waits 40 ms for an acknowledgement
    (Nagle's algorithm).
    """

    def build_handler(worker, generation, pending):
        base: typing.Any = build(worker, generation, pending)

        class RuntimeApi(base):
            disable_nagle_algorithm = True
            # The answer goes when it is complete.
            wbufsize = 64 * 1024

            def parse_request(self):
                if not super().parse_request():
                    return False
                host = f"127.0.0.1:{self.server.server_address[1]}"
                if self.headers.get("host") == host and not any(name in self.headers for name in OF_BROWSERS):
                    return True
                self.send_error(403)
                return False

        return RuntimeApi

    return build_handler


def secret_credentials(give, engine):
    """Derives the credentials of functions from the engine's secret.

    The engine derives them from the names of the function and its role, which anybody can guess.
    """

    def give_secret(config):
        arn, role = config["FunctionArn"], config.get("Role", "")
        role_name, name = role.rsplit("/", 1)[-1], config.get("FunctionName", "function")[:64]
        own = os.environ["AWS_SECRET_ACCESS_KEY"].encode()
        key, secret, token = (
            hmac.digest(own, f"{part}:{arn}:{role}".encode(), "sha256").hex()
            for part in ("key", "secret", "token")
        )
        key = f"ASIA{key[:16].upper()}"
        session = {
            "Arn": f"arn:aws:sts::{arn.split(':')[4]}:assumed-role/{role_name}/{name}",
            "UserId": f"{role_name}:{name}",
            "SecretAccessKey": secret,
            "SessionToken": token,
        }
        engine.sts.register_session(key, session)
        return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}

    return give_secret


def execute_counted(execute, engine):
    """Records the metrics of every invocation, and lets a throttled asynchronous event wait."""
    functions = engine.functions
    record = functions._emit_lambda_metrics

    def execute_once(function, event):
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

    def execute_function(function, event):
        result = execute_once(function, event)
        pause = THROTTLE_PAUSE
        while result.get("throttle") and is_asynchronous.get():
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_THROTTLE_PAUSE)
            result = execute_once(function, event)
        return result

    return execute_function


def record_throttle(record, engine):
    """Leaves to `execute_counted` all but throttles, which the engine records well."""

    def record_metrics(name, duration_ms, error, throttle):
        if throttle:
            record(name, duration_ms, error, throttle)

    return record_metrics


def invoke_asynchronously(invoke, engine):
    """Marks what waits while its function is throttled; the engine takes a throttle for a failed attempt."""

    def invoke_with_retry(function, event):
        token = is_asynchronous.set(True)
        try:
            invoke(function, event)
        finally:
            is_asynchronous.reset(token)

    return invoke_with_retry


def invoke_for_http_api(invoke, engine):
    """Marks what is invoked for an HTTP API."""

    async def invoke_proxy(*arguments, **named):
        token = is_for_http_api.set(True)
        try:
            return await invoke(*arguments, **named)
        finally:
            is_for_http_api.reset(token)

    return invoke_proxy


def hide_failure(respond, engine):
    """Answers 500 for a function that failed behind an HTTP API, without the function's error.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
    """

    def respond_hiding(result):
        if not is_for_http_api.get() or not result.get("error") or result.get("throttle"):
            return respond(result)
        headers = {"Content-Type": "application/json"}
        return {"statusCode": 500, "headers": headers, "body": '{"message":"Internal Server Error"}'}, None

    return respond_hiding
