"""What may not be read in a log line or a trace: phone numbers and secrets are taken out of any value.

It errs on the side of masking: nine digits in a row are a phone number unless they belong to a UUID, a trace
id or a checksum, since those are what a person looks up. Meta's message ids are shortened because they carry
the phone number in base64.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import SecretStr

from infra.settings import Settings

REDACTED = "[redacted]"
STRING_LIMIT = 8192  # characters of one value in a log line
ITEMS_LIMIT = 100  # entries of one list or object
DEPTH_LIMIT = 6
# A secret or a number that begins before the cut is masked whole when this much beyond it is looked at.
_LOOK_AHEAD = 512
_SECRET_LENGTH_MIN = 4  # shorter "secrets" would redact half of every line

_HEX = "[0-9a-fA-F]"
_SENSITIVE = re.compile(
    # Ids that people look up, left as they are.
    rf"(?P<keep>(?<![0-9A-Za-z])(?:{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}"
    rf"|{_HEX}{{2}}-{_HEX}{{32}}-{_HEX}{{16}}-{_HEX}{{2}}"
    rf"|{_HEX}{{64}}|{_HEX}{{32}})(?![0-9A-Za-z]))"
    r"|(?P<wamid>wamid\.[A-Za-z0-9+/=_-]+)"
    # Digits in a row, or in groups as people write them, which then begin like a number: +250 788 123 456.
    r"|(?P<phone>\+?\d{9,}|(?:\+|(?<!\d)(?=0|25\d|243))\d(?:[ ().-]{0,2}\d){8,14})"
)
_CREDENTIALS = re.compile(
    r"(?P<name>sha(?:1|256)=|\b(?:bearer|basic)\s+|\b(?:access_token|hub\.verify_token|password)=)[^\s\"'&,;]+"
    r"|(?P<scheme>[a-z][a-z0-9+.-]*://)[^\s/@:]*:[^\s/@]*@",
    re.IGNORECASE,
)
_SECRET_NAMES = re.compile(r"password|secret|token|authorization|signature|api_?key|\bdsn\b", re.IGNORECASE)


def known_secrets(settings: Settings) -> tuple[str, ...]:
    """Every secret value of the settings, each of a comma-separated list too, the longest first."""
    found: set[str] = set()
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            whole = value.get_secret_value()
            found.update({whole, *(part.strip() for part in whole.split(","))})
    return tuple(sorted((s for s in found if len(s) >= _SECRET_LENGTH_MIN), key=lambda s: (-len(s), s)))


def mask_phone(number: str) -> str:
    """`+250****456` for an international number, `****456` for a shorter or local one."""
    digits = [character for character in number if character.isdigit()]
    tail = "".join(digits[-3:])
    if len(digits) < 11 or digits[0] == "0":
        return f"****{tail}"
    return f"+{''.join(digits[:3])}****{tail}"


def _replace(match: re.Match[str]) -> str:
    if match["keep"]:
        return match["keep"]
    if match["wamid"]:
        body = match["wamid"].removeprefix("wamid.")
        return match[0] if len(body) <= 12 else f"wamid.****{body[-12:]}"
    return mask_phone(match["phone"])


def _redact(match: re.Match[str]) -> str:
    if match["scheme"]:
        return f"{match['scheme']}{REDACTED}@"
    return f"{match['name']}{REDACTED}"


class Masking:
    """Takes phone numbers and secrets out of text and of JSON-like values."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """`secrets`: values that must not appear, beside what looks like a credential."""
        self._secrets = tuple(secrets)

    def text(self, text: str) -> str:
        """The text without phone numbers and secrets, cut after STRING_LIMIT characters."""
        masked = text[: STRING_LIMIT + _LOOK_AHEAD]
        for secret in self._secrets:
            if secret in masked:
                masked = masked.replace(secret, REDACTED)
        masked = _SENSITIVE.sub(_replace, _CREDENTIALS.sub(_redact, masked))
        return masked if len(masked) <= STRING_LIMIT else masked[:STRING_LIMIT] + "…"

    def value(self, value: Any, depth: int = 0) -> Any:
        """The same for any value: keys and items too, bounded in depth and length.

        Numbers stay (a phone number is never kept as one here); other objects become their text.
        """
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.text(value[: STRING_LIMIT + _LOOK_AHEAD].decode("utf-8", "replace"))
        if depth < DEPTH_LIMIT:
            if isinstance(value, Mapping):
                return self._mapping(value, depth)
            if isinstance(value, list | tuple | set | frozenset):
                return [self.value(item, depth + 1) for item in list(value)[:ITEMS_LIMIT]]
        return self.text(str(value))

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        masked: dict[str, Any] = {}
        for key, item in list(value.items())[:ITEMS_LIMIT]:
            name = self.text(str(key))
            secret = isinstance(item, str | bytes) and _SECRET_NAMES.search(name)
            masked[name] = REDACTED if secret else self.value(item, depth + 1)
        return masked
