"""AWS Secrets Manager, and the two services that give out keys: a container's and an instance's."""

import base64
import datetime
import json

from . import aws_signature

REGION = "eu-west-1"
# key id -> (secret key, session token or none)
KEYS = {
    "AKIDEXAMPLE": ("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None),
    "ASIACONTAINER": ("ContainerSecretKey/+PlantedPlantedPlanted", "container//session+token=="),
    "ASIAINSTANCE": ("InstanceSecretKey/+PlantedPlantedPlantedP", "instance//session+token=="),
}
CONTAINER_TOKEN = "container-authorization"
INSTANCE_SESSION = "instance-metadata-session"
ROLE = "tokman-role"
MUST_BE_SIGNED = {"host", "x-amz-date", "x-amz-target", "content-type"}


def keys_answer(key_id):
    secret, token = KEYS[key_id]
    return {"AccessKeyId": key_id, "SecretAccessKey": secret, "Token": token, "Code": "Success",
            "Expiration": "2035-01-01T00:00:00Z"}


class SecretsManager:
    """secrets: text or bytes by name."""

    def __init__(self, secrets):
        self.secrets = secrets
        self.authorized = []  # What was asked for, each with the key's id and the signed headers.

    def serve(self, method, target, headers, body):
        try:
            self._authorize(method, target, headers, body)
        except (ValueError, KeyError) as error:
            return 403, {"__type": "InvalidSignatureException", "Message": str(error)}
        if headers["x-amz-target"] != "secretsmanager.GetSecretValue":
            return 400, {"__type": "UnknownOperationException"}
        secret = self.secrets.get(json.loads(body)["SecretId"])
        if secret is None:
            return 400, {"__type": "ResourceNotFoundException", "Message": "no such secret"}
        if isinstance(secret, bytes):
            return 200, {"SecretBinary": base64.b64encode(secret).decode()}
        return 200, {"SecretString": secret}

    def _authorize(self, method, target, headers, body):
        key_id, scope, signed, given = aws_signature.parse_authorization(headers["authorization"])
        secret, token = KEYS[key_id]
        must = MUST_BE_SIGNED | ({"x-amz-security-token"} if token else set())
        if not must <= set(signed) or signed != sorted(signed):
            raise ValueError(f"signed headers: {signed}")
        if headers.get("x-amz-security-token") != token:
            raise ValueError("the session's token")
        day = headers["x-amz-date"][:8]
        if scope != f"{day}/{REGION}/secretsmanager/aws4_request":
            raise ValueError(f"scope: {scope}")
        check_time(headers["x-amz-date"])
        if given != aws_signature.expected_signature(secret, method, target, headers, body):
            raise ValueError("signature")
        self.authorized.append((key_id, signed))


def check_time(text):
    time = datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    age = datetime.datetime.now(datetime.timezone.utc) - time
    if abs(age) > datetime.timedelta(minutes=5):
        raise ValueError("expired")


def serve_container(method, target, headers):
    if method != "GET" or target != "/container/keys":
        return 404, {}
    if headers.get("authorization") != CONTAINER_TOKEN:
        return 403, {}
    return 200, keys_answer("ASIACONTAINER")


def serve_instance(method, target, headers):
    """IMDSv2: what follows a session's token; requests without it get nothing."""
    if (method, target) == ("PUT", "/latest/api/token"):
        lifetime = int(headers.get("x-aws-ec2-metadata-token-ttl-seconds", 0))
        return (200, INSTANCE_SESSION) if 1 <= lifetime <= 21600 else (400, {})
    if headers.get("x-aws-ec2-metadata-token") != INSTANCE_SESSION:
        return 401, {}
    roles = "/latest/meta-data/iam/security-credentials/"
    if target == roles:
        return 200, ROLE + "\n"
    return (200, keys_answer("ASIAINSTANCE")) if target == roles + ROLE else (404, {})
