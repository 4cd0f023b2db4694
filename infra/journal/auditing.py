"""What the records of a topic say of themselves, held against the schemas that they claim. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

import jsonschema_rs
import orjson

from infra.journal.drift import FIELD, Drift, named
from infra.telemetry.masking import Masking

KINDS_LIMIT = 1_000  # pairs of type and schema: headers that are data would have no end
ERRORS_LIMIT = 10  # that are told of one record
PLACES_LIMIT = 50  # of what is invalid, by type
SCHEMA = re.compile(rf"{FIELD.pattern}/v[0-9]{{1,6}}")
# Messages with names that no schema has; they may be anybody's.
STRANGERS = {
    "additionalProperties": "there are names that are not allowed",
    "propertyNames": "a name is not as it has to be",
    "unevaluatedProperties": "there are names that are not allowed",
}
MASK = "a value"  # stands in messages for what the record holds
OTHERS = (b"\0others", b"")  # the tally of what is beyond the limit of kinds


class Given(Protocol):
    """A record as Kafka's client has it."""

    @property
    def partition(self) -> int:
        """Of the topic."""

    @property
    def offset(self) -> int:
        """Within the partition."""

    @property
    def value(self) -> bytes | None:
        """JSON, as is hoped."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """By name; one may stand there twice."""


@dataclass(slots=True)
class Invalid:
    """One place where records do not fit, with the first of them."""

    pointer: str
    why: str
    records: int
    first: str  # partition@offset


@dataclass(slots=True)
class Tally:
    """The records of one type that claim one schema."""

    type: str
    schema: str
    judged_by: str = ""  # the schema that they are held against; empty: there is none of it here
    is_missing: bool = False  # no `ce_dataschema`: it is held against what the type says
    is_lying: bool = False  # it claims another subject or version than its type says
    records: int = 0
    invalid: int = 0
    places: dict[tuple[str, str], Invalid] = field(default_factory=dict)
    validator: jsonschema_rs.Draft202012Validator | None = None
    drift: Drift | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether nobody here published what it claims."""
        return not self.judged_by

    @property
    def keeps_its_word(self) -> bool:
        """Whether every record is what it claims."""
        return not (self.invalid or self.is_missing or self.is_lying or self.is_unknown)


class Audit:
    """Holds records against published schemas; each schema is compiled once, when it is first claimed."""

    def __init__(self, published: Mapping[str, str]) -> None:
        """`published`: the texts of the schemas by `<subject>/<version>`."""
        self._published = published
        self._tallies: dict[tuple[bytes, bytes], Tally] = {}
        self._text = Masking().text
        self.records = 0

    def look(self, record: Given) -> None:
        """Take one record into account."""
        kind = schema = b""
        for name, content in record.headers:
            if name == "ce_type":
                kind = content or b""
            elif name == "ce_dataschema":
                schema = content or b""
        self.records += 1
        tally = self._tallies.get((kind, schema)) or self._tally(kind, schema)
        tally.records += 1
        if tally.validator is None or tally.drift is None:
            return
        try:
            data = orjson.loads(record.value or b"")
        except orjson.JSONDecodeError as error:
            tally.invalid += 1
            why = f"it is no JSON that can be read: {error.msg}" if record.value else "there is none"
            self._note(tally, "", why, record)
            return
        valid = False
        try:
            valid = tally.validator.is_valid(data)
            if not valid:
                self._note_all(tally, islice(tally.validator.iter_errors(data), ERRORS_LIMIT), record)
        except ValueError:  # 255 levels are what the validator takes, and more than any event of ours has
            self._note(tally, "", "it is nested too deep", record)
        tally.invalid += not valid
        tally.drift.look(data)

    def _note_all(self, tally: Tally, errors: Iterable[jsonschema_rs.ValidationError], record: Given) -> None:
        for error in errors:
            parts = ("*" if isinstance(part, int) else named(part) for part in error.instance_path)
            why = STRANGERS.get(error.kind.name) or error.message
            self._note(tally, "".join(f"/{part}" for part in parts), why, record)

    def _note(self, tally: Tally, pointer: str, why: str, record: Given) -> None:
        pointer, why = self._text(pointer), self._text(why)  # names of fields may be data, too
        known = tally.places.get((pointer, why))
        if known is not None:
            known.records += 1
        elif len(tally.places) < PLACES_LIMIT:
            tally.places[pointer, why] = Invalid(pointer, why, 1, f"{record.partition}@{record.offset}")

    def _tally(self, kind: bytes, schema: bytes) -> Tally:
        """A new one, or the one of all others where there are too many."""
        key = (kind, schema)
        if len(self._tallies) >= KINDS_LIMIT:
            return self._tallies.setdefault(OTHERS, Tally("more types than are told apart", ""))
        said, claimed = (raw.decode(errors="replace") for raw in key)
        implied = "/v".join(said.rsplit(".v", 1))
        judged_by = claimed or implied
        text = self._published.get(judged_by)
        tally = self._tallies[key] = Tally(
            self._shown(said),
            self._shown(claimed),
            judged_by if text else "",
            not claimed,
            bool(claimed) and claimed != implied,
        )
        if text is not None:
            published = orjson.loads(text)
            tally.validator = jsonschema_rs.Draft202012Validator(published, validate_formats=True, mask=MASK)
            tally.drift = Drift(published)
        return tally

    def _shown(self, header: str) -> str:
        """A type or the name of a schema: what it is called, unless that may be data."""
        looks_like_one = not header or SCHEMA.fullmatch(header)
        return self._text(header if looks_like_one else named(header))

    def tallies(self) -> list[Tally]:
        """One for each type and schema that was met, the most frequent first."""
        return sorted(self._tallies.values(), key=lambda tally: (-tally.records, tally.type, tally.schema))

    def as_json(self) -> list[dict[str, Any]]:
        """The tallies as JSON objects: the names of undeclared fields are masked, and no value is told."""
        return [self._told(tally) for tally in self.tallies()]

    def _told(self, tally: Tally) -> dict[str, Any]:
        drift = tally.drift
        undeclared = drift.undeclared.values() if drift else ()
        return {
            "type": tally.type,
            "schema": tally.schema or None,
            "records": tally.records,
            "keeps_its_word": tally.keeps_its_word,
            "schema_missing": tally.is_missing,
            "schema_lies": tally.is_lying,
            "unknown": tally.is_unknown,
            "invalid": tally.invalid,
            "invalid_at": [
                {"pointer": one.pointer, "why": one.why, "records": one.records, "first": one.first}
                for one in tally.places.values()
            ],
            "seen_not_declared": [
                {"pointer": self._text(one.pointer), "times": one.times, "example": one.example}
                for one in undeclared
            ],
            "more_not_declared": drift.left_off if drift else 0,
            "declared_not_seen": drift.never_seen() if drift and tally.records > tally.invalid else [],
        }
