"""An update: one thing that a notification says, ready to be published."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from schemas.envelope import CONTENT_TYPE, SPEC_VERSION
from schemas.model import EventData


class UnreadableBody(Exception):
    """A signed body that is no notification; `code` is the error's name in the answer."""

    def __init__(self, code: str, message: str) -> None:
        """`message` tells the sender what was expected."""
        super().__init__(message)
        self.code = code
        self.message = message


class Kind:
    """A kind of event with the headers that all events of the kind share."""

    def __init__(self, event: type[EventData], topic: str, source: str) -> None:
        """`topic` is the catalogue's name, `source` what `ce_source` says."""
        self.event = event
        self.topic = topic
        self.source = source
        self.type_header = ("ce_type", event.event_type.encode())
        self.source_header = ("ce_source", source.encode())
        self.schema_header = ("ce_dataschema", event.dataschema().encode())


class Update(NamedTuple):
    """One record to publish: its key is the unit of order, its value the JSON of `kind.event`."""

    kind: Kind
    key: str
    id: UUID
    time: datetime
    value: bytes

    def headers(self, key: bytes, traceparent: bytes) -> list[tuple[str, bytes]]:
        """The record's headers, as schemas.envelope reads them; `key` is the record's. It is the first event
        of its chain, so its correlation is its own id, and nothing caused it."""
        kind = self.kind
        own_id = str(self.id).encode()
        return [
            SPEC_VERSION,
            ("ce_id", own_id),
            kind.type_header,
            kind.source_header,
            _time_header(self.time),
            ("ce_subject", key),
            kind.schema_header,
            ("ce_correlationid", own_id),
            ("traceparent", traceparent),
            CONTENT_TYPE,
        ]


@lru_cache(maxsize=1024)
def _time_header(time: datetime) -> tuple[str, bytes]:
    return ("ce_time", time.isoformat().encode())
