"""JSON Schemas as components of an AsyncAPI document: their definitions moved to where it can name them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

COMPONENTS = "#/components/schemas/"
_LOCAL = "#/$defs/"
# They name the document that a schema is in, and it now is another one.
_OF_ITS_OWN_FILE = frozenset({"$schema", "$id", "$defs"})
_MAPS_OF_SCHEMAS = frozenset({"properties", "patternProperties", "dependentSchemas"})

Schema = dict[str, Any]


def components(name: str, text: str) -> Iterator[tuple[str, Schema]]:
    """A published schema under `name`, and each of its definitions under `<name>.<definition>`.

    AsyncAPI reads draft 07: what our schemas use of 2020-12 beyond that is written in its words. A schema
    that would not survive this raises KeyError, naming the keyword.
    """
    schema = json.loads(text)
    for definition, content in sorted(schema.get("$defs", {}).items()):
        yield f"{name}.{definition}", _moved(content, name)
    yield name, _moved(schema, name)


def _moved(schema: Any, name: str) -> Any:
    if isinstance(schema, list):
        return [_moved(item, name) for item in schema]
    if not isinstance(schema, dict):
        return schema
    moved: Schema = {}
    for key, value in schema.items():
        if key in _OF_ITS_OWN_FILE:
            continue
        if key == "$ref":
            moved[key] = f"{COMPONENTS}{name}.{value.removeprefix(_LOCAL)}"
        elif key in _MAPS_OF_SCHEMAS:
            moved[key] = {prop: _moved(each, name) for prop, each in value.items()}
        elif key == "discriminator":  # OpenAPI's object; AsyncAPI knows the name of the property only
            moved[key] = value["propertyName"]
        elif key == "prefixItems":
            moved["items"] = _moved(value, name)
            moved["additionalItems"] = _moved(schema.get("items", True), name)
        elif key == "items" and "prefixItems" in schema:
            continue
        elif key in _NEWER_THAN_DRAFT_07:
            raise KeyError(f"{name}: AsyncAPI has no word for {key}")
        else:
            moved[key] = value if key in _LITERAL else _moved(value, name)
    return moved


_LITERAL = frozenset({"default", "const", "enum", "examples"})  # values, whatever keys they have
_NEWER_THAN_DRAFT_07 = frozenset(
    {"unevaluatedProperties", "unevaluatedItems", "dependentRequired", "minContains", "maxContains"}
)
