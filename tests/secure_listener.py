"""A listener of the tests' broker as production has it: TLS by an authority of our own, and SASL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from infra.embedded.kafka_config import Detour
from infra.embedded.ports import LOOPBACK, free_ports

NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Broker of the tests")])


@dataclass(frozen=True)
class SecureListener:
    """Where it is, and what a client must know. SCRAM's users are made in the test that wants them."""

    detour: Detour
    ca: Path
    user: str = "easymo"
    password: str = "open-sesame"

    @property
    def bootstrap_servers(self) -> str:
        return f"{LOOPBACK}:{self.detour.port}"


def a_secure_listener(folder: Path) -> SecureListener:
    """Its certificate, which signs itself, and its key lie in `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    ca, store = folder / "ca.pem", folder / "broker.pem"
    ca.write_bytes(certificate.public_bytes(Encoding.PEM))
    store.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + ca.read_bytes())
    (port,) = free_ports(1)
    login = "org.apache.kafka.common.security"
    settings = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": store.as_posix(),
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
        "plain.sasl.jaas.config": (
            f'{login}.plain.PlainLoginModule required user_{SecureListener.user}="{SecureListener.password}";'
        ),
        "scram-sha-512.sasl.jaas.config": f"{login}.scram.ScramLoginModule required;",
    }
    return SecureListener(Detour(port, port, "SASL_SSL", settings), ca)
