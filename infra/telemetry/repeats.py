"""What a library says again and again becomes one line every few seconds, with a count.

While a broker is away, each of aiokafka's loops says so ten times a second.
A hundred lines say less than one.
"""

from __future__ import annotations

import logging
from collections import OrderedDict

WINDOW_SECONDS = 10.0
KINDS_LIMIT = 500  # of messages remembered; the one that was heard longest ago is forgotten


class Repeats(logging.Filter):
    """Lets the first of a kind pass, then one in each window; `repeated` says how many were held back.

    A kind is a logger, a level, a message before its arguments are put in, and the class of the exception.
    Our own events (records with `fields`), and what is no more than information, always pass.
    """

    def __init__(self) -> None:
        """Nothing heard yet."""
        super().__init__()
        self._kinds: OrderedDict[tuple[object, ...], tuple[float | None, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        if record.levelno < logging.WARNING or hasattr(record, "fields"):
            return True
        error = record.exc_info[0] if record.exc_info else None
        kind = (record.name, record.levelno, str(record.msg)[:200], error)
        written_at, held_back = self._kinds.pop(kind, (None, 0))
        if written_at is not None and record.created - written_at < WINDOW_SECONDS:
            self._kinds[kind] = written_at, held_back + 1
            return False
        self._kinds[kind] = record.created, 0
        while len(self._kinds) > KINDS_LIMIT:
            self._kinds.popitem(last=False)
        if held_back:
            record.repeated = held_back
        return True
