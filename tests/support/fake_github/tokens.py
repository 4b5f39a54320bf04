"""The installation tokens that this GitHub gave out, and whether each still works."""

import base64
import secrets
import string
from dataclasses import dataclass

from .refusals import Refusal, Refused

CLASSIC_LENGTH = 40
ALPHANUMERIC = string.ascii_letters + string.digits
QUOTA_PER_HOUR = 5000


@dataclass(frozen=True)
class Minting:
    """How a token is made.

    lag: a new token is refused for so long, or for so many uses; permission_lag: it is known, but
    may do nothing for so long.
    """

    lifetime: float = 3600
    token_length: int = CLASSIC_LENGTH
    lag_seconds: float = 0
    lag_uses: int = 0
    permission_lag_seconds: float = 0


@dataclass
class Token:
    """repository_ids: None for all that the installation reaches."""

    secret: str
    installation_id: int
    repository_ids: frozenset[int] | None
    permissions: dict[str, str]
    expires_at: int
    works_from: float
    refuse_uses: int
    permits_from: float


@dataclass
class Quota:
    """What one installation has used of its hour; all its tokens share it."""

    used: int
    resets_at: int


class Tokens:
    def __init__(self):
        self._by_secret = {}
        self._quotas = {}

    def mint(self, app, installation, repository_ids, permissions, now, minting):
        secret = make_secret(app.app_id, minting.token_length)
        token = Token(
            secret,
            installation.id,
            repository_ids,
            permissions,
            int(now + minting.lifetime),
            now + minting.lag_seconds,
            minting.lag_uses,
            now + minting.permission_lag_seconds,
        )
        self._by_secret[secret] = token
        return token

    def authenticate(self, secret, world, now):
        """The token, if GitHub would accept it at this moment."""
        token = self._by_secret.get(secret)
        if token is None or token.expires_at <= now or token.works_from > now:
            raise Refused(Refusal.BAD_CREDENTIALS)
        if token.refuse_uses > 0:
            token.refuse_uses -= 1
            raise Refused(Refusal.BAD_CREDENTIALS)
        installation = world.find_installation(token.installation_id)
        if installation is None or installation.suspended_at is not None:
            raise Refused(Refusal.BAD_CREDENTIALS)
        return token

    def revoke(self, token):
        del self._by_secret[token.secret]

    def revoke_all(self):
        self._by_secret.clear()

    def count_use(self, token, now):
        """Counts one call against the hour's quota and gives the headers that tell of it."""
        quota = self.quota(token.installation_id, now)
        quota.used += 1
        headers = quota_headers(quota)
        if quota.used > QUOTA_PER_HOUR:
            raise Refused(Refusal.RATE_LIMIT_EXCEEDED, headers=headers)
        return headers

    def quota(self, installation_id, now):
        quota = self._quotas.get(installation_id)
        if quota is None or quota.resets_at <= now:
            quota = self._quotas[installation_id] = Quota(0, int(now) + 3600)
        return quota


def quota_headers(quota):
    return {
        "x-ratelimit-limit": str(QUOTA_PER_HOUR),
        "x-ratelimit-remaining": str(max(0, QUOTA_PER_HOUR - quota.used)),
        "x-ratelimit-used": str(quota.used),
        "x-ratelimit-reset": str(quota.resets_at),
        "x-ratelimit-resource": "core",
    }


def make_secret(app_id, length):
    """ghs_ and 36 letters, or for any other length the stateless form: ghs_APPID_x.y.z."""
    if length == CLASSIC_LENGTH:
        return "ghs_" + "".join(secrets.choice(ALPHANUMERIC) for _ in range(36))
    header = base64.urlsafe_b64encode(b'{"alg":"ES256","typ":"JWT"}').decode().rstrip("=")
    start = f"ghs_{app_id}_{header}."
    rest = length - len(start) - 1
    if rest < 2:
        raise ValueError(f"no token is {length} bytes long")
    noise = secrets.token_urlsafe(rest)[:rest]
    return f"{start}{noise[: rest * 2 // 3]}.{noise[rest * 2 // 3 :]}"
