"""AWS Signature Version 4, computed from a request as a server sees it: stage by stage.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import re
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def canonical_query(query):
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    encoded = [(quote(name, safe="-_.~%"), quote(value, safe="-_.~%")) for name, value in pairs]
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def canonical_request(method, target, headers, signed, body):
    """headers: by name in lower case. signed: the names that the signature covers, in order."""
    path, _, query = target.partition("?")
    lines = [f"{name}:{' '.join(headers[name].split())}\n" for name in signed]
    return "\n".join(
        [method, path, canonical_query(query), "".join(lines), ";".join(signed), sha256(body)]
    )


def string_to_sign(time, scope, request):
    return "\n".join([ALGORITHM, time, scope, sha256(request.encode())])


def signing_key(secret, scope):
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):  # Day, region, service, "aws4_request".
        key = mac(key, part)
    return key


def signature(key, text):
    return mac(key, text).hex()


def parse_authorization(text):
    """Who signed, for what scope, which headers, and the signature."""
    match = re.fullmatch(
        ALGORITHM + r" Credential=(\w+)/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})",
        text,
    )
    if not match:
        raise ValueError("no signature of version 4")
    key_id, scope, signed, given = match.groups()
    return key_id, scope, signed.split(";"), given


def expected_signature(secret, method, target, headers, body):
    _, scope, signed, _ = parse_authorization(headers["authorization"])
    request = canonical_request(method, target, headers, signed, body)
    return signature(
        signing_key(secret, scope), string_to_sign(headers["x-amz-date"], scope, request)
    )
