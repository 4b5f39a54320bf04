"""The stand-in's own computation, stage by stage, with the example of AWS's documentation."""

import pytest
from secret_servers import aws, aws_signature

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SCOPE = "20150830/us-east-1/iam/aws4_request"
TARGET = "/?Action=ListUsers&Version=2010-05-08"
HEADERS = {
    "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    "host": "iam.amazonaws.com",
    "x-amz-date": "20150830T123600Z",
}
SIGNATURE = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"


@pytest.fixture
def canonical():
    return aws_signature.canonical_request("GET", TARGET, HEADERS, sorted(HEADERS), b"")


def test_the_canonical_request_is_that_of_the_example(canonical):
    expected = "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
    assert aws_signature.sha256(canonical.encode()) == expected


def test_the_string_to_sign_is_that_of_the_example(canonical):
    text = aws_signature.string_to_sign(HEADERS["x-amz-date"], SCOPE, canonical)
    assert text.splitlines() == [
        "AWS4-HMAC-SHA256",
        "20150830T123600Z",
        SCOPE,
        "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59",
    ]


def test_the_signing_key_is_that_of_the_example():
    expected = "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
    assert aws_signature.signing_key(SECRET, SCOPE).hex() == expected


def test_the_signature_is_that_of_the_example(canonical):
    text = aws_signature.string_to_sign(HEADERS["x-amz-date"], SCOPE, canonical)
    assert aws_signature.signature(aws_signature.signing_key(SECRET, SCOPE), text) == SIGNATURE


class TestSecretsManager:
    """It refuses what AWS would refuse; else the tests that pass with it would show nothing."""

    NOW = "20260102T030405Z"
    BODY = b'{"SecretId": "name"}'

    @pytest.fixture(autouse=True)
    def _stopped_clock(self, monkeypatch):
        monkeypatch.setattr(aws, "check_time", lambda text: None)

    def answer(self, body=BODY, **changes):
        signed = ["content-type", "host", "x-amz-date", "x-amz-target"]
        headers = {
            "content-type": "application/x-amz-json-1.1",
            "host": "localhost",
            "x-amz-date": self.NOW,
            "x-amz-target": "secretsmanager.GetSecretValue",
        }
        scope = f"20260102/{aws.REGION}/secretsmanager/aws4_request"
        names = ";".join(changes.pop("signed", signed))
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders={names}, "
            f"Signature={'0' * 64}"
        )
        given = aws_signature.expected_signature(
            changes.pop("secret", SECRET), "POST", "/", headers, self.BODY
        )
        headers["authorization"] = headers["authorization"].replace("0" * 64, given)
        return aws.SecretsManager({"name": "value"}).serve("POST", "/", headers | changes, body)

    def test_a_right_signature_is_taken(self):
        assert self.answer() == (200, {"SecretString": "value"})

    @pytest.mark.parametrize(
        "changes",
        [
            {"secret": SECRET[:-1]},
            {"body": b'{"SecretId": "other"}'},
            {"host": "elsewhere"},
            {"x-amz-date": "20260102T030406Z"},
            {"x-amz-security-token": "of nobody"},
            {"signed": ["content-type", "host", "x-amz-date"]},
        ],
    )
    def test_anything_else_is_refused(self, changes):
        assert self.answer(**changes)[0] == 403
