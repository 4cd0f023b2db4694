"""A schema as those who write by it keep to it, and as generators of older drafts understand it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schemas.compatibility import Policy, Schema
from schemas.compatibility.document import LIST, MAP, ONE, Document

TOGETHER = frozenset({"allOf", "anyOf", "oneOf", "then", "else", "dependentSchemas"})  # of one value
TESTS = frozenset({"not", "if", "contains", "propertyNames"})  # judge values; nobody writes by them
UNROLLED = 2  # times that a definition is put into itself


def written(schema: Schema, policy: Policy) -> Schema:
    """What a writer keeps to: under LENIENT, no names but those that are declared."""
    return schema if policy is Policy.STRICT else _closed(schema)


def _closed(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    if not _declares(schema) and len(TOGETHER & schema.keys()) <= 1 and "allOf" not in schema:
        return _mapped(schema, _closed, besides=TESTS)  # alternatives are closed, each by itself
    inner = _members_closed(schema)
    if {"additionalProperties", "unevaluatedProperties"} & schema.keys():
        return inner
    if not (TOGETHER | {"if", "$ref"}) & schema.keys():  # the names in a condition may be there, too
        return _with_loose(inner, schema) | {"additionalProperties": False}
    declared = _declares(schema) or any(_declares(part) for part in _parts(schema))
    return _with_loose(inner, schema) | {"unevaluatedProperties": False} if declared else inner


def _declares(schema: Any) -> bool:
    return isinstance(schema, dict) and ("properties" in schema or "patternProperties" in schema)


def _parts(schema: dict[str, Any]) -> list[Any]:
    """What judges the same value as the schema."""
    listed = [part for keyword in ("allOf", "anyOf", "oneOf") for part in schema.get(keyword, ())]
    named = [schema[keyword] for keyword in ("then", "else") if keyword in schema]
    return [*listed, *named, *schema.get("dependentSchemas", {}).values()]


def _members_closed(schema: Any) -> Any:
    """What it holds is closed, and what its parts hold; they themselves only all together, from outside."""
    if not isinstance(schema, dict):
        return schema
    inner = _mapped(schema, _closed, besides=TESTS | TOGETHER)
    return _mapped(inner, _members_closed, besides=(ONE | LIST | MAP) - TOGETHER)


def _with_loose(inner: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """With the names that must be there, declared or not."""
    needed = schema.get("dependentRequired", {}).values()
    loose = set(schema.get("required", ())) | {name for names in needed for name in names}
    known = inner.get("properties", {})
    missing = dict.fromkeys(sorted(loose - known.keys()), True)
    return inner | {"properties": known | missing} if known or missing else inner


def _mapped(schema: dict[str, Any], change: Callable[[Any], Any], besides: frozenset[str]) -> dict[str, Any]:
    """A copy with each subschema changed."""
    found = dict(schema)
    for keyword in schema.keys() - besides:
        value = schema[keyword]
        if keyword in ONE:
            found[keyword] = change(value)
        elif keyword in LIST:
            found[keyword] = [change(item) for item in value]
        elif keyword in MAP:
            found[keyword] = {name: change(item) for name, item in value.items()}
    return found


def in_draft_7(schema: Schema) -> Schema:
    """A schema that draft 7 reads as nearly the same: references put in, tuples and dependencies renamed.

    Recursion ends after some rounds, and what draft 7 has no word for is left out: whoever generates by it
    checks what comes out against the schema itself.
    """
    document = Document(schema)
    older: Schema = _older(document, "#", schema, ())
    return older


def _older(document: Document, pointer: str, schema: Any, path: tuple[str, ...]) -> Any:
    if not isinstance(schema, dict):
        return schema
    found = _mapped(
        schema, lambda part: _older(document, pointer, part, path), frozenset({"$defs", "definitions"})
    )
    for word in (
        "$schema",
        "$id",
        "$anchor",
        "$defs",
        "definitions",
        "unevaluatedProperties",
        "unevaluatedItems",
    ):
        found.pop(word, None)
    if "prefixItems" in found:
        rest = found.pop("items", True)
        found["items"], found["additionalItems"] = found.pop("prefixItems"), rest
    needed, schemas = found.pop("dependentRequired", {}), found.pop("dependentSchemas", {})
    if needed or schemas:
        found["dependencies"] = needed | schemas
    for word in ("minContains", "maxContains"):
        found.pop(word, None)
    if "$ref" not in found:
        return found
    target = document.resolve(found.pop("$ref"), pointer)
    if path.count(target.pointer) > UNROLLED:
        return False
    meant = _older(document, target.pointer, target.schema, (*path, target.pointer))
    return {"allOf": [found, meant]} if found else meant
