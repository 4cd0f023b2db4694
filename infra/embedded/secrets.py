"""Secrets for a machine of one's own: made up where the environment sets none."""

from __future__ import annotations

import secrets

# Those that a service signs or verifies with. Meta's and the providers' real ones come from them.
SECRET_SETTINGS = (
    "meta_app_secrets",
    "meta_verify_token",
    "meta_access_token",
    "momo_webhook_secrets",
    "momo_sms_secrets",
    "stripe_webhook_secrets",
)
PHONE_NUMBER_ID = "100000000000001"  # the business number of the stand-in for Meta
LOOPBACK = "127.0.0.0/8,::1"
PAYPAL_WEBHOOK_ID = "WH-EASYMO-LOCAL"


def made_up_secrets() -> dict[str, str]:
    """Fresh values by the name of the setting (see infra/settings.py)."""
    values = {name: secrets.token_urlsafe(24) for name in SECRET_SETTINGS}
    return values | {
        "meta_phone_number_id": PHONE_NUMBER_ID,
        "paypal_webhook_id": PAYPAL_WEBHOOK_ID,
        "momo_sms_allowed_ips": LOOPBACK,
    }
