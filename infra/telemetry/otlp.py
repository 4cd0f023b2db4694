"""Spans exported over OTLP/HTTP with OpenTelemetry's SDK; imported only when an endpoint is set."""

from __future__ import annotations

from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.trace import Span as SdkSpan

from infra.telemetry.masking import Masking

EXPORT_TIMEOUT_SECONDS = 5
QUEUE_LIMIT = 8192  # spans waiting; beyond it the newest are dropped, never the work
BATCH_LIMIT = 512
EXPORT_EVERY_MILLISECONDS = 1000


class ExportedSpan:
    """A span of the SDK behind our own small face."""

    __slots__ = ("_masking", "_span", "traceparent")

    def __init__(self, span: SdkSpan, masking: Masking) -> None:
        """`span`: started."""
        context = span.get_span_context()
        self._span = span
        self._masking = masking
        self.traceparent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def end(self, *, error: str | None = None, **attributes: Any) -> None:
        """Hand it to the exporter's queue; never waits."""
        if self._span.is_recording():
            mask = self._masking
            self._span.set_attributes(
                {
                    f"easymo.{name}": value
                    if isinstance(value, bool | int | float)
                    else mask.text(str(value))
                    for name, value in attributes.items()
                    if value is not None
                }
            )
            if error is not None:
                self._span.set_status(Status(StatusCode.ERROR, mask.text(error)))
        self._span.end()


class Exporting:
    """Makes spans and exports them in batches from a thread of its own."""

    def __init__(self, service: str, endpoint: str, masking: Masking) -> None:
        """`endpoint`: the collector's address, with or without `/v1/traces`."""
        address = endpoint if endpoint.endswith("/v1/traces") else endpoint.rstrip("/") + "/v1/traces"
        # shutdown_on_exit=False: a process that is to end must not wait for a collector; `close` does.
        self._provider = TracerProvider(
            sampler=ParentBased(ALWAYS_ON),
            resource=Resource({"service.name": f"easymo-{service}"}),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(endpoint=address, timeout=EXPORT_TIMEOUT_SECONDS)
        self._provider.add_span_processor(
            BatchSpanProcessor(
                exporter,
                max_queue_size=QUEUE_LIMIT,
                schedule_delay_millis=EXPORT_EVERY_MILLISECONDS,
                max_export_batch_size=BATCH_LIMIT,
                export_timeout_millis=EXPORT_TIMEOUT_SECONDS * 1000,
            )
        )
        self._tracer = self._provider.get_tracer("easymo")
        self._masking = masking

    def span(self, name: str, parent: tuple[int, int, int] | None) -> ExportedSpan:
        """Begin a span under (trace id, span id, flags), or a new trace."""
        context = None
        if parent is not None:
            trace_id, span_id, flags = parent
            remote = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
            context = set_span_in_context(NonRecordingSpan(remote))
        return ExportedSpan(self._tracer.start_span(name, context=context), self._masking)

    def close(self) -> None:
        """Export what is queued; waits for it, within the time limit."""
        self._provider.force_flush(EXPORT_TIMEOUT_SECONDS * 1000)
        self._provider.shutdown()
