"""What the ingress answers: one body for success, one for every error, and the headers around them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from random import getrandbits

import orjson

from ingress.exchange import Exchange

_SAFE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_JSON = ("content-type", "application/json")
_ACCEPTED_KEPT = 16  # answers with so few updates are kept ready


class Refusal(Exception):
    """Why a request is not accepted: the HTTP status, the error's code, and words for the sender."""

    def __init__(self, status: int, code: str, message: str, headers: Iterable[tuple[str, str]] = ()) -> None:
        """`headers` go out beside the usual ones."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = tuple(headers)


def request_id_of(header: str | None) -> str:
    """The caller's `x-request-id` where it is short and harmless, else a new one."""
    if header is not None and _SAFE_REQUEST_ID.fullmatch(header):
        return header
    return f"{getrandbits(128):032x}"


def _accepted_body(count: int) -> bytes:
    return orjson.dumps({"status": "success", "accepted": count})


_ACCEPTED = [_accepted_body(count) for count in range(_ACCEPTED_KEPT)]


def accepted_body(count: int) -> bytes:
    """The body of a 200."""
    return _ACCEPTED[count] if count < _ACCEPTED_KEPT else _accepted_body(count)


def error_body(code: str, message: str, request_id: str, **more: str) -> bytes:
    """The body of every error."""
    return orjson.dumps(
        {"status": "error", "error": code, "message": message, "requestId": request_id, **more}
    )


def answer(
    exchange: Exchange, status: int, body: bytes, request_id: str, headers: Iterable[tuple[str, str]] = ()
) -> None:
    """Send one JSON answer."""
    exchange.response_bytes(status, [_JSON, ("x-request-id", request_id), *headers], body)
