"""Bodies to JSON: half an emoji costs nothing, everything else that is no JSON is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingress.parsing import read_json
from ingress.update import UnreadableBody

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(JSON)
def test_json_is_read_as_it_is(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value  # escapes: \u00e4, surrogate pairs
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


@settings(deadline=None)
@given(st.text(st.characters(categories=["Cs", "L", "So"]) | st.sampled_from('\\"uD8/')))
def test_half_a_surrogate_pair_becomes_a_replacement_character(text: str) -> None:
    expected = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    read = read_json(json.dumps({text: text}).encode())
    assert set(read) == {expected} or "\ufffd" in expected
    assert all(character < "\ud800" or character > "\udfff" for key in read for character in key + read[key])


def test_what_stands_around_half_an_emoji_is_kept() -> None:
    body = rb'{"a":"\ud83d","b":"\ud83d\ude00","c":"\\ud83d","d":"x\ude00y\u00e4"}'
    assert read_json(body) == {"a": "\ufffd", "b": "😀", "c": "\\ud83d", "d": "x\ufffdyä"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_body"),
        (b"   ", "invalid_json"),
        (b'{"object":', "invalid_json"),
        (b"<xml/>", "invalid_json"),
        (b"\xff\xfe", "invalid_json"),
        (b"\x00", "invalid_json"),
        (b'{"a":NaN}', "invalid_json"),
        (b'{"a":1}{"b":2}', "invalid_json"),
        (b"[" * 100_000 + b"]" * 100_000, "invalid_json"),
        (b'{"a":"\\ud83d', "invalid_json"),
        (b"entry=1&object=2", "invalid_json"),
    ],
)
def test_what_is_no_json_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(UnreadableBody) as refused:
        read_json(body)
    assert refused.value.code == code


def test_the_error_does_not_repeat_the_body() -> None:
    with pytest.raises(UnreadableBody) as refused:
        read_json(b'{"phone": 250788123456, oops}')
    assert "250788123456" not in refused.value.message
