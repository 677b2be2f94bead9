"""Refuses strangers: every request must be signed with credentials that this engine knows.

The engine takes any signature of the root user, from any page and under any host name; who reaches it
runs programs as the user. Here a request is looked at before anything else happens: its host, so that
no foreign name leads here (DNS rebinding), its origin, and its signature over the whole body. Open to
everybody are the routes of deployed APIs and function URLs alone, which have authorisation of their own,
and the answers to CloudFormation, whose URL holds a secret.
"""

import datetime
import json
import logging
import re
import urllib.parse

# Names by which a client of this machine reaches the engine. Those below localhost never leave it.
# https://www.rfc-editor.org/rfc/rfc6761#section-6.3
HOST = re.compile(r"(?:127\.0\.0\.1|\[::1\]|localhost|[a-z0-9.-]+\.localhost)(?::\d{1,5})?")

# Where deployed APIs and function URLs answer; the engine's own names for them.
OPEN_PATHS = ("/_aws/execute-api/", "/_aws/lambda-url/")
OPEN_HOST = re.compile(r"(?P<name>[a-z0-9-]+)\.(?P<kind>execute-api|lambda-url)\..+")

# What manages the clients of an API is open to nobody.
CONNECTIONS = "/@connections/"

# Where custom resources and wait conditions answer; on AWS these are presigned URLs.
ANSWERS = re.compile(r"/_ministack/cfn-(?:response|signal)/[0-9A-Za-z-]{32,}")

# What a request must not have twice: two readers could take different ones.
ONCE = (b"host", b"origin", b"authorization", b"x-amz-date", b"x-amz-content-sha256", b"x-amz-security-token")

# Parameters by which a query claims to be signed.
CLAIMS = {"x-amz-algorithm", "x-amz-credential", "x-amz-signature", "awsaccesskeyid"}

ALGORITHM = "AWS4-HMAC-SHA256"

# An account's number, which functions sign with when policies are not enforced.
ACCOUNT = re.compile(r"\d{12}")

# Seconds for which a presigned URL holds at most, and by which its date may lie ahead.
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
LONGEST_PRESIGNED = 7 * 24 * 3600
AHEAD = 15 * 60

# What the engine itself says about reading its answers from other pages.
CROSS_ORIGIN = b"access-control-"

# A pair of credentials that `--open` lets in, as other emulators do.
WELL_KNOWN = ("test", "test")

log = logging.getLogger("guard")


class Refused(Exception):
    """A request that is not answered: code and reason."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Guard:
    """Stands before the engine."""

    def __init__(self, app, port, known):
        """`known` says whose secret an access key has."""
        self._app = app
        self._port = port
        self._known = known

    async def __call__(self, scope, receive, send):
        """Passes on a request that is let in, and refuses any other."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = joined(scope["headers"])
        try:
            names = [name.lower() for name, _ in scope["headers"]]
            if any(names.count(name) > 1 for name in ONCE):
                raise Refused("AccessDenied", "a header is repeated")
            scope = self._by_path(scope, self._host(headers))
            if scope["type"] == "http" and is_open(scope):
                if is_claimed(scope, headers):
                    # The engine takes a caller for whom he says he is.
                    body = await whole(receive)
                    self._known.check(scope, headers, body)
                    receive = repeated(body, receive)
                await self._app(scope, receive, send)
                return
            if scope["type"] != "http" or "origin" in headers:
                raise Refused("AccessDenied", "requests of web pages are answered by deployed APIs only")
            if scope["method"] == "PUT" and ANSWERS.fullmatch(scope["path"]):
                await self._app(scope, receive, without_cross_origin(send))
                return
            body = await whole(receive)
            self._known.check(scope, headers, body)
        except Refused as refusal:
            await refuse(scope, headers, send, refusal)
            return
        await self._app(scope, repeated(body, receive), without_cross_origin(send))

    def _host(self, headers):
        host = headers.get("host", "").lower()
        # The port is of no account: a proxy on this machine may stand before the engine.
        if not HOST.fullmatch(host):
            raise Refused("AccessDenied", "the host is not one of this engine")
        return host

    def _by_path(self, scope, host):
        """Returns a request for the host of an API or a function with that host as part of its path.

        Under such a host, the engine looks at the path for its own administration and for every other
        service first.
        """
        match = OPEN_HOST.fullmatch(host)
        if not match:
            return scope
        prefix = f"/_aws/{match['kind']}/{match['name']}"
        raw_path = scope.get("raw_path") or urllib.parse.quote(scope["path"]).encode()
        own = f"127.0.0.1:{self._port}".encode()
        headers = [(name, own if name.lower() == b"host" else value) for name, value in scope["headers"]]
        changed = {"path": prefix + scope["path"], "raw_path": prefix.encode() + raw_path, "headers": headers}
        return scope | changed | {"signed_path": raw_path}


