"""Every error that the ingress answers: status, code, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ingress.providers.freshness import TOLERANCE_SECONDS
from ingress.reading import BODY_BYTES_LIMIT, PAYMENT_BYTES_LIMIT, READ_SECONDS_LIMIT
from ingress.webhook import RETRY_AFTER_SECONDS

Json = dict[str, Any]


class Error(NamedTuple):
    """One error: `code` is what a program looks at."""

    status: int
    code: str
    when: str
    headers: tuple[str, ...] = ()  # beside x-request-id; see HEADERS


ERRORS = (
    Error(400, "empty_body", "The body is empty."),
    Error(400, "invalid_json", "The body is no JSON; the message says where."),
    Error(400, "unexpected_shape", "It is JSON of another shape."),
    Error(400, "nested_too_deep", "It is nested too deeply to be written again."),
    Error(
        403, "invalid_signature", "The signature is missing, of another scheme, or does not match the body."
    ),
    Error(
        403,
        "stale_timestamp",
        f"The signed time is over {TOLERANCE_SECONDS:.0f} s from now (PayPal: 4 days).",
    ),
    Error(403, "address_not_listed", "This address may not post here."),
    Error(403, "verification_failed", "The verify token does not match."),
    Error(404, "not_found", "There is nothing at this address."),
    Error(404, "provider_off", "This provider is not switched on here; the message names the setting."),
    Error(405, "method_not_allowed", "The address takes other methods.", ("Allow",)),
    Error(408, "slow_body", f"The body did not arrive within {READ_SECONDS_LIMIT:.0f} s.", ("Connection",)),
    Error(409, "replayed_nonce", "This nonce was used before."),
    Error(410, "service_deprecated", "The address is retired; `use` says where to go."),
    Error(
        413,
        "too_large",
        f"More than {BODY_BYTES_LIMIT} bytes (of a payment provider {PAYMENT_BYTES_LIMIT}), or one update is "
        "larger than a record.",
        ("Connection",),
    ),
    Error(415, "unsupported_media_type", "The body says that it is something else than JSON."),
    Error(
        429,
        "rate_limited",
        "Too many requests of this address in a minute.",
        ("Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
    ),
    Error(500, "internal", "Something failed on our side. Post it again."),
    Error(
        503,
        "kafka_unavailable",
        f"The updates could not be stored. Post them again after {RETRY_AFTER_SECONDS} s.",
        ("Retry-After",),
    ),
    Error(503, "overloaded", "Too much is under way at this moment. Post it again.", ("Retry-After",)),
    Error(
        503,
        "nonce_under_way",
        "A post with this nonce is under way, and may yet fail. Post it again.",
        ("Retry-After",),
    ),
    Error(503, "certificate_unavailable", "PayPal's certificate cannot be had now.", ("Retry-After",)),
)

# Not on every answer of their status: a 413 for one update leaves the connection open.
NOT_ALWAYS = frozenset({"Connection"})

REQUEST_ID = "X-Request-Id"
HEADERS: Mapping[str, Json] = {
    REQUEST_ID: {
        "description": "The caller's own where it is short and harmless, else a new one; also in the body.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"},
    },
    "Allow": {"description": "The methods that the address takes.", "schema": {"type": "string"}},
    "Connection": {
        "description": "`close` where the rest of the body is not waited for.",
        "schema": {"type": "string"},
    },
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}},
    "X-RateLimit-Limit": {
        "description": "Requests of one address in a minute.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "X-RateLimit-Remaining": {"description": "Of those.", "schema": {"type": "integer", "minimum": 0}},
    "X-RateLimit-Reset": {
        "description": "Seconds until it is counted anew.",
        "schema": {"type": "integer", "minimum": 1},
    },
}

ERROR_SCHEMA: Json = {
    "type": "object",
    "title": "Error",
    "description": "The body of every error.",
    "properties": {
        "status": {"const": "error"},
        "error": {
            "enum": sorted({error.code for error in ERRORS}),
            "description": "What a program looks at.",
        },
        "message": {"type": "string", "description": "What a person reads."},
        "requestId": {"type": "string", "description": "As in x-request-id: what our logs have it under."},
        "use": {"type": "string", "description": "Where to go instead, on a 410."},
    },
    "required": ["status", "error", "message", "requestId"],
    "additionalProperties": False,
}


def answers(*codes: str) -> Json:
    """The responses of an operation that can end with these codes, by status."""
    wanted = set(codes)
    unknown = wanted - {error.code for error in ERRORS}
    if unknown:
        raise ValueError(f"there are no errors {', '.join(sorted(unknown))}")
    statuses = sorted({error.status for error in ERRORS if error.code in wanted})
    return {
        str(status): _answer([e for e in ERRORS if e.code in wanted and e.status == status])
        for status in statuses
    }


def _answer(errors: Iterable[Error]) -> Json:
    listed = list(errors)
    names = {REQUEST_ID: True} | {name: name not in NOT_ALWAYS for error in listed for name in error.headers}
    return {
        "description": "\n".join(f"- `{error.code}`: {error.when}" for error in listed),
        "headers": {
            name: {"$ref": f"#/components/headers/{name}"} if always else HEADERS[name]
            for name, always in names.items()
        },
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Error"},
                "examples": {error.code: {"value": example(error)} for error in listed},
            }
        },
    }


def example(error: Error) -> Json:
    """A body of this error."""
    body = {
        "status": "error",
        "error": error.code,
        "message": error.when.replace("`use` says where to go.", "Use /webhooks/whatsapp."),
        "requestId": "4f2a9c0e7d5b41c8a3e6f1029b8d7c54",
    }
    return body | ({"use": "/webhooks/whatsapp"} if error.status == 410 else {})
