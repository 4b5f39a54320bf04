"""Judges the JWT with which an app says who it is, as GitHub does and in its words."""

import base64
import binascii
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from .refusals import Refusal, Refused

LIFETIME_MAX_SECONDS = 600


def authenticate_app(jwt, world, keys, now, accepts_client_id=True):
    """The app that made this JWT, or Refused."""
    header, claims, signed, signature = decode(jwt)
    if header.get("alg") != "RS256":
        raise Refused(Refusal.UNDECODABLE)
    app = find_issuer(claims, world, accepts_client_id)
    check_signature(app, keys, signed, signature)
    check_times(claims, now)
    return app


def decode(jwt):
    try:
        header, claims, signature = jwt.split(".")
        decoded = json.loads(_unpadded(header)), json.loads(_unpadded(claims))
        signature = _unpadded(signature)
    except (ValueError, binascii.Error) as malformed:
        raise Refused(Refusal.UNDECODABLE) from malformed
    if not all(isinstance(part, dict) for part in decoded):
        raise Refused(Refusal.UNDECODABLE)
    return *decoded, jwt.rpartition(".")[0].encode(), signature


def find_issuer(claims, world, accepts_client_id):
    """iss is an app ID, as a number or as a string, or a client ID (not on older servers)."""
    issuer = claims.get("iss")
    if issuer is None:
        raise Refused(Refusal.ISSUER_MISSING)
    if isinstance(issuer, str) and issuer.isdecimal():
        issuer = int(issuer)
    is_client_id = isinstance(issuer, str) and issuer.startswith("Iv") and accepts_client_id
    if not is_client_id and not _is_integer(issuer):
        raise Refused(Refusal.ISSUER_NOT_INTEGER)
    app = world.find_app(issuer)
    if app is None:
        raise Refused(Refusal.NO_SUCH_APP)
    return app


def check_signature(app, keys, signed, signature):
    if not app.keys:
        raise Refused(Refusal.NO_PUBLIC_KEY)
    for name in app.keys:
        try:
            keys.public_key(name).verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
            return
        except InvalidSignature:
            continue
    raise Refused(Refusal.UNDECODABLE)


def check_times(claims, now):
    issued_at, expires_at = claims.get("iat"), claims.get("exp")
    if not _is_integer(issued_at) or issued_at > now:
        raise Refused(Refusal.ISSUED_AT)
    if not _is_integer(expires_at) or expires_at <= now:
        raise Refused(Refusal.EXPIRED)
    if expires_at > now + LIFETIME_MAX_SECONDS:
        raise Refused(Refusal.TOO_FAR)


def _is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _unpadded(text):
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