class Known:
    """The credentials that the engine knows: its own, and those that it gave to functions and users."""

    def __init__(self, evaluator, sigv4, responses, own, is_open):
        """`own` is the pair of the root user."""
        self._evaluator = evaluator
        self._sigv4 = sigv4
        self._responses = responses
        self._root = dict([own, WELL_KNOWN] if is_open else [own])
        self._own_secret = own[1]

    def check(self, scope, headers, body):
        """Raises `Refused` unless the request is signed, now, with a secret that is known."""
        query = urllib.parse.parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
        by_query = "authorization" not in headers
        sigv4 = self._sigv4
        algorithm = first(query, "X-Amz-Algorithm") if by_query else headers["authorization"].split(" ")[0]
        if by_query and "X-Amz-Signature" not in query:
            raise Refused("MissingAuthenticationToken", "the request is not signed")
        if algorithm != ALGORITHM:
            raise Refused("IncompleteSignature", f"requests are signed by {ALGORITHM}")
        signature = sigv4.parse_query_signature(query) if by_query else sigv4.parse_header_signature(headers)
        if isinstance(signature, tuple):
            raise Refused(*signature)
        if late := self._lateness(signature, query, by_query):
            raise Refused(*late)
        token = first(query, "X-Amz-Security-Token") if by_query else headers.get("x-amz-security-token", "")
        secret = self._secret(signature.access_key_id, token)
        path = scope.get("signed_path") or scope.get("raw_path") or scope["path"].encode()
        method, path = scope["method"], path.decode("latin-1")
        failure = sigv4.header_signature_failure(
            signature, secret, method, path, query, headers, body, presigned=by_query
        )
        if failure:
            raise Refused(*failure)
        if not by_query and not is_body_signed(headers, body, sigv4):
            raise Refused("XAmzContentSHA256Mismatch", "the body is not the one that was signed")

    def _lateness(self, signature, query, by_query):
        try:
            date = datetime.datetime.strptime(signature.amz_date, "%Y%m%dT%H%M%SZ")
            expires = int(first(query, "X-Amz-Expires")) if by_query else 0
        except ValueError:
            return "IncompleteSignature", "the date or the expiry of the signature is malformed"
        if not by_query:
            return self._sigv4.request_time_failure(signature)
        now = datetime.datetime.now(datetime.timezone.utc)
        age = (now - date.replace(tzinfo=datetime.timezone.utc)).total_seconds()
        if not 0 < expires <= LONGEST_PRESIGNED or age < -AHEAD:
            return "AuthorizationQueryParametersError", "X-Amz-Date or X-Amz-Expires is out of its range"
        return ("AccessDenied", "Request has expired") if age > expires else None

    def _secret(self, key, token):
        if key in self._root:
            return self._root[key]
        if ACCOUNT.fullmatch(key):
            return self._own_secret
        evaluator, responses = self._evaluator, self._responses
        unknown = Refused("InvalidClientTokenId", "The security token included in the request is invalid.")
        if evaluator.is_root_access_key(key):
            raise unknown
        try:
            account = responses._account_from_sts_session(key) or evaluator.find_iam_access_key_account(key)
        except evaluator.AmbiguousAccessKeyError:
            raise unknown from None
        credential = evaluator.resolve_credential(key, account or responses.get_account_id(), token)
        if not isinstance(credential, evaluator.ResolvedCredential):
            raise Refused(credential.code, credential.message)
        return credential.secret_access_key


def joined(pairs):
    """Returns headers by name, several lines of one name as the signature joins them."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        name, value = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


def first(query, name):
    """Returns the value of a parameter of a query."""
    return query.get(name, [""])[0]


def is_open(scope):
    """Says whether a request is for a route of a deployed API or a function URL."""
    path = scope["path"]
    return any(path.startswith(it) and path != it for it in OPEN_PATHS) and CONNECTIONS not in path


def is_claimed(scope, headers):
    """Says whether a request claims to come from somebody with an access key."""
    query = urllib.parse.parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    is_signed_query = not CLAIMS.isdisjoint(name.lower() for name in query)
    return is_signed_query or headers.get("authorization", "").startswith("AWS")


def is_body_signed(headers, body, sigv4):
    """Says whether the hash that was signed, if one was, is the body's; chunks have signatures of their own."""
    claimed = headers.get("x-amz-content-sha256", "")
    if not claimed or claimed == sigv4.UNSIGNED_PAYLOAD or claimed.startswith("STREAMING-"):
        return True
    return claimed == sigv4.hashlib.sha256(body).hexdigest()


async def whole(receive):
    """Returns the body of a request; the engine takes it whole, too."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused("RequestTimeout", "the request ended within its body")
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def repeated(body, receive):
    """Returns what gives the body once more, and then what comes behind it."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again():
        return messages.pop() if messages else await receive()

    return receive_again


def without_cross_origin(send):
    """Returns what leaves out the headers by which the engine lets any page read its answers."""

    async def send_without(message):
        if message["type"] == "http.response.start":
            kept = [it for it in message["headers"] if not it[0].lower().startswith(CROSS_ORIGIN)]
            message = message | {"headers": kept}
        await send(message)

    return send_without


async def refuse(scope, headers, send, refusal):
    """Answers 403 in the language of the service that was asked."""
    log.warning("refused %s %s: %s", scope.get("method", scope["type"]), scope["path"], refusal.reason)
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    if "json" in headers.get("content-type", "") or "x-amz-target" in headers:
        kind, body = b"application/json", json.dumps({"__type": refusal.code, "message": refusal.reason})
    else:
        error = f"<Code>{refusal.code}</Code><Message>{refusal.reason.replace('<', '&lt;')}</Message>"
        kind, body = b"application/xml", f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
    fields = [(b"content-type", kind), (b"content-length", str(len(body.encode())).encode())]
    fields.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": 403, "headers": fields})
    await send({"type": "http.response.body", "body": body.encode()})
