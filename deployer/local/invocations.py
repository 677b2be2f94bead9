"""Serves the Runtime API to functions alone, and without delay, and gives them credentials nobody guesses.

The engine sends the head and the body of an answer apart, so that each invocation waits 40 ms for an
acknowledgement (Nagle's algorithm); and any web page that guesses the port would be served.
"""

import hmac
import os

# Headers that browsers send and runtimes do not.
OF_BROWSERS = ("origin", "referer", "sec-fetch-mode", "sec-fetch-site")


def serve_functions_alone(runtime):
    """Refuses requests of browsers and under other names, and sends an answer at once."""
    worker_class = runtime.ProvidedWorker
    build = worker_class._build_handler_class

    def build_handler(worker, generation, pending):
        class RuntimeApi(build(worker, generation, pending)):
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

    worker_class._build_handler_class = build_handler


def give_secret_credentials(runtime, functions, sessions):
    """Derives the credentials of functions from the engine's secret.

    The engine derives them from the names of the function and its role, which anybody can guess.
    """

    def give(config):
        arn, role = config["FunctionArn"], config.get("Role", "")
        role_name, name = role.rsplit("/", 1)[-1], config.get("FunctionName", "function")[:64]
        own = os.environ["AWS_SECRET_ACCESS_KEY"].encode()
        key, secret, token = (
            hmac.digest(own, f"{part}:{arn}:{role}".encode(), "sha256").hex() for part in ("key", "secret", "token")
        )
        key = f"ASIA{key[:16].upper()}"
        session = {
            "Arn": f"arn:aws:sts::{arn.split(':')[4]}:assumed-role/{role_name}/{name}",
            "UserId": f"{role_name}:{name}",
            "SecretAccessKey": secret,
            "SessionToken": token,
        }
        sessions.register_session(key, session)
        return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}

    runtime.execution_credentials = functions.execution_credentials = give
