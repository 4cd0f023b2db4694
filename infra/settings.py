"""Settings: read once from the environment (prefix ``EASYMO_``), at the edge, into one frozen model."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

# Five tries over 17 h 20 min: longer than a night's outage, shorter than a day's patience.
REDELIVERY_SECONDS = "300,900,3600,14400,43200"
REDELIVERIES_LIMIT = 20
REDELIVERY_SECONDS_LIMIT = 7 * 24 * 3600


class MissingSetting(Exception):
    """A setting that the started service cannot do without is absent; the message names it."""


class Settings(BaseSettings):
    """Everything that differs between two installations. Nothing else reads the environment.

    Secrets that rotate are comma-separated, newest first: any of them verifies, the first one signs.
    """

    model_config = SettingsConfigDict(env_prefix="EASYMO_", frozen=True, extra="ignore")

    # Kafka. Without an address the embedded stack starts (see infra/embedded).
    kafka_bootstrap_servers: str | None = None
    kafka_security_protocol: str = "PLAINTEXT"
    kafka_sasl_mechanism: str = "PLAIN"
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ssl_cafile: Path | None = None
    kafka_topic_prefix: str = ""  # several installations on one cluster; also how tests keep apart
    kafka_replication_factor: int = Field(default=1, ge=1)
    kafka_partitions_at_most: int = Field(default=10_000, ge=1)  # of a topic; for small installations
    kafka_min_insync_replicas: int = Field(default=1, ge=1)

    # PostgreSQL.
    postgres_dsn: SecretStr | None = None
    postgres_pool_size: int = Field(default=6, ge=1, le=100)

    # Meta.
    meta_app_secrets: SecretStr | None = None
    meta_verify_token: SecretStr | None = None
    meta_access_token: SecretStr | None = None
    meta_phone_number_id: str | None = None
    meta_business_number: str = ""  # digits: for links that open a chat with us; none: codes are shared alone
    graph_base_url: str = "https://graph.facebook.com/v23.0"
    graph_messages_per_second: int = Field(default=80, ge=1)  # the number's rate; 1,000 after an upgrade

    # Ingress.
    ingress_host: str = "127.0.0.1"
    ingress_port: int = Field(default=8080, ge=0, le=65535)
    ingress_trusted_proxies: str = ""  # comma-separated addresses or networks
    ingress_unsigned_per_minute: int = Field(default=300, ge=1)
    ingress_signed_per_minute: int = Field(default=0, ge=0)  # 0: off, Meta posts from few addresses
    ingress_publish_timeout_seconds: float = Field(default=5.0, gt=0)

    # Payment providers. Whose secret is set may post; those that are named must have theirs.
    payment_providers: str = ""  # comma-separated: momo, momo-sms, mtn, stripe, paypal
    ingress_payments_per_minute: int = Field(default=300, ge=1)  # signed posts of a provider and address
    ingress_momo_sms_per_minute: int = Field(default=100, ge=1)
    momo_webhook_secrets: SecretStr | None = None
    momo_sms_secrets: SecretStr | None = None
    momo_sms_allowed_ips: str = ""  # comma-separated addresses or networks of the relay; no others may post
    stripe_webhook_secrets: SecretStr | None = None
    paypal_webhook_id: str | None = None
    paypal_roots: Path | None = None  # PEM file of root certificates; unset: this machine's
    paypal_cert_origin: str | None = (
        None  # unset: https below paypal.com; such as https://api.sandbox.paypal.com
    )

    # Providers that we call. One whose credentials are not set is off: what needs it is refused.
    momo_merchant_code: str = (
        ""  # whoever tops up by a transfer of their own pays this code; none: not offered
    )
    mtn_base_url: str = "https://proxy.momoapi.mtn.com"
    mtn_environment: str = "mtnrwanda"
    mtn_callback_url: str | None = None  # MTN posts there that something changed: …/webhooks/mtn
    mtn_collection_user: str | None = None
    mtn_collection_key: SecretStr | None = None
    mtn_collection_subscription: SecretStr | None = None
    mtn_disbursement_user: str | None = None
    mtn_disbursement_key: SecretStr | None = None
    mtn_disbursement_subscription: SecretStr | None = None
    stripe_base_url: str = "https://api.stripe.com"
    stripe_secret_key: SecretStr | None = None
    stripe_return_url: str = "https://wa.me/"  # where a payer's browser goes afterwards

    # What failed: after how many seconds it is tried again, and for one consumer otherwise than for the rest.
    redelivery_seconds: str = REDELIVERY_SECONDS
    redelivery_seconds_for: str = ""  # such as `sender=60,300;core=30,30,30`
    dead_letters_kept_days: int = Field(default=90, ge=31)  # after they are closed; open ones stay
    operator: str | None = None  # who acts on dead letters; unset: the user of this machine
    trace_url: str | None = None  # where people look at a trace, with {trace_id} in it

    # Somebody else's schema registry, that `easymo schemas push` publishes into.
    schema_registry_url: str | None = None
    schema_registry_user: str | None = None  # or the key of an API; unset: no authentication
    schema_registry_password: SecretStr | None = None

    # Every process.
    log_level: str = "info"
    instance_id: str | None = None  # static group membership; unset: a dynamic member
    health_host: str = "127.0.0.1"  # in a container 0.0.0.0, so that the orchestrator reaches it
    health_port: int = Field(default=0, ge=0, le=65535)  # 0: any free port
    otlp_endpoint: str | None = None  # unset: trace ids are propagated, nothing is exported
    admin_numbers: str = ""  # comma-separated phone numbers that may send "/…" commands
    support_number: str = "250788000000"
    state_dir: Path = Path(".easymo")
    cache_dir: Path | None = None  # downloads of the embedded stack; unset: the user's cache folder

    @field_validator("redelivery_seconds")
    @classmethod
    def _delays(cls, value: str) -> str:
        read_delays(value)
        return value

    @field_validator("redelivery_seconds_for")
    @classmethod
    def _delays_by_consumer(cls, value: str) -> str:
        _read_delays_by_consumer(value)
        return value

    def redelivery_delays(self, consumer: str) -> tuple[timedelta, ...]:
        """How long after each failure an event of this consumer is tried again; after the last, never."""
        own = _read_delays_by_consumer(self.redelivery_seconds_for)
        return own.get(consumer) or read_delays(self.redelivery_seconds)

    def need(self, name: str) -> str:
        """The value of a setting that must be there.

        Raises MissingSetting with the name of the environment variable to set.
        """
        value = getattr(self, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        if not value:
            raise MissingSetting(
                f"EASYMO_{name.upper()} is not set. Set it in the environment, or start the embedded "
                "stack with `easymo up`, which makes one up."
            )
        return str(value)

    def secrets(self, name: str) -> tuple[bytes, ...]:
        """The comma-separated secrets of a setting as bytes, newest first. Raises MissingSetting."""
        return tuple(part.strip().encode() for part in self.need(name).split(",") if part.strip())

    @cached_property
    def admin_contacts(self) -> frozenset[str]:
        """Numbers (digits only) that may use admin commands."""
        parts = (part.strip().lstrip("+") for part in self.admin_numbers.split(","))
        return frozenset(part for part in parts if part)

    def explicit(self) -> dict[str, str]:
        """What was set, as environment variables, secrets included: for child processes, never for logs."""
        found: dict[str, str] = {}
        for name in sorted(self.model_fields_set):
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                value = value.get_secret_value()
            if value is not None:
                found[environment_name(name)] = str(value)
        return found


def read_delays(text: str) -> tuple[timedelta, ...]:
    """`60,300` as waiting times. Raises ValueError, whose text says what to write."""
    try:
        seconds = [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"give seconds with commas between them, such as 60,300, not {text!r}") from None
    fits = all(0 <= each <= REDELIVERY_SECONDS_LIMIT for each in seconds)
    if not fits or len(seconds) > REDELIVERIES_LIMIT:
        raise ValueError(f"give up to {REDELIVERIES_LIMIT} times, each from 0 s to 7 days, not {text!r}")
    return tuple(timedelta(seconds=each) for each in seconds)


def _read_delays_by_consumer(text: str) -> dict[str, tuple[timedelta, ...]]:
    found = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        consumer, equals, delays = part.partition("=")
        if not equals or not consumer.strip():
            raise ValueError(f"write CONSUMER=SECONDS,SECONDS with ; between consumers, not {part!r}")
        found[consumer.strip()] = read_delays(delays)
    return found


def environment_name(setting: str) -> str:
    """The environment variable of a setting."""
    return f"EASYMO_{setting.upper()}"


def child_environment(values: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with `values` on top, for a child to start with."""
    return {**os.environ, **values}


def load_settings(**overrides: object) -> Settings:
    """Read the environment; `overrides` win. Raises MissingSetting on a value that does not fit."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        places = "; ".join(f"EASYMO_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise MissingSetting(f"Settings that do not fit: {places}") from None
