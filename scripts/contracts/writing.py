"""A schema as those who write by it keep to it, and as generators of older drafts understand it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schemas.compatibility import Policy, Schema
from schemas.compatibility.document import LIST, MAP, ONE, Document

BESIDE = frozenset({"allOf", "anyOf", "oneOf", "$ref", "if", "dependentSchemas"})  # may declare names, too
TESTS = frozenset({"not", "if", "contains", "propertyNames"})  # judge values; nobody writes by them
UNROLLED = 2  # times that a definition is put into itself


def written(schema: Schema, policy: Policy) -> Schema:
    """What a writer keeps to: under LENIENT, no names but those that are declared."""
    return schema if policy is Policy.STRICT else _closed(schema)


def _closed(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    inner = _mapped(schema, _closed, besides=TESTS | {"allOf"})
    declares = "properties" in schema or "patternProperties" in schema
    if "allOf" in schema:
        # Parts are closed together: each part's members are, the parts themselves are not.
        inner["allOf"] = [
            _mapped(part, _closed, besides=TESTS) if isinstance(part, dict) else part
            for part in schema["allOf"]
        ]
        declares = declares or any("properties" in part for part in schema["allOf"] if isinstance(part, dict))
    if not declares or {"additionalProperties", "unevaluatedProperties"} & schema.keys():
        return inner
    loose = set(schema.get("required", ())) | {
        name for names in schema.get("dependentRequired", {}).values() for name in names
    }
    known = inner.get("properties", {})
    inner["properties"] = known | dict.fromkeys(sorted(loose - known.keys()), True)
    if not inner["properties"] and "properties" not in schema:
        del inner["properties"]
    return inner | {"unevaluatedProperties" if BESIDE & schema.keys() else "additionalProperties": False}


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
