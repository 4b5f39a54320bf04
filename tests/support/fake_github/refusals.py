"""What GitHub says when it refuses: statuses and texts, letter by letter.

To add a refusal: one row here, and a test that provokes it. Those of limits on apps and the
secondary ones come only when a fault names them: GitHub does not say when it applies them.
"""

from enum import Enum


class Refusal(Enum):
    # The app's JWT.
    UNDECODABLE = (401, "A JSON web token could not be decoded")
    ISSUER_MISSING = (401, "Missing 'issuer' claim ('iss') in assertion")
    ISSUER_NOT_INTEGER = (401, "'Issuer' claim ('iss') must be an Integer")
    ISSUED_AT = (
        401,
        "'Issued at' claim ('iat') must be an Integer representing the time that the assertion"
        " was issued",
    )
    EXPIRED = (
        401,
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at"
        " which the assertion expires",
    )
    TOO_FAR = (401, "'Expiration time' claim ('exp') is too far in the future")
    NO_PUBLIC_KEY = (401, "Integration must generate a public key")
    NO_SUCH_APP = (404, "Integration not found")
    APP_RATE_LIMIT_EXCEEDED = (403, "API rate limit exceeded for app ID 12345.")

    # An installation token.
    REQUIRES_AUTHENTICATION = (401, "Requires authentication")
    BAD_CREDENTIALS = (401, "Bad credentials")
    NOT_ACCESSIBLE = (403, "Resource not accessible by integration")
    RATE_LIMIT_EXCEEDED = (403, "API rate limit exceeded for installation.")

    # Making one.
    SUSPENDED = (403, "This installation has been suspended")
    NOT_GRANTED = (422, "The permissions requested are not granted to this installation.")
    LEVEL_NOT_GRANTED = (
        422,
        "The level of access for permissions requested are not granted to this installation.",
    )
    REPOSITORY_NOT_ACCESSIBLE = (
        422,
        "There is at least one repository that does not exist or is not accessible to the parent"
        " installation.",
    )
    TOO_MANY_REPOSITORIES = (422, "Too many repositories for installation.")
    INVALID_REQUEST = (422, "Invalid request.")
    BAD_JSON = (400, "Problems parsing JSON")

    # Any request.
    SECONDARY_LIMIT = (
        403,
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    )
    NOT_FOUND = (404, "Not Found")
    NO_RATE_LIMIT = (404, "Rate limiting is not enabled.")
    UNKNOWN_VERSION = (400, "The requested API version is not supported.")
    NO_USER_AGENT = (
        403,
        "Request forbidden by administrative rules. Please make sure your request has a"
        " User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api"
        "#user-agent-required). Check https://developer.github.com for other possible causes.",
    )

    @property
    def status(self):
        return self.value[0]

    @property
    def message(self):
        return self.value[1]


class Refused(Exception):
    """headers: sent with the refusal. field: what in the request is at fault, for a 422."""

    def __init__(self, refusal, field=None, headers=None):
        super().__init__(refusal.message)
        self.refusal = refusal
        self.field = field
        self.headers = headers or {}


def refusal_body(status, message, field=None):
    body = {
        "message": message,
        "documentation_url": "https://docs.github.com/rest",
        "status": str(status),
    }
    if status == 422:
        body["errors"] = [{"code": "invalid", "field": field or "", "message": message}]
    return body
