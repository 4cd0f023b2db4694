"""Traces: W3C `traceparent` from the webhook to the reply, exported over OTLP where an endpoint is set.

Without an endpoint a trace id is made once and handed on, and nothing else happens: the OpenTelemetry SDK
is not even imported (it costs 15 MB and a third of a second).

Source: W3C Trace Context, https://www.w3.org/TR/trace-context/
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any, Protocol

from infra.settings import Settings
from infra.telemetry.masking import Masking, known_secrets

if TYPE_CHECKING:
    from infra.telemetry.otlp import Exporting

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")


def new_traceparent() -> str:
    """The start of a new, sampled trace."""
    # Uniqueness is all that is asked of these ids; "| 1" because all zeros is not an id.
    trace, span = random.getrandbits(128) | 1, random.getrandbits(64) | 1
    return f"00-{trace:032x}-{span:016x}-01"


def read_traceparent(text: str) -> tuple[int, int, int] | None:
    """(trace id, span id, flags) of a `traceparent`, or None when it is not a valid one."""
    match = _TRACEPARENT.fullmatch(text)
    if match is None:
        return None
    return int(match[1], 16), int(match[2], 16), int(match[3], 16)


class Span(Protocol):
    """A piece of work. `traceparent` goes to whoever goes on with it."""

    @property
    def traceparent(self) -> str:
        """The same trace as the parent's."""

    def end(self, *, error: str | None = None, **attributes: Any) -> None:
        """It is done; `error` says that it failed and why. Attributes are masked. Call it once."""


class PropagatedSpan:
    """No span at all: only the trace to hand on."""

    __slots__ = ("traceparent",)

    def __init__(self, traceparent: str) -> None:
        """`traceparent`: a valid one."""
        self.traceparent = traceparent

    def end(self, *, error: str | None = None, **attributes: Any) -> None:
        """Nothing to do."""


class Tracing:
    """Makes spans; see `configure`."""

    __slots__ = ("_exporting", "_whose")

    def __init__(self, exporting: Exporting | None = None, whose: str = "") -> None:
        """Without `exporting`, ids are only propagated. `whose`: what span names begin with."""
        self._exporting = exporting
        self._whose = whose

    def of(self, consumer: str) -> Tracing:
        """The same for one of the consumers of this process: its spans are named after it."""
        return Tracing(self._exporting, f"{consumer} ")

    @property
    def enabled(self) -> bool:
        """Whether spans go anywhere: what costs something to collect can be left out if not."""
        return self._exporting is not None

    def span(self, name: str, traceparent: str = "") -> Span:
        """Begin a span under `traceparent`; an empty or malformed one starts a new, sampled trace.

        `name` is one of few (a handler's, a topic's), never a person's.
        """
        if self._exporting is None:
            if not traceparent or _TRACEPARENT.fullmatch(traceparent) is None:
                traceparent = new_traceparent()
            return PropagatedSpan(traceparent)
        return self._exporting.span(self._whose + name, read_traceparent(traceparent))

    def close(self) -> None:
        """Export what is left, for 5 s at most. It blocks: call it in a thread, or when all else is done."""
        if self._exporting is not None:
            self._exporting.close()


def configure(service: str, settings: Settings) -> Tracing:
    """The tracing of a process: spans are exported when `settings.otlp_endpoint` is set."""
    if not settings.otlp_endpoint:
        return Tracing()
    from infra.telemetry.otlp import Exporting

    return Tracing(Exporting(service, settings.otlp_endpoint, Masking(known_secrets(settings))))
