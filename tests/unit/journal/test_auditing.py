"""The audit: what each record is told apart by, what is wrong with it, and that no value is ever told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from infra.journal import auditing, drift
from infra.journal.auditing import Audit
from infra.journal.drift import declared, masked
from schemas.publishing import Registry

ORDER = json.dumps(
    {
        "$defs": {
            "Line": {"type": "object", "properties": {"what": {"type": "string"}, "note": {"type": "string"}}}
        },
        "type": "object",
        "required": ["payer"],
        "properties": {
            "payer": {"type": "string"},
            "at": {"type": "string", "format": "date-time"},
            "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
            "place": {
                "anyOf": [{"type": "object", "properties": {"name": {"type": "string"}}}, {"type": "null"}]
            },
            "raw": {"type": "object"},
            "any": {"title": "Any"},
        },
    }
)
KIND, SCHEMA = b"shop.ordered.v1", b"shop.ordered/v1"


@dataclass
class Given:
    """A record."""

    value: bytes | None
    headers: list[tuple[str, bytes]] = field(
        default_factory=lambda: [("ce_type", KIND), ("ce_dataschema", SCHEMA)]
    )
    partition: int = 3
    offset: int = 7


def audited(*records: Given | dict[str, Any]) -> list[dict[str, Any]]:
    audit = Audit({"shop.ordered/v1": ORDER})
    for record in records:
        audit.look(record if isinstance(record, Given) else Given(json.dumps(record).encode()))
    assert audit.records == len(records)
    return audit.as_json()


def test_records_that_keep_their_word() -> None:
    [told] = audited(
        {"payer": "a"}, {"payer": "b", "lines": [{"what": "tea"}], "raw": {"x": 1}, "any": {"y": 1}}
    )
    assert told == {
        "type": "shop.ordered.v1",
        "schema": "shop.ordered/v1",
        "records": 2,
        "keeps_its_word": True,
        "schema_missing": False,
        "schema_lies": False,
        "unknown": False,
        "invalid": 0,
        "invalid_at": [],
        "seen_not_declared": [],
        "more_not_declared": 0,
        "declared_not_seen": ["/at", "/lines/*/note", "/place"],
    }


@pytest.mark.parametrize(
    ("headers", "wrong"),
    [
        ([("ce_type", KIND)], {"schema_missing"}),
        ([("ce_type", b"shop.sold.v1"), ("ce_dataschema", SCHEMA)], {"schema_lies"}),
        ([("ce_type", b"shop.ordered.v2"), ("ce_dataschema", SCHEMA)], {"schema_lies"}),
        ([("ce_type", KIND), ("ce_dataschema", b"shop.ordered/v2")], {"schema_lies", "unknown"}),
        ([("ce_type", b"shop.sold.v1"), ("ce_dataschema", b"shop.sold/v1")], {"unknown"}),
        ([("ce_type", b"shop.sold.v1")], {"schema_missing", "unknown"}),
        ([], {"schema_missing", "unknown"}),
        ([("ce_type", b"\xff"), ("ce_dataschema", b"\xff")], {"unknown"}),
    ],
)
def test_what_a_record_claims_is_told(headers: list[tuple[str, bytes]], wrong: set[str]) -> None:
    [told] = audited(Given(b'{"payer":"a"}', headers))
    assert {name for name in ("schema_missing", "schema_lies", "unknown") if told[name]} == wrong
    assert not told["keeps_its_word"]


@pytest.mark.parametrize(
    ("value", "pointer", "why"),
    [
        (b'{"payer":7}', "/payer", 'a value is not of type "string"'),
        (b'{"payer":"a","at":"soon"}', "/at", 'a value is not a "date-time"'),
        (b'{"payer":"a","lines":[{},{"what":1}]}', "/lines/*/what", 'a value is not of type "string"'),
        (b"{}", "", '"payer" is a required property'),
        (b'{"payer"', "", "it is no JSON that can be read: unexpected end of data"),
        (
            b'{"payer":1e400}',
            "",
            "it is no JSON that can be read: number is infinity when parsed as double",
        ),
        (b'{"payer":"\\ud800"}', "", "it is no JSON that can be read: no low surrogate in string"),
        (b"[" * 900 + b"]" * 900, "", "it is nested too deep"),
        (b"", "", "there is none"),
        (None, "", "there is none"),
    ],
)
def test_what_is_invalid_is_named_with_its_place(value: bytes | None, pointer: str, why: str) -> None:
    [told] = audited(Given(value), Given(value), {"payer": "a"})
    assert (told["records"], told["invalid"]) == (3, 2)
    assert told["invalid_at"] == [{"pointer": pointer, "why": why, "records": 2, "first": "3@7"}]


def test_fields_that_the_schema_does_not_have_are_told_with_what_they_look_like() -> None:
    [told] = audited(
        {"payer": "a", "tip": 250788123456, "place": {"name": "x", "floor": "second"}},
        {"payer": "a", "tip": 5, "lines": [{"size": None}, {"size": 1.5}], "0788123456": True},
    )
    assert told["keeps_its_word"]
    assert told["seen_not_declared"] == [
        {"pointer": "/tip", "times": 2, "example": "an integer of 12 digits"},
        {"pointer": "/place/floor", "times": 1, "example": "a text of 6 characters"},
        {"pointer": "/lines/*/size", "times": 2, "example": "null"},
        {"pointer": "/a name of 10 characters", "times": 1, "example": "true"},
    ]


def test_no_number_and_no_text_is_told() -> None:
    secret, number = "my knee hurts", "250788123456"
    wrong = {
        "payer": [secret],
        "at": number,
        secret: secret,
        number: {number: number},
        "lines": {secret: secret},
    }
    headers = [("ce_type", number.encode()), ("ce_dataschema", SCHEMA)]
    told = json.dumps([*audited(wrong), *audited(Given(json.dumps(wrong).encode(), headers))])
    assert number not in told
    assert secret not in told


PERSONS = (
    "Jean Bosco Uwimana",
    "jean@example.com",
    "+250 788 123 456",
    "Jean" + "x" * 61,
    "Jean/Bosco",
    "jeän",
)


@pytest.mark.parametrize("person", PERSONS)
def test_a_name_that_looks_like_no_field_is_told_by_its_length(person: str) -> None:
    [told] = audited({"payer": "a", person: 1, "lines": [{person: {person: person}}]})
    assert [one["pointer"] for one in told["seen_not_declared"]] == [
        f"/a name of {len(person)} characters",
        f"/lines/*/a name of {len(person)} characters",
    ]


@pytest.mark.parametrize("person", PERSONS)
def test_a_name_that_is_not_allowed_is_told_by_its_place(person: str) -> None:
    closed: dict[str, Any] = {
        "type": "object",
        "properties": {
            "closed": {"additionalProperties": False, "minProperties": 1},
            "odd": {"unevaluatedProperties": False, "patternProperties": {"^a": {}}},
            "short": {"propertyNames": {"maxLength": 3}},
            "map": {"additionalProperties": {"type": "string"}},
        },
    }
    audit = Audit({"shop.ordered/v1": json.dumps(closed)})
    audit.look(Given(json.dumps({place: {person: 1} for place in closed["properties"]}).encode()))
    told = audit.as_json()
    assert person.partition("/")[0] not in json.dumps(told, ensure_ascii=False)
    places = {one["pointer"]: one["why"] for one in told[0]["invalid_at"]}
    assert f"/map/a name of {len(person)} characters" in places
    assert places["/odd"] == "there are names that are not allowed"
    assert places["/short"] == "a name is not as it has to be"


@pytest.mark.parametrize("person", PERSONS)
def test_a_type_or_a_schema_that_looks_like_none_is_told_by_its_length(person: str) -> None:
    headers = [("ce_type", person.encode()), ("ce_dataschema", f"{person}/v1".encode())]
    [told] = audited(Given(b"{}", headers))
    assert told["type"] == f"a name of {len(person)} characters"
    assert told["schema"] == f"a name of {len(person) + 3} characters"
    assert told["unknown"]


def test_names_are_masked_before_they_are_cut() -> None:
    number = "x" * 95 + "250788123456"
    [told] = audited(Given(b"{}", [("ce_type", number.encode())]))
    assert told["type"] == "a name of 107 characters"
    [told] = audited(Given(b"{}", [("ce_type", b"of.250788123456.v1")]))
    assert "250788" not in told["type"]


def test_what_never_ends_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "KINDS_LIMIT", 2)
    monkeypatch.setattr(auditing, "PLACES_LIMIT", 3)
    monkeypatch.setattr(drift, "FIELDS_LIMIT", 4)
    strange = [Given(b"{}", [("ce_type", f"t{n}".encode())]) for n in range(9)]
    odd = {"payer": "a", "lines": [{"what": n} for n in range(30)], **{f"f{n}": n for n in range(10)}}
    told = audited(odd, *strange)
    assert sorted(each["records"] for each in told) == [1, 1, 8]
    [ours] = [each for each in told if each["schema"]]
    assert (len(ours["seen_not_declared"]), ours["more_not_declared"]) == (4, 6)
    assert [each["records"] for each in ours["invalid_at"]] == [10]


def test_every_published_schema_declares_what_its_examples_have() -> None:
    registry = Registry()
    audit = Audit(registry.published())
    for name, model in registry.models.items():
        headers = [("ce_type", model.event_type.encode()), ("ce_dataschema", name.encode())]
        for example in registry.examples_of(name).values():
            audit.look(Given(example, headers))
    assert [told for told in audit.as_json() if not told["keeps_its_word"] or told["seen_not_declared"]] == []


def test_a_schema_that_contains_itself_is_declared_to_a_depth() -> None:
    tree = {
        "$defs": {"T": {"type": "object", "properties": {"t": {"$ref": "#/$defs/T"}}}},
        "$ref": "#/$defs/T",
    }
    assert 0 < len(declared(tree).below()) <= drift.DEPTH_LIMIT


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"), (True, "true"), (-250788, "an integer of 6 digits"),
        (1.5, "a number with a fraction"), ("abc", "a text of 3 characters"), ([1], "a list of 1"),
        ({}, "an object of 0 fields"),
    ],
)  # fmt: skip
def test_a_value_is_told_by_its_kind_alone(value: Any, shown: str) -> None:
    assert masked(value) == shown
