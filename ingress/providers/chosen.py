"""Which providers' posts are taken here: those that are named, else those whose secret is set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from infra.settings import MissingSetting, Settings, environment_name
from ingress.addresses import Networks, read_networks
from ingress.providers.momo import MomoGateway
from ingress.providers.momo_sms import MomoSms
from ingress.providers.mtn import MtnCallback
from ingress.providers.stripe import Stripe
from ingress.sources import Source


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider of this installation."""

    source: Source
    per_minute: int  # signed posts of one client address
    allowed: Networks | None = None  # the only addresses that may post; None: any


def _momo(settings: Settings) -> Provider:
    source = MomoGateway(settings.secrets("momo_webhook_secrets"))
    return Provider(source, settings.ingress_payments_per_minute)


def _momo_sms(settings: Settings) -> Provider:
    allowed = read_networks(settings.need("momo_sms_allowed_ips"), "momo_sms_allowed_ips")
    if not allowed:
        raise MissingSetting("EASYMO_MOMO_SMS_ALLOWED_IPS names no address: nobody could post.")
    return Provider(
        MomoSms(settings.secrets("momo_sms_secrets")), settings.ingress_momo_sms_per_minute, allowed
    )


def _stripe(settings: Settings) -> Provider:
    return Provider(Stripe(settings.secrets("stripe_webhook_secrets")), settings.ingress_payments_per_minute)


def _paypal(settings: Settings) -> Provider:
    # Its cryptography is 5 MB: whoever takes no posts of PayPal's goes without.
    from ingress.providers.certificates import Certificates, read_roots
    from ingress.providers.paypal import Paypal

    certificates = Certificates(read_roots(settings.paypal_roots), origin=settings.paypal_cert_origin)
    source = Paypal(settings.need("paypal_webhook_id"), certificates)
    return Provider(source, settings.ingress_payments_per_minute)


def _mtn(settings: Settings) -> Provider:
    settings.need("mtn_callback_url")
    return Provider(MtnCallback(), settings.ingress_payments_per_minute)


@dataclass(frozen=True, slots=True)
class Known:
    """A provider that we know: its paths, the setting that its posts are verified with, how it is made."""

    paths: tuple[str, ...]
    setting: str
    make: Callable[[Settings], Provider]


KNOWN: Mapping[str, Known] = {
    "momo": Known(MomoGateway.paths, "momo_webhook_secrets", _momo),
    "momo-sms": Known(MomoSms.paths, "momo_sms_secrets", _momo_sms),
    "stripe": Known(Stripe.paths, "stripe_webhook_secrets", _stripe),
    "mtn": Known(MtnCallback.paths, "mtn_callback_url", _mtn),
    "paypal": Known(("/webhooks/paypal",), "paypal_webhook_id", _paypal),
}


def methods_of(path: str) -> tuple[str, ...]:
    """The methods by which a path takes posts."""
    return MtnCallback.methods if path in MtnCallback.paths else ("POST",)


def chosen(settings: Settings) -> list[Provider]:
    """Those that are switched on. Raises MissingSetting when one that is named lacks its secret, or the
    relay its list of addresses."""
    named = [part.strip() for part in settings.payment_providers.split(",") if part.strip()]
    unknown = sorted(set(named) - KNOWN.keys())
    if unknown:
        raise MissingSetting(
            f"EASYMO_PAYMENT_PROVIDERS: there is no {', '.join(unknown)}; there are {', '.join(KNOWN)}."
        )
    names = named or [name for name, known in KNOWN.items() if getattr(settings, known.setting)]
    return [KNOWN[name].make(settings) for name in dict.fromkeys(names)]


def switched_off(providers: list[Provider], settings: Settings) -> dict[str, str]:
    """The paths of the others, with the setting that would switch each on."""
    taken = {provider.source.name for provider in providers}
    return {
        path: environment_name("payment_providers" if getattr(settings, known.setting) else known.setting)
        for name, known in KNOWN.items()
        if name not in taken
        for path in known.paths
    }
