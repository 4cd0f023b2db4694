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

    Secrets that rotate are comma-separated, newest first: any of them verifies, the first one signs. The text
    below each says what people are to know; `make docs` makes a page of them.
    """

    model_config = SettingsConfigDict(env_prefix="EASYMO_", frozen=True, extra="ignore")

    # Kafka. Without an address the embedded stack starts (see infra/embedded).
    kafka_bootstrap_servers: str | None = None
    """Comma-separated addresses of brokers. Unset: the embedded Kafka starts."""
    kafka_security_protocol: str = "PLAINTEXT"
    """PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."""
    kafka_sasl_mechanism: str = "PLAIN"
    """PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512."""
    kafka_sasl_username: str | None = None
    """With SASL_…: who we are to the broker."""
    kafka_sasl_password: SecretStr | None = None
    """With SASL_…: its password."""
    kafka_ssl_cafile: Path | None = None
    """PEM file of the broker's root certificates; unset: this machine's."""
    kafka_topic_prefix: str = ""
    """Before the name of every topic and group: several installations on one cluster."""
    kafka_replication_factor: int = Field(default=1, ge=1)
    """Of topics that are created; 3 in production."""
    kafka_partitions_at_most: int = Field(default=10_000, ge=1)
    """Of a topic that is created. Unset: 4 on the embedded Kafka, elsewhere what the catalogue says."""
    kafka_min_insync_replicas: int = Field(default=1, ge=1)
    """Replicas that have a record before it is acknowledged; 2 of 3 in production."""

    # PostgreSQL.
    postgres_dsn: SecretStr | None = None
    """postgresql://user:password@host/database. Unset: the embedded PostgreSQL starts."""
    postgres_pool_size: int = Field(default=6, ge=1, le=100)
    """Connections of a process at most, where no consumer needs more."""

    # Meta.
    meta_app_secrets: SecretStr | None = None
    """The app's secrets, by which Meta signs what it posts."""
    meta_verify_token: SecretStr | None = None
    """What Meta repeats when the webhook is set up."""
    meta_access_token: SecretStr | None = None
    """With which messages are sent."""
    meta_phone_number_id: str | None = None
    """The id of our number, from which messages are sent."""
    meta_business_number: str = ""
    """Digits: for links that open a chat with us. None: codes are shared alone."""
    graph_base_url: str = "https://graph.facebook.com/v23.0"
    """Meta's Graph API, with its version."""
    graph_messages_per_second: int = Field(default=80, ge=1)
    """The number's rate; 1,000 after an upgrade."""

    # Ingress.
    ingress_host: str = "127.0.0.1"
    """Where the ingress listens; 0.0.0.0 in a container."""
    ingress_port: int = Field(default=8080, ge=0, le=65535)
    """0: any free port."""
    ingress_trusted_proxies: str = ""
    """Comma-separated addresses or networks whose X-Forwarded-For is believed."""
    ingress_unsigned_per_minute: int = Field(default=300, ge=1)
    """Requests of one client address that prove nothing, before it gets 429."""
    ingress_signed_per_minute: int = Field(default=0, ge=0)
    """The same of what Meta signed. 0: off, since Meta posts from few addresses."""
    ingress_publish_timeout_seconds: float = Field(default=5.0, gt=0)
    """How long a post waits for Kafka before it is answered 503."""

    # Payment providers. Whose secret is set may post; those that are named must have theirs.
    payment_providers: str = ""
    """Comma-separated: momo, momo-sms, mtn, stripe, paypal. These must be complete, or nothing starts."""
    ingress_payments_per_minute: int = Field(default=300, ge=1)
    """Signed posts of a provider and client address."""
    ingress_momo_sms_per_minute: int = Field(default=100, ge=1)
    """The same for the relay of MoMo SMS."""
    momo_webhook_secrets: SecretStr | None = None
    """By which the MoMo gateway signs."""
    momo_sms_secrets: SecretStr | None = None
    """By which the relay of MoMo SMS signs."""
    momo_sms_allowed_ips: str = ""
    """Comma-separated addresses or networks of the relay; no others may post."""
    stripe_webhook_secrets: SecretStr | None = None
    """whsec_…, by which Stripe signs."""
    paypal_webhook_id: str | None = None
    """PayPal's name for this webhook, which is part of what it signs."""
    paypal_roots: Path | None = None
    """PEM file of root certificates; unset: this machine's."""
    paypal_cert_origin: str | None = None
    """Unset: https below paypal.com; such as https://api.sandbox.paypal.com."""

    # Providers that we call. One whose credentials are not set is off: what needs it is refused.
    momo_merchant_code: str = ""
    """Whoever tops up by a transfer of their own pays this code; none: not offered."""
    mtn_base_url: str = "https://proxy.momoapi.mtn.com"
    """MTN's MoMo API."""
    mtn_environment: str = "mtnrwanda"
    """X-Target-Environment: mtnrwanda, or sandbox."""
    mtn_callback_url: str | None = None
    """MTN posts there that something changed: …/webhooks/mtn."""
    mtn_collection_user: str | None = None
    """The API user that asks payers for money."""
    mtn_collection_key: SecretStr | None = None
    """Its API key."""
    mtn_collection_subscription: SecretStr | None = None
    """Its subscription key."""
    mtn_disbursement_user: str | None = None
    """The API user that pays out."""
    mtn_disbursement_key: SecretStr | None = None
    """Its API key."""
    mtn_disbursement_subscription: SecretStr | None = None
    """Its subscription key."""
    stripe_base_url: str = "https://api.stripe.com"
    """Stripe's API."""
    stripe_secret_key: SecretStr | None = None
    """sk_…, with which payers are asked."""
    stripe_return_url: str = "https://wa.me/"
    """Where a payer's browser goes afterwards."""

    # What failed. It is tried again, for all consumers alike or for one otherwise.
    redelivery_seconds: str = REDELIVERY_SECONDS
    """After how many seconds each time; then it is dead."""
    redelivery_seconds_for: str = ""
    """For one consumer otherwise: sender=60,300;core=30,30,30."""
    dead_letters_kept_days: int = Field(default=90, ge=31)
    """After they are closed; open ones stay."""
    operator: str | None = None
    """Who acts on dead letters; unset: the user of this machine."""
    trace_url: str | None = None
    """Where people look at a trace, with {trace_id} in it."""

    # A schema registry.
    schema_registry_url: str | None = None
    """Somebody else's, that `easymo schemas push` publishes into."""
    schema_registry_user: str | None = None
    """Or the key of an API; unset: no authentication."""
    schema_registry_password: SecretStr | None = None
    """Of that user."""

    # Every process.
    log_level: str = "info"
    """debug, info, warning or error."""
    instance_id: str | None = None
    """Static group membership; unset: a dynamic member."""
    health_host: str = "127.0.0.1"
    """In a container 0.0.0.0, so that the orchestrator reaches it."""
    health_port: int = Field(default=0, ge=0, le=65535)
    """0: any free port."""
    otlp_endpoint: str | None = None
    """Where spans go (OTLP over HTTP). Unset: trace ids are propagated, nothing is exported."""
    admin_numbers: str = ""
    """Comma-separated phone numbers that may send “/…” commands."""
    support_number: str = "250788000000"
    """Digits: whom people are sent to for help."""
    state_dir: Path = Path(".easymo")
    """Where the embedded stack keeps its data."""
    cache_dir: Path | None = None
    """Downloads of the embedded stack; unset: the user's cache folder."""

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
        """The comma-separated secrets of a setting as bytes, newest first. Raises MissingSetting, also where
        there are commas and nothing between them."""
        found = tuple(part.strip().encode() for part in self.need(name).split(",") if part.strip())
        if not found:
            raise MissingSetting(f"{environment_name(name)} holds commas and no secret.")
        return found

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
