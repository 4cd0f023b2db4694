"""The whole document: every path of the ingress, its methods, headers, answers and errors."""

from __future__ import annotations

from typing import Any

from infra.version import installed_version
from ingress.openapi.errors import ERROR_SCHEMA, ERRORS, HEADERS, answers
from ingress.openapi.posts import SECURITY, paths_of_posts
from ingress.pages import CHALLENGE_LENGTH_LIMIT, RETIRED_METHODS, RETIRED_PATH
from ingress.sources import WhatsApp

OPENAPI = "3.1.0"
Json = dict[str, Any]

INTRODUCTION = """\
Where Meta and the payment providers post, and what they are answered.

- **200** means that every update is in Kafka, acknowledged by all in-sync replicas; else post it again.
- A post is judged in this order: signature (403), rate limit (429), body (400), storing (503).
- What proves nothing is counted for each client address, and answered 429 beyond the limit.
- Any other method is answered 405 (`method_not_allowed`, with `Allow`), any other address 404 (`not_found`).
- Unknown fields and kinds are taken and published, not refused.

Only `/webhooks/…` and its aliases should be reachable from outside; TLS ends at the proxy in front.
"""


def document() -> Json:
    """The document; the same at every call."""
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "EasyMO ingress",
            "version": installed_version(),
            "summary": "Signed webhooks in, Kafka records out.",
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "http://127.0.0.1:8080", "description": "EASYMO_INGRESS_HOST and _PORT"}],
        "tags": [
            {"name": "whatsapp", "description": "Meta's webhook."},
            {
                "name": "payments",
                "description": "The payment providers' webhooks; each is off until it is set.",
            },
            {"name": "operations", "description": "For the cluster: not reachable from outside."},
            {"name": "retired", "description": "Gone."},
        ],
        "paths": _paths(),
        "components": {
            "schemas": {"Error": ERROR_SCHEMA, **_SCHEMAS},
            "headers": {name: header | {"required": True} for name, header in HEADERS.items()},
            "responses": {
                "NotFound": answers("not_found")["404"],
                "MethodNotAllowed": answers("method_not_allowed")["405"],
            },
            "securitySchemes": SECURITY,
        },
        "x-errors": [{"status": error.status, "code": error.code, "when": error.when} for error in ERRORS],
    }


_STATUS = {"service": {"const": "ingress"}, "status": {"type": "string"}}
_SCHEMAS: Json = {
    "Accepted": {
        "type": "object",
        "properties": {
            "status": {"const": "success"},
            "accepted": {"type": "integer", "minimum": 0, "description": "The number of updates stored."},
        },
        "required": ["status", "accepted"],
        "additionalProperties": False,
    },
    "Health": {
        "type": "object",
        "properties": _STATUS
        | {"status": {"enum": ["ok", "failing"]}, "kafka": {"enum": ["reachable", "away"]}},
        "required": ["service", "status", "kafka"],
        "additionalProperties": False,
    },
    "Ready": {
        "type": "object",
        "properties": _STATUS | {"status": {"enum": ["ready", "waiting"]}, "for": {"const": "kafka"}},
        "required": ["service", "status"],
        "additionalProperties": False,
    },
}


def _paths() -> Json:
    paths = paths_of_posts()
    for path in WhatsApp.paths:
        paths[path] = {"get": _check(path)} | paths[path]
    paths[RETIRED_PATH] = {method.lower(): _retired(method) for method in RETIRED_METHODS}
    return paths | {"/health": _health(), "/ready": _ready(), "/metrics": _metrics()}


def _check(path: str) -> Json:
    def query(name: str, description: str, **schema: Any) -> Json:
        return {
            "name": name,
            "in": "query",
            "required": True,
            "description": description,
            "schema": {"type": "string", **schema},
        }

    return {
        "operationId": f"check{path.title().replace('/', '')}",
        "tags": ["whatsapp"],
        "summary": "Meta's check when the webhook is set up",
        "description": "The challenge is echoed to whoever knows `EASYMO_META_VERIFY_TOKEN`.",
        "parameters": [
            query("hub.mode", "What is asked for.", const="subscribe"),
            query("hub.verify_token", "The verify token."),
            query("hub.challenge", "What is echoed.", maxLength=CHALLENGE_LENGTH_LIMIT),
        ],
        "responses": {
            "200": {
                "description": "The challenge.",
                "content": {"text/plain": {"schema": {"type": "string"}, "example": "1158201444"}},
            },
            **answers("verification_failed", "rate_limited", "internal"),
        },
    }


def _retired(method: str) -> Json:
    return {
        "operationId": f"retired{method.title()}",
        "tags": ["retired"],
        "deprecated": True,
        "summary": "The old address of Meta's webhook",
        "responses": answers("service_deprecated", "rate_limited", "internal"),
    }


def _health() -> Json:
    def health(status: str, kafka: str, description: str) -> Json:
        return {
            "description": description,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Health"},
                    "example": {"service": "ingress", "status": status, "kafka": kafka},
                }
            },
        }

    responses = {
        "200": health("ok", "reachable", "It is to be left alone; it is also while Kafka is away."),
        "503": health("failing", "away", "It does not look after Kafka any more: start it anew."),
        **answers("internal"),
    }
    return {"get": _operations("health", "Whether this process is to be left alone", responses)}


def _ready() -> Json:
    def ready(shown: Json, description: str) -> Json:
        return {
            "description": description,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Ready"},
                    "example": {"service": "ingress", **shown},
                }
            },
        }

    responses = {
        "200": ready({"status": "ready"}, "Posts should come here."),
        "503": ready({"status": "waiting", "for": "kafka"}, "Kafka is not there (yet)."),
        **answers("internal"),
    }
    return {"get": _operations("ready", "Whether posts should come here now", responses)}


def _metrics() -> Json:
    shown = {
        "description": "Prometheus' text format.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
    responses = {"200": shown, **answers("internal")}
    return {"get": _operations("metrics", "What this process counts", responses)}


def _operations(name: str, summary: str, responses: Json) -> Json:
    return {"operationId": name, "tags": ["operations"], "summary": summary, "responses": responses}
