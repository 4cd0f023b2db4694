"""Tracing: ids that are handed on, and spans that reach a collector."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from infra.settings import Settings
from infra.telemetry import tracing
from tests.collector import Collector, collecting

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as server:
        yield server


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        PARENT[:-1],
        "ff" + PARENT[2:],
        PARENT.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32),
    ],
)
def test_without_a_parent_a_sampled_trace_begins(text: str) -> None:
    made = tracing.configure("ingress", Settings()).span("webhook", text).traceparent
    assert tracing.read_traceparent(made) is not None
    assert made.endswith("-01")
    assert made != tracing.Tracing().span("webhook", text).traceparent


def test_without_an_endpoint_the_parent_is_handed_on() -> None:
    made = tracing.configure("core", Settings())
    span = made.span("handle", PARENT)
    span.end(outcome="done")
    assert span.traceparent == PARENT
    assert not made.enabled


def test_without_an_endpoint_the_sdk_is_not_imported() -> None:
    code = (
        "import sys; from infra.settings import Settings; from infra.telemetry import tracing;"
        "tracing.configure('x', Settings()).span('y').end();"
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    # The command is this file's own.
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0  # noqa: S603


def test_spans_reach_the_collector_with_the_right_parents(collector: Collector) -> None:
    traces = tracing.configure("core", Settings(otlp_endpoint=collector.address))
    webhook = traces.span("webhook")
    handled = traces.span("handle", webhook.traceparent)
    handled.end(error="refused 250788123456", contact="+250788123456", items=3, nothing=None)
    webhook.end()
    traces.close()

    assert collector.paths == ["/v1/traces"]
    assert set(collector.services.values()) == {"easymo-core"}
    spans = {span.name: span for span in collector.spans}
    assert spans["handle"].trace_id == spans["webhook"].trace_id
    assert spans["handle"].parent_span_id == spans["webhook"].span_id
    root = f"00-{spans['webhook'].trace_id.hex()}-{spans['webhook'].span_id.hex()}-"
    assert webhook.traceparent.startswith(root)
    assert int(webhook.traceparent[-2:], 16) & 1  # sampled; the SDK adds the "random id" flag of level 2
    attributes = {a.key: a.value for a in spans["handle"].attributes}
    assert attributes["easymo.contact"].string_value == "+250****456"
    assert attributes["easymo.items"].int_value == 3
    assert "easymo.nothing" not in attributes
    assert spans["handle"].status.message == "refused +250****456"


def test_a_parent_that_is_not_sampled_is_honoured(collector: Collector) -> None:
    traces = tracing.configure("core", Settings(otlp_endpoint=f"{collector.address}/v1/traces"))
    span = traces.span("handle", PARENT[:-2] + "00")
    span.end(contact="+250788123456")
    traces.close()
    assert span.traceparent.startswith(PARENT[:36])
    assert span.traceparent.endswith("-00")
    assert collector.spans == []


def test_a_collector_that_is_away_costs_nothing_but_its_spans() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as closed:
        address = f"http://127.0.0.1:{closed.server_address[1]}"
    before = set(threading.enumerate())
    traces = tracing.configure("core", Settings(otlp_endpoint=address))
    span = traces.span("handle", PARENT)
    span.end()
    assert span.traceparent.startswith(PARENT[:36])  # the trace goes on all the same
    exporting = set(threading.enumerate()) - before
    assert exporting
    traces.close()
    assert not any(thread.is_alive() for thread in exporting)  # nobody goes on trying
