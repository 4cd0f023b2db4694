"""Reads a schema that somebody handed in: bounded, a real schema, and with references that lead somewhere."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

import jsonschema_rs

from schemas.compatibility.document import DIALECT, Document, Node, escaped, matches
from schemas.compatibility.meaning import WORDS
from schemas.compatibility.vocabulary import Schema, UnusableSchema

BYTES_LIMIT = 1 << 20  # a schema of a hundred properties has some 20 kB
DEPTH_LIMIT = 100  # of JSON in JSON, two for each object in an object
DIGITS_LIMIT = 4300  # of an integer; Python reads no more
FAULTS_SHOWN = 3

# Older dialects are taken as far as they mean the same in 2020-12.
DRAFT_6 = "http://json-schema.org/draft-06/schema"
DRAFT_7 = "http://json-schema.org/draft-07/schema"
DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema"
REFERENCE_ALONE = frozenset({DRAFT_6, DRAFT_7})
SINCE_2020 = frozenset({"prefixItems"})
SINCE_2019 = SINCE_2020 | {
    "dependentRequired",
    "dependentSchemas",
    "maxContains",
    "minContains",
    "unevaluatedItems",
    "unevaluatedProperties",
}
# Validators of that dialect ignore them; here they would count.
UNKNOWN = {
    DRAFT_6: SINCE_2019 | {"else", "if", "then"},
    DRAFT_7: SINCE_2019,
    DRAFT_2019: SINCE_2020,
    DIALECT: frozenset[str](),
}
REPLACED = {
    "additionalItems": "Write prefixItems, and items for what follows",
    "dependencies": "Write dependentRequired or dependentSchemas",
}


def load(text: bytes | str) -> Schema:
    """A schema from its JSON text, in draft 2020-12 or what means the same there. Nothing is ever fetched.

    Raises UnusableSchema for: more than 1 MiB, no JSON, nested too deep, no valid schema, an older dialect
    where it means something else, an expression that is none, and references that lead out, to nothing, or
    in a circle.
    """
    size = len(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    if size > BYTES_LIMIT:
        raise UnusableSchema(
            f"#: {size:,} bytes; a schema may have {BYTES_LIMIT:,}. Leave out what is generated, or split it."
        )
    schema = _parsed(text)
    _check_values(schema)
    _check_meta(schema)
    document = Document(schema)
    for node in document.everything():
        _check_patterns(node)
        _check_dialect(node, document)
    return schema


def _parsed(text: bytes | str) -> Schema:
    try:
        parsed: Schema = json.loads(
            text, parse_int=_integer, parse_constant=_no_constant, object_pairs_hook=_no_doubles
        )
    except RecursionError:
        raise UnusableSchema(f"#: nested deeper than {DEPTH_LIMIT} levels. Use $defs and $ref.") from None
    except ValueError as error:  # of JSON, of UTF-8, or one of ours
        raise UnusableSchema(f"#: this is no JSON: {error}.") from None
    return parsed


def _integer(digits: str) -> int:
    if len(digits.removeprefix("-")) > DIGITS_LIMIT:
        raise ValueError(f"a number of more than {DIGITS_LIMIT} digits")
    return int(digits)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {double!r} stands twice in one object")
    return found


def _check_values(schema: Any) -> None:
    for pointer, depth, value in _walked(schema):
        if depth > DEPTH_LIMIT:
            short = pointer[:80] + "…"
            raise UnusableSchema(f"{short}: nested deeper than {DEPTH_LIMIT} levels. Use $defs and $ref.")
        if isinstance(value, float) and not math.isfinite(value):
            raise UnusableSchema(f"{pointer}: this number is too great.")


def _walked(schema: Any) -> Iterator[tuple[str, int, Any]]:
    waiting: list[tuple[str, int, Any]] = [("#", 0, schema)]
    while waiting:
        pointer, depth, value = waiting.pop()
        yield pointer, depth, value
        if isinstance(value, dict):
            waiting += [(f"{pointer}/{escaped(name)}", depth + 1, item) for name, item in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{pointer}/{index}", depth + 1, item) for index, item in enumerate(value)]


def _check_meta(schema: Any) -> None:
    if not isinstance(schema, dict | bool):
        raise UnusableSchema("#: this is no schema, which is an object, true or false.")
    stated = schema.get("$schema", DIALECT) if isinstance(schema, dict) else DIALECT
    if not isinstance(stated, str) or stated.rstrip("#") not in UNKNOWN:
        raise UnusableSchema(f"#/$schema: {stated!r} is not known here. Write {DIALECT}.")
    plain = (
        {key: value for key, value in schema.items() if key != "$schema"}
        if isinstance(schema, dict)
        else schema
    )
    faults = [
        f"#{''.join(f'/{escaped(str(token))}' for token in error.instance_path)}: {error.message[:200]}"
        for error in _meta_validator().iter_errors(plain)
    ]
    if faults:
        shown = "; ".join(list(dict.fromkeys(faults))[:FAULTS_SHOWN])
        raise UnusableSchema(f"{shown}. Mend it: the dialect is {DIALECT}.")


def _meta_validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for({"$ref": DIALECT})


def _check_patterns(node: Node) -> None:
    expressions = [("pattern", node.get("pattern"))] if node.has("pattern") else []
    expressions += [
        (f"patternProperties/{escaped(pattern)}", pattern) for pattern in node.get("patternProperties", ())
    ]
    for where, expression in expressions:
        try:
            matches(expression)
        except UnusableSchema as error:
            raise UnusableSchema(f"{node.pointer}/{where}: {error}") from None


def _check_dialect(node: Node, document: Document) -> None:
    """What older dialects mean otherwise or do not know, or have and 2020-12 has not."""
    for keyword, instead in REPLACED.items():
        if node.has(keyword):
            raise UnusableSchema(f"{node.pointer}/{keyword}: not in {DIALECT}. {instead}.")
    stated = document.root.get("$schema", DIALECT).rstrip("#")
    for keyword in sorted(UNKNOWN[stated]):
        if node.has(keyword):
            raise UnusableSchema(
                f"{node.pointer}/{keyword}: {stated} does not know it, so its validators ignore it. "
                f"State {DIALECT}, or leave it out."
            )
    beside = (
        set(node.schema) - WORDS - {"$ref", "$defs", "definitions"}
        if isinstance(node.schema, dict)
        else set()
    )
    if stated in REFERENCE_ALONE and node.has("$ref") and beside:
        raise UnusableSchema(
            f"{node.pointer}: beside a $ref, {stated} ignores {', '.join(sorted(beside))}. "
            "Put both into an allOf."
        )
