"""Logs: one JSON line an event on stderr, without phone numbers and secrets, whoever logs it.

It sits on the standard library's logging, so that the records of aiokafka, FastStream and granian come out
the same way:

    log = logger(__name__)
    log.info("consumer.started", topic="whatsapp.inbound", user=contact)
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

from infra.telemetry.masking import Masking
from infra.telemetry.repeats import Repeats

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "fatal": logging.CRITICAL,
}
_LEVEL_NAMES = {number: name for name, number in _LEVELS.items()}
_OWN_FIELDS = ("request_id", "correlation_id", "user", "duration")
_FRAMES_LIMIT = 30  # of a stack trace
# Libraries that log every connection and request on "info" or below.
_TALKATIVE = ("httpx", "httpcore", "urllib3", "asyncio", "opentelemetry", "jgo")


class EventLogger:
    """Logs named events with fields; the fields `request_id`, `correlation_id`, `user` (who it concerns) and
    `duration` (seconds) have a place of their own in the line, all others go to `metadata`."""

    __slots__ = ("_logger",)

    def __init__(self, name: str) -> None:
        """`name`: the module's."""
        self._logger = logging.getLogger(name)

    def _log(self, level: int, event: str, fields: dict[str, Any], *, exc_info: bool = False) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.log(level, event, exc_info=exc_info, extra={"fields": fields})

    def debug(self, event: str, /, **fields: Any) -> None:
        """What only the one who develops it wants to know."""
        self._log(logging.DEBUG, event, fields)

    def info(self, event: str, /, **fields: Any) -> None:
        """What an operator may want to know."""
        self._log(logging.INFO, event, fields)

    def warning(self, event: str, /, **fields: Any) -> None:
        """What is not as it should be, and is dealt with."""
        self._log(logging.WARNING, event, fields)

    def error(self, event: str, /, **fields: Any) -> None:
        """What failed."""
        self._log(logging.ERROR, event, fields)

    def exception(self, event: str, /, **fields: Any) -> None:
        """What failed, with the exception being handled and its stack trace."""
        self._log(logging.ERROR, event, fields, exc_info=True)

    def fatal(self, event: str, /, **fields: Any) -> None:
        """Why the process ends."""
        self._log(logging.CRITICAL, event, fields)


def logger(name: str) -> EventLogger:
    """The logger of a module: `log = logger(__name__)`."""
    return EventLogger(name)


class JsonFormatter(logging.Formatter):
    """One record as one line of JSON, masked."""

    def __init__(self, service: str, masking: Masking) -> None:
        """`service`: the name in every line."""
        super().__init__()
        self._service = service
        self._masking = masking

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end. Never raises on what a caller put into the fields."""
        fields = getattr(record, "fields", None)
        mask = self._masking.value
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "service": self._service,
            "level": _LEVEL_NAMES.get(record.levelno, record.levelname.lower()),
        }
        if fields is None:  # not one of ours: a library speaks
            line["event"] = record.name
            metadata: dict[str, Any] = {"message": mask(_message(record))}
            if hasattr(record, "repeated"):
                metadata["repeated"] = record.repeated
        else:
            line["event"] = mask(record.msg)
            line |= {name: mask(fields[name]) for name in _OWN_FIELDS if fields.get(name) is not None}
            metadata = {
                name: value
                for name, value in mask(fields).items()
                if name not in _OWN_FIELDS and value is not None
            }
        if record.exc_info and record.exc_info[1] is not None:
            metadata |= mask(_described(record.exc_info[1]))
        if metadata:
            line["metadata"] = metadata
        try:
            return orjson.dumps(line).decode()
        except TypeError:  # half of a surrogate pair, or a number beyond 64 bits: the slow way takes them
            return json.dumps(line)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # a library's own mistake must not cost the line
        return f"{record.msg} {record.args}"


def _described(error: BaseException) -> dict[str, Any]:
    trace = traceback.TracebackException.from_exception(error, limit=_FRAMES_LIMIT, compact=True)
    return {
        "error": type(error).__name__,
        "error_message": str(error),
        "stack": "".join(trace.format()),
    }


def configure(
    service: str, level: str = "info", *, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Send every record of this process as JSON to stderr (or `stream`). Calling it again starts afresh.

    `level` is one of debug, info, warning, error, fatal; `secrets` are values to redact wherever they
    appear (`masking.known_secrets(settings)`). Raises ValueError on a level of another name.
    """
    if level.lower() not in _LEVELS:
        raise ValueError(f"log level {level!r}: use one of {', '.join(_LEVELS)}")
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(service, Masking(secrets)))
    handler.addFilter(Repeats())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS[level.lower()])
    for name in tuple(logging.root.manager.loggerDict):
        library = logging.getLogger(name)
        if library.handlers:  # FastStream and granian bring handlers of their own
            library.handlers.clear()
            library.propagate = True
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)
