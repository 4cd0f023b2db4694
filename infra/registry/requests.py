"""What clients send, checked: names of subjects, version numbers, and the bodies with schemas in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson

from infra.registry.identity import canonical
from infra.registry.refusals import (
    VERSION_LIMIT,
    Refusal,
    invalid_schema,
    invalid_subject,
    invalid_version,
    not_permitted,
    rules_unsupported,
)
from schemas.compatibility import Schema, UnusableSchema, load

SUBJECT_LIMIT = 255  # characters; topics have up to 249
RESERVED = frozenset({"__GLOBAL", "__EMPTY"})  # Confluent keeps its own settings under them
VERSION = re.compile(r"[+-]?[0-9]{1,10}")
TYPE = "JSON"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A schema that somebody sent: its text, what it parses to, and the version it is to have, if any."""

    text: str
    content: str
    document: Schema
    version: int | None


def valid_subject(subject: str) -> str:
    """The subject, when it may be one. Raises Refusal (42208)."""
    if len(subject) > SUBJECT_LIMIT:
        raise invalid_subject(subject, f"it has {len(subject)} characters, and may have {SUBJECT_LIMIT}")
    # Surrogates (Cs) stand for what was not UTF-8; Cc are control characters, and Cf those that nobody sees.
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in subject):
        raise invalid_subject(subject, "it has control characters")
    if subject in (".", ".."):
        raise invalid_subject(subject, "clients take it out of a path")
    if not subject.strip():
        raise invalid_subject(subject, "it is blank")
    if subject in RESERVED:
        raise invalid_subject(subject, "that name is reserved")
    if subject.startswith(":"):
        raise invalid_subject(subject, "contexts (':.name:') are not supported")
    return subject


def check_path(path: str) -> None:
    """That a path, as it was sent, is UTF-8 behind its percent signs. Raises Refusal (42208)."""
    try:
        unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        raise invalid_subject(path, "it is not UTF-8") from None


def version_number(text: str) -> int | None:
    """A version from a path; None for the latest (`latest`, or -1). Raises Refusal (42202)."""
    stripped = text.strip()
    if stripped.lower() == "latest" or stripped == "-1":
        return None
    if not VERSION.fullmatch(stripped) or not 1 <= int(stripped) <= VERSION_LIMIT:
        raise invalid_version(text[:40])
    return int(stripped)


def json_object(body: bytes) -> dict[str, Any]:
    """A body that is a JSON object. Raises Refusal (400)."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, f"The body is no JSON: {error}.") from None
    if not isinstance(found, dict):
        raise Refusal(400, "The body is no JSON object.")
    return found


def proposed(body: bytes, *, normalize: bool) -> Proposed:
    """The schema in a body `{"schemaType": "JSON", "schema": "…"}`. With `normalize`, its canonical text.

    Raises Refusal: 400 for a broken body, 42201 for a broken schema, 42202, 42205 and 42210 for what is not
    taken beside it.
    """
    request = json_object(body)
    _check_type(request.get("schemaType"))
    version = _asked_version(request.get("version"))
    _check_extras(request)
    text = request.get("schema")
    if not isinstance(text, str) or not text.strip():
        raise invalid_schema("the field `schema` is empty. It holds a JSON Schema as a string.")
    try:
        document = load(text)
    except UnusableSchema as error:
        raise invalid_schema(str(error)) from None
    content = canonical(document)
    return Proposed(content if normalize else text, content, document, version)


def _check_type(kind: object) -> None:
    if kind is None:
        raise invalid_schema(
            f"`schemaType` is missing, which means AVRO. This registry has {TYPE} schemas alone."
        )
    if kind != TYPE:
        raise invalid_schema(f"Invalid schema type {str(kind)[:40]}. This registry has {TYPE} schemas alone.")


def _asked_version(version: object) -> int | None:
    """Confluent's clients send 0 or -1 for "the next one"."""
    if version is None or (version in (0, -1) and not isinstance(version, bool)):
        return None
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= VERSION_LIMIT:
        raise invalid_version(str(version)[:40])
    return version


def _check_extras(request: Mapping[str, Any]) -> None:
    """What Confluent takes and we do not keep is refused, so that nobody believes it is in force."""
    if request.get("references"):
        raise invalid_schema("references to other subjects are not resolved. Put what they name in `$defs`.")
    if request.get("metadata"):
        raise invalid_schema("this registry keeps no metadata. Leave `metadata` out.")
    if request.get("ruleSet"):
        raise rules_unsupported()
    if request.get("id") not in (None, 0, -1):
        raise not_permitted("Ids follow from what a schema says: the registry is not in mode IMPORT.")
