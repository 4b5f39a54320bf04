"""The files of the stand-in: a CA, a server certificate, and the private keys of apps.

Everything is made once; a folder that already has them keeps them, so a stand-in that is started
again is trusted by the same clients and knows the same apps.
"""

import ipaddress
import os
import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID = timedelta(days=30)


class KeyFolder:
    def __init__(self, directory):
        self.directory = Path(directory)
        self._public_keys = {}
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.server_file.exists():
            self._make_certificates()

    @property
    def ca_file(self):
        return self.directory / "ca.pem"

    @property
    def server_file(self):
        return self.directory / "server.pem"

    def tls_context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server_file)
        context.set_alpn_protocols(["http/1.1"])
        return context

    def private_key_file(self, name):
        """The PEM file of that name, made if it is not there."""
        path = self.directory / name
        if not path.exists():
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            write_secret(path, private_pem(key))
        return path

    def public_key(self, name):
        if name not in self._public_keys:
            pem = self.private_key_file(name).read_bytes()
            key = serialization.load_pem_private_key(pem, password=None)
            self._public_keys[name] = key.public_key()
        return self._public_keys[name]

    def _make_certificates(self):
        ca_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        ca = make_ca(ca_key)
        server = make_server_certificate(server_key, ca, ca_key)
        self.ca_file.write_bytes(certificate_pem(ca))
        write_secret(self.server_file, private_pem(server_key) + certificate_pem(server))


def make_ca(key):
    usage = x509.KeyUsage(
        key_cert_sign=True,
        crl_sign=True,
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    name = common_name("tokman test CA")
    builder = certificate(name, name, key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())


def make_server_certificate(key, ca, ca_key):
    names = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    builder = certificate(common_name("localhost"), ca.subject, key.public_key())
    for extension in (
        x509.SubjectAlternativeName(names),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
        issuer,
    ):
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(ca_key, hashes.SHA256())


def certificate(subject, issuer, public_key):
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def common_name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate_pem(it):
    return it.public_bytes(serialization.Encoding.PEM)


def private_pem(key):
    """PKCS#1, the form of the file that GitHub lets an owner download."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def write_secret(path, content):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
