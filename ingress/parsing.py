"""Bytes to JSON, without losing a post over half an emoji."""

from __future__ import annotations

import re
from typing import Any

import orjson

from ingress.update import UnreadableBody

# An escape in a JSON string: a surrogate pair, a surrogate alone, or any other.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_REPLACEMENT = rb"\ufffd"


def read_json(body: bytes) -> Any:
    """What a body says. Raises UnreadableBody when it is empty or no JSON."""
    return mend_json(body)[1]


def mend_json(body: bytes) -> tuple[bytes, Any]:
    """A body that every reader down the road takes, and what it says. Raises UnreadableBody as above.

    A name that was cut in the middle of an emoji leaves half a surrogate pair, which they do not take; it
    becomes the replacement character, since the rest is worth more than that half.
    """
    if not body:
        raise UnreadableBody("empty_body", "The body is empty.")
    try:
        return body, orjson.loads(body)
    except orjson.JSONDecodeError:
        mended = _ESCAPE.sub(_mend, body)
    try:
        return mended, orjson.loads(mended)
    except orjson.JSONDecodeError as error:
        raise UnreadableBody("invalid_json", f"The body is not JSON: {_words(error)}.") from None


def _mend(match: re.Match[bytes]) -> bytes:
    return _REPLACEMENT if match[1] else match[0]


def _words(error: orjson.JSONDecodeError) -> str:
    """What is wrong and where; never what stands there."""
    return f"{error.msg} at character {error.pos}"
