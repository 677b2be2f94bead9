"""Checks the signatures of requests for data.

The engine reads the credential, the headers and the policies of a request several times over. A
function signs all its requests with one credential and the same headers; what they have in common is
read once here. Only a good signature is recognised: whatever is otherwise is left to the engine,
which knows what to answer.
"""

import calendar
import contextvars
import functools
import hashlib
import hmac
import time
from typing import NamedTuple

ALGORITHM = b"AWS4-HMAC-SHA256"

# Seconds by which the signer's clock may differ, for the services that are asked here.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html (read 2026-11-23)
SKEW = 15 * 60

# Length of a signature in hexadecimal.
SIGNATURE = 64


class Claim(NamedTuple):
    """What an Authorization header says, besides the signature."""

    access_key: str
    date: bytes
    region: str
    service: str
    scope: bytes
    signed: bytes
    names: tuple


class Caller(NamedTuple):
    """Who signed a request, for as long as an answer about policies stands."""

    claim: Claim
    credential: object
    key: bytes
    # In which the engine's functions find the account, the Region and the caller.
    context: contextvars.Context
    # What he may do, as far as it was asked for.
    may: dict


def read_claim(authorization):
    """Reads an Authorization header without its signature; None when it is not of the usual form."""
    algorithm, _, rest = authorization.partition(b" ")
    try:
        credential, signed, signature = (part.strip() for part in rest.split(b","))
        access_key, date, region, service, end = credential.removeprefix(b"Credential=").split(b"/")
    except ValueError:
        return None
    is_usual = (
        algorithm == ALGORITHM
        and credential.startswith(b"Credential=")
        and signed.startswith(b"SignedHeaders=")
        and signature == b"Signature="
        and end == b"aws4_request"
        and authorization.isascii()
    )
    if not is_usual or not access_key:
        return None
    signed = signed.removeprefix(b"SignedHeaders=")
    scope = b"/".join((date, region, service, end))
    names = tuple(signed.split(b";"))
    return Claim(access_key.decode(), date, region.decode(), service.decode(), scope, signed, names)


@functools.lru_cache(maxsize=64)
def seconds(date):
    """Returns the point in time that X-Amz-Date names; None when it names none."""
    try:
        return calendar.timegm(time.strptime(date.decode("ascii"), "%Y%m%dT%H%M%SZ"))
    except ValueError:
        return None


class Signatures:
    """Recognises callers by their signatures."""

    def __init__(self, engine, evaluator, sigv4, responses, answers, clock=time.time):
        self._engine = engine
        self._evaluator = evaluator
        self._derive = sigv4.derive_signing_key
        self._responses = responses
        self._clock = clock
        self._resolve = answers.remember(self._resolve_anew, lambda *asked: asked)

    def caller(self, fields, body, service, client):
        """Returns who signed a request to the path / without a query; None when the engine shall judge."""
        authorization = fields.get(b"authorization", b"")
        token = fields.get(b"x-amz-security-token", b"")
        caller = self._resolve(authorization[:-SIGNATURE], token, client)
        date = fields.get(b"x-amz-date", b"")
        if caller is None or caller.claim.service != service or date[:8] != caller.claim.date:
            return None
        signed_at = seconds(date)
        if signed_at is None or abs(self._clock() - signed_at) > SKEW - 1:
            return None
        document = string_to_sign(fields, body, caller.claim, date)
        if document is None:
            return None
        signature = hmac.digest(caller.key, document, "sha256").hex().encode()
        return caller if hmac.compare_digest(signature, authorization[-SIGNATURE:]) else None

    def _resolve_anew(self, authorization, token, client):
        claimed = read_claim(authorization)
        # Root's keys are not checked by the engine.
        if claimed is None or self._evaluator.is_root_access_key(claimed.access_key):
            return None
        context = contextvars.Context()
        return context.run(self._pin, context, claimed, token.decode("latin-1"), client)

    def _pin(self, context, claimed, token, client):
        """Says in a context who asks, as the engine does for each request."""
        evaluator, responses = self._evaluator, self._responses
        key = claimed.access_key
        try:
            responses.set_request_account_id(self._engine._request_account_scope(key))
        except self._engine.AmbiguousAccessKeyError:
            return None
        responses.set_request_client_ip(client)
        responses.set_request_region(claimed.region)
        evaluator.pin_request_origin(client, False)
        account = responses._account_from_sts_session(key) or responses.get_account_id()
        credential = evaluator.resolve_credential(key, account, token)
        if not isinstance(credential, evaluator.ResolvedCredential):
            return None
        evaluator._verified_key.set(key)
        evaluator._request_caller_arn.set(credential.principal_arn)
        secret = credential.secret_access_key
        signing_key = self._derive(secret, claimed.date.decode(), claimed.region, claimed.service)
        return Caller(claimed, credential, signing_key, context, {})


def string_to_sign(fields, body, claimed, date):
    """Returns what is signed of a POST request to the path /; None when a header is not plain."""
    lines = []
    for name in claimed.names:
        value = fields.get(name)
        if value is None or b"  " in value or b"\t" in value:
            return None
        lines.append(name + b":" + value + b"\n")
    digest = hashlib.sha256(body).hexdigest().encode()
    request = b"POST\n/\n\n" + b"".join(lines) + b"\n" + claimed.signed + b"\n" + digest
    digest = hashlib.sha256(request).hexdigest().encode()
    return b"\n".join((ALGORITHM, date, claimed.scope, digest))
