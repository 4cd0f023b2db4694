"""The security settings as FastStream's broker takes them."""

from __future__ import annotations

import ssl

from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from infra.settings import MissingSetting, Settings

MECHANISMS = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}


def security_of(settings: Settings) -> BaseSecurity | None:
    """None for plain text. Raises MissingSetting for a mechanism that is not supported."""
    protocol = settings.kafka_security_protocol
    if protocol == "PLAINTEXT":
        return None
    context = (
        ssl.create_default_context(cafile=settings.kafka_ssl_cafile) if protocol.endswith("SSL") else None
    )
    if not protocol.startswith("SASL_"):
        return BaseSecurity(ssl_context=context, use_ssl=True)
    mechanism = MECHANISMS.get(settings.kafka_sasl_mechanism)
    if mechanism is None:
        known = ", ".join(MECHANISMS)
        raise MissingSetting(f"EASYMO_KAFKA_SASL_MECHANISM is not one of {known}")
    return mechanism(
        username=settings.need("kafka_sasl_username"),
        password=settings.need("kafka_sasl_password"),
        ssl_context=context,
        use_ssl=context is not None,
    )
