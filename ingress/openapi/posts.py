"""The webhooks in the document: each source's paths, how it signs, what it posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.settings import environment_name
from ingress.openapi.errors import REQUEST_ID, answers
from ingress.providers.chosen import KNOWN, methods_of
from ingress.sources import WhatsApp

Json = dict[str, Any]

STORED = ("kafka_unavailable", "overloaded", "internal")
READ = ("empty_body", "invalid_json", "unexpected_shape", "slow_body", "too_large", "unsupported_media_type")
SIGNED = ("invalid_signature",)
TIMED = ("stale_timestamp",)


@dataclass(frozen=True, slots=True)
class Post:
    """What one source posts."""

    summary: str
    description: str
    headers: Mapping[str, str]  # beside the signature: name → what it says
    signature: str | None  # a name in SECURITY; None: not signed
    body: Json
    example: Json
    errors: tuple[str, ...]


def _header(name: str, description: str) -> Json:
    return {"type": "apiKey", "in": "header", "name": name, "description": description}


SECURITY: Json = {
    "meta": _header("X-Hub-Signature-256", "`sha256=<hex HMAC-SHA256(app secret, raw body)>`."),
    "momo": _header("X-Signature", "The hex HMAC-SHA256 of the raw body, with or without `sha256=`."),
    "momo-sms": _header("X-Momo-Signature", "The hex HMAC-SHA256 of the raw body."),
    "stripe": _header("Stripe-Signature", '`t=<unix>,v1=<hex>`: HMAC-SHA256 of `"{t}." + raw body`.'),
    "paypal": _header(
        "Paypal-Transmission-Sig",
        "Base64 of SHA256withRSA of `transmissionId|timeStamp|webhookId|crc32(raw body)`.",
    ),
}

_ANY_OBJECT = {"type": "object", "description": "Any JSON object: fields that we do not know are kept."}
_NOTIFICATION: Json = {
    "type": "object",
    "description": "A notification of Meta's. What stands inside an entry is never refused.",
    "properties": {"entry": {"type": "array", "items": True}},
    "required": ["entry"],
}

WHATSAPP = Post(
    "Messages, statuses and everything else that Meta posts",
    "Each message, status and other change becomes one record. A repeat has the same ids.",
    {},
    "meta",
    _NOTIFICATION,
    {
        "object": "whatsapp_business_account",
        "entry": [
            {
                "id": "200000000000002",
                "changes": [
                    {
                        "field": "messages",
                        "value": {
                            "messaging_product": "whatsapp",
                            "metadata": {
                                "display_phone_number": "250780000000",
                                "phone_number_id": "100000000000001",
                            },
                            "contacts": [{"wa_id": "250788123456", "profile": {"name": "Aline"}}],
                            "messages": [
                                {
                                    "from": "250788123456",
                                    "id": "wamid.HBgMMjUwNzg4MTIzNDU2",
                                    "timestamp": "1767268800",
                                    "type": "text",
                                    "text": {"body": "book ride"},
                                }
                            ],
                        },
                    }
                ],
            }
        ],
    },
    (*SIGNED, *READ, "nested_too_deep", *STORED),
)

PROVIDERS: Mapping[str, Post] = {
    "momo": Post(
        "The MoMo gateway's notification of a payment",
        "Kept raw, stored once for each notification.",
        {},
        "momo",
        _ANY_OBJECT,
        {"transactionId": "T1", "amount": 500, "currency": "RWF", "status": "SUCCESSFUL"},
        (*SIGNED, *READ, *STORED),
    ),
    "momo-sms": Post(
        "The relay that forwards a phone's MoMo SMS",
        "Each nonce once, from listed addresses only.",
        {
            "X-Momo-Timestamp": "Unix time, in seconds or milliseconds.",
            "X-Momo-Nonce": "Good for one post; 1–200 characters.",
            "X-Momo-Device-Id": "The phone; where the body names one, it has to be the same.",
        },
        "momo-sms",
        _ANY_OBJECT,
        {
            "sender": "M-Money",
            "message": "You have received RWF 5,000 from Aline (250788123456).",
            "nonce": "0b9a8c7d6e5f5a4b",
            "device_id": "phone-1",
        },
        (*SIGNED, *TIMED, "address_not_listed", "replayed_nonce", "nonce_under_way", *READ, *STORED),
    ),
    "mtn": Post(
        "MTN's callback: something changed",
        "Not signed, so nothing in it is believed: payments asks MTN itself.",
        {},
        None,
        _ANY_OBJECT,
        {"externalId": "7d0c6f2e-3b1a-5c44-9e0d-1f6a2b3c4d5e", "status": "SUCCESSFUL"},
        (*READ, *STORED),
    ),
    "stripe": Post(
        "Stripe's events",
        "Repeats have the same id, and are stored as the same event.",
        {},
        "stripe",
        _ANY_OBJECT,
        {"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": {"id": "pi_1"}}},
        (*SIGNED, *TIMED, *READ, *STORED),
    ),
    "paypal": Post(
        "PayPal's events",
        "Its certificate is fetched from PayPal alone, and checked.",
        {
            "Paypal-Transmission-Id": "PayPal's id of this post.",
            "Paypal-Transmission-Time": "ISO 8601.",
            "Paypal-Cert-Url": "Where the certificate is.",
            "Paypal-Auth-Algo": "`SHA256withRSA`.",
        },
        "paypal",
        _ANY_OBJECT,
        {"id": "WH-1", "event_type": "PAYMENT.CAPTURE.COMPLETED", "resource": {"id": "C1"}},
        (*SIGNED, *TIMED, *READ, *STORED, "certificate_unavailable"),
    ),
}


def paths_of_posts() -> Json:
    """Every path that takes posts, aliases too."""
    paths: Json = {}
    for path in WhatsApp.paths:
        paths[path] = {
            "post": _operation(WHATSAPP, "whatsapp", "post", path, alias=path != WhatsApp.paths[0])
        }
    for name, known in KNOWN.items():
        for path in known.paths:
            paths[path] = {
                method.lower(): _operation(
                    PROVIDERS[name],
                    "payments",
                    method.lower(),
                    path,
                    alias=path != known.paths[0],
                    setting=environment_name(known.setting),
                )
                for method in methods_of(path)
            }
    return paths


def _operation(
    post: Post, tag: str, method: str, path: str, *, alias: bool = False, setting: str | None = None
) -> Json:
    off = () if setting is None else ("provider_off",)
    said = [post.description]
    if setting is not None:
        said.append(f"Switched on by `{setting}`.")
    if alias:
        said.append("An alias.")
    return {
        "operationId": method + path.title().replace("/", "").replace("-", ""),
        "tags": [tag],
        "summary": post.summary,
        "description": " ".join(said),
        "security": [] if post.signature is None else [{post.signature: []}],
        "parameters": [_parameter(name, description) for name, description in _parameters(post)],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": post.body, "example": post.example}},
        },
        "responses": {
            "200": {
                "description": "Stored: acknowledged by all in-sync replicas.",
                "headers": {REQUEST_ID: {"$ref": f"#/components/headers/{REQUEST_ID}"}},
                "content": {
                    "application/json": {
                        "schema": {"$ref": "#/components/schemas/Accepted"},
                        "example": {"status": "success", "accepted": 1},
                    }
                },
            },
            **answers(*post.errors, *off, "rate_limited"),
        },
    }


def _parameters(post: Post) -> list[tuple[str, str]]:
    return [
        (REQUEST_ID, "Taken over where it is short and harmless, else one is made."),
        *post.headers.items(),
    ]


def _parameter(name: str, description: str) -> Json:
    """A header; none is required by the schema, since what is missing is answered 403 and not 400."""
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}
