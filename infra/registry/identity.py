"""Which schema is which: its canonical text, and the id and GUID that follow from it.

Pure: the same content has the same id on every machine and at every start, whatever else is registered.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from schemas.ids import NAMESPACE, uuid5_from

IDS = 2**31 - 1  # ids are 1 … 2**31 - 1: four bytes with a sign in a serialised record


def canonical(document: dict[str, Any] | bool) -> str:
    """The content without what JSON gives no meaning to: spaces and the order of keys. ASCII."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def schema_id(content: str) -> int:
    """The id of canonical content, 1 … 2**31 - 1. Two contents share one by a chance of 1 in 2**31."""
    return int.from_bytes(hashlib.sha256(content.encode()).digest()[:8]) % IDS + 1


def schema_guid(content: str) -> str:
    """The UUIDv5 of canonical content, which records carry in a header in place of the id."""
    return str(uuid5_from(NAMESPACE, f"schema:{content}".encode()))
