"""The fields of a published schema as rows for people: name, type, whether it is needed, what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

_BOUNDS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "pattern": "`{}`",
    "minItems": "at least {}",
    "maxItems": "at most {}",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One property of an object."""

    name: str
    type: str  # Markdown: parts are links
    needed: bool
    says: str


@dataclass(frozen=True, slots=True)
class Part:
    """An object with its fields: the event itself, or one of its definitions."""

    name: str
    says: str
    fields: tuple[Field, ...]


def parts(schema: Schema, version: str) -> Iterator[Part]:
    """The event's own fields first, then those of each definition; links stay within the version."""
    yield Part("", schema.get("description", ""), _fields(schema, version))
    for name, definition in sorted(schema.get("$defs", {}).items()):
        yield Part(name, definition.get("description", ""), _fields(definition, version))


def anchor(part: str, version: str) -> str:
    """Where a part of a version stands on the event's page."""
    return f"{part.lower()}-{version}"


def _fields(schema: Schema, version: str) -> tuple[Field, ...]:
    needed = set(schema.get("required", ()))
    return tuple(
        Field(name, type_of(each, version), name in needed, " ".join(_said(each)))
        for name, each in schema.get("properties", {}).items()
    )


def type_of(schema: Any, version: str) -> str:
    """A type in words. Nullable ones do not say so: absent and null mean the same in our events."""
    if not isinstance(schema, dict) or not schema.keys() - {"title", "description", "default"}:
        return "any"
    if "$ref" in schema:
        part = schema["$ref"].rpartition("/")[2]
        return f"[{part}](#{anchor(part, version)})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if one_of := schema.get("anyOf", schema.get("oneOf")):
        return " or ".join(type_of(each, version) for each in one_of if each != {"type": "null"})
    return _plain_type(schema, version)


def _plain_type(schema: Schema, version: str) -> str:
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {type_of(schema.get('items', {}), version)}"
    return f"{kind} ({schema['format']})" if "format" in schema else str(kind)


def _said(schema: Schema) -> Iterator[str]:
    """The description, bounds and default, as sentences."""
    if schema.get("description"):
        yield _sentence(schema["description"])
    for each in (schema, *schema.get("anyOf", ())):
        if bounds := [words.format(each[key]) for key, words in _BOUNDS.items() if key in each]:
            yield _sentence(", ".join(bounds))
    default = schema.get("default")
    if default not in (None, "", [], False) and "const" not in schema:
        yield f"Unless given: `{default}`."


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "…")) else f"{text}."
