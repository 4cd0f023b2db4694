"""What clients may send, and what each mistake is called."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.registry.refusals import Refusal
from infra.registry.requests import SUBJECT_LIMIT, proposed, valid_subject, version_number

GOOD = {"schemaType": "JSON", "schema": '{"type": "string"}'}


@pytest.mark.parametrize("text", ["latest", "LATEST", " latest ", "-1"])
def test_the_latest_version_has_names(text: str) -> None:
    assert version_number(text) is None


@pytest.mark.parametrize(
    ("text", "version"), [("1", 1), ("+7", 7), (" 12 ", 12), ("2147483647", 2_147_483_647)]
)
def test_a_version_is_a_number(text: str, version: int) -> None:
    assert version_number(text) == version


@pytest.mark.parametrize(
    "text", ["0", "-2", "2147483648", "99999999999", "1.0", "1_0", "v1", "", "newest", "١", "9" * 5_000]
)
def test_other_versions_are_named_in_the_error(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        version_number(text)
    assert (refused.value.code, refused.value.status) == (42202, 422)
    assert f"'{text[:40]}'" in refused.value.message


@pytest.mark.parametrize(
    "subject",
    ["core.opted_out", "orders-value", "a/b", "a b", "ü", "💬", "a%2Fb", "...", "x" * SUBJECT_LIMIT],
)
def test_a_subject_may_have_odd_characters(subject: str) -> None:
    assert valid_subject(subject) == subject


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        ("a\x00b", "control characters"),
        ("a\nb", "control characters"),
        ("a\x7fb", "control characters"),
        ("a\x85b", "control characters"),
        ("a\udcffb", "control characters"),
        ("a\u202eb", "control characters"),
        ("a\u200bb", "control characters"),
        (".", "out of a path"),
        ("..", "out of a path"),
        (" ", "blank"),
        ("x" * (SUBJECT_LIMIT + 1), "256 characters"),
        ("__GLOBAL", "reserved"),
        ("__EMPTY", "reserved"),
        (":.other:orders-value", "contexts"),
    ],
)
def test_what_is_no_subject_is_refused_with_the_reason(subject: str, why: str) -> None:
    with pytest.raises(Refusal, match=why) as refused:
        valid_subject(subject)
    assert refused.value.code == 42208
    assert len(refused.value.message) < 300


@pytest.mark.parametrize(
    ("body", "code", "why"),
    [
        (b"", 400, "no JSON"),
        (b"{", 400, "no JSON"),
        (b"[]", 400, "no JSON object"),
        (b"{}", 42201, "schemaType"),
        ({"schema": "{}"}, 42201, "AVRO"),
        (GOOD | {"schemaType": "AVRO"}, 42201, "Invalid schema type AVRO"),
        (GOOD | {"schemaType": "PROTOBUF"}, 42201, "PROTOBUF"),
        (GOOD | {"schemaType": ["JSON"]}, 42201, "Invalid schema type"),
        ({"schemaType": "JSON"}, 42201, "empty"),
        (GOOD | {"schema": "  "}, 42201, "empty"),
        (GOOD | {"schema": {"type": "string"}}, 42201, "as a string"),
        (GOOD | {"schema": "{'type': 'string'}"}, 42201, "JSON"),
        (GOOD | {"version": -2}, 42202, "'-2'"),
        (GOOD | {"version": "2"}, 42202, "'2'"),
        (GOOD | {"version": True}, 42202, "'True'"),
        (GOOD | {"version": 2**31}, 42202, "2147483648"),
        (GOOD | {"references": [{"name": "a", "subject": "b", "version": 1}]}, 42201, "references"),
        (GOOD | {"metadata": {"properties": {"owner": "us"}}}, 42201, "metadata"),
        (GOOD | {"ruleSet": {"domainRules": []}}, 42210, "rule"),
        (GOOD | {"id": 5}, 42205, "IMPORT"),
    ],
)
def test_what_is_no_proposal_is_refused_with_the_reason(
    body: bytes | dict[str, Any], code: int, why: str
) -> None:
    with pytest.raises(Refusal, match=why) as refused:
        proposed(body if isinstance(body, bytes) else json.dumps(body).encode(), normalize=False)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "extra", [{}, {"version": 0, "id": 0}, {"version": -1, "id": -1}, {"references": []}]
)
def test_what_clients_send_for_nothing_is_nothing(extra: dict[str, Any]) -> None:
    found = proposed(json.dumps(GOOD | extra).encode(), normalize=False)
    assert found.version is None
    assert found.text == GOOD["schema"]


def test_normalising_takes_the_canonical_text() -> None:
    body = json.dumps(GOOD | {"schema": '{ "type": "string",\n "title": "a" }'}).encode()
    assert proposed(body, normalize=True).text == '{"title":"a","type":"string"}'
    assert proposed(body, normalize=False).content == proposed(body, normalize=True).content
