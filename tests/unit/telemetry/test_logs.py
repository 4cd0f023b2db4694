"""Logs: the shape of a line, whoever logs it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from infra.telemetry import logs, repeats
from infra.telemetry.masking import Masking


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure("ingress", "debug", secrets=["hunter22"], stream=stream)
    yield stream
    root.handlers[:], root.level = handlers, level
    root.setLevel(level)


def lines(output: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_an_event_has_its_fields(output: io.StringIO) -> None:
    logs.logger("x").info(
        "message.routed",
        request_id="r1",
        correlation_id="c1",
        user="250788123456",
        duration=0.5,
        domain="jobs",
    )
    (line,) = lines(output)
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "service": "ingress",
        "level": "info",
        "event": "message.routed",
        "request_id": "r1",
        "correlation_id": "c1",
        "user": "+250****456",
        "duration": 0.5,
        "metadata": {"domain": "jobs"},
    }


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", "fatal"])
def test_levels_have_our_names(output: io.StringIO, level: str) -> None:
    getattr(logs.logger("x"), level)("something.happened")
    assert [line["level"] for line in lines(output)] == [level]


def test_a_library_speaks_the_same_way(output: io.StringIO) -> None:
    logging.getLogger("aiokafka.consumer").warning("lost %s of %s with hunter22", "+250788123456", {"a": 1})
    (line,) = lines(output)
    assert line["event"] == "aiokafka.consumer"
    assert line["metadata"] == {"message": "lost +250****456 of {'a': 1} with [redacted]"}


def test_a_librarys_wrong_format_costs_no_line() -> None:
    record = logging.LogRecord("aiokafka", logging.WARNING, "x.py", 1, "%d items", ("many",), None)
    line = json.loads(logs.JsonFormatter("ingress", Masking()).format(record))
    assert "many" in line["metadata"]["message"]


def test_an_exception_comes_with_its_stack_masked(output: io.StringIO) -> None:
    try:
        int("no route for 250788123456")
    except ValueError:
        logs.logger("x").exception("handler.failed")
    metadata = lines(output)[0]["metadata"]
    assert metadata["error"] == "ValueError"
    assert "test_an_exception" in metadata["stack"]
    assert "250788123456" not in output.getvalue()


def test_one_line_whatever_is_in_it(output: io.StringIO) -> None:
    logs.logger("x").error(
        "odd", text="a\nb\u2028c", lone="\ud800", thing=object(), big=2**80, deep=[[[[[[[1]]]]]]]
    )
    assert len(lines(output)) == 1


def test_handlers_of_libraries_are_replaced(output: io.StringIO) -> None:
    noisy = logging.getLogger("some.library")
    noisy.propagate = False
    noisy.addHandler(logging.StreamHandler(io.StringIO()))
    logs.configure("ingress", stream=output)
    noisy.warning("heard")
    assert lines(output)[-1]["metadata"]["message"] == "heard"


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="use one of debug, info"):
        logs.configure("ingress", "loud")


def test_what_a_library_says_again_and_again_is_counted(
    output: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = logging.getLogger("aiokafka.test")
    for number in range(100):
        library.warning("node %s is away", number)
        logs.logger("x").warning("kafka.away", tries=number)  # our own always pass
    library.error("node %s is away", 1)
    library.info("%s", "as you were")
    library.info("%s", "as you were")
    monkeypatch.setattr(repeats, "WINDOW_SECONDS", 0.0)  # time passes
    library.warning("node %s is away", 100)
    library.warning("node %s is away", 101)
    said = [line for line in lines(output) if line["event"] == "aiokafka.test"]
    assert [(line["level"], line["metadata"]) for line in said] == [
        ("warning", {"message": "node 0 is away"}),
        ("error", {"message": "node 1 is away"}),
        ("info", {"message": "as you were"}),
        ("info", {"message": "as you were"}),
        ("warning", {"message": "node 100 is away", "repeated": 99}),
        ("warning", {"message": "node 101 is away"}),
    ]
    assert len(lines(output)) == len(said) + 100


def test_only_so_many_kinds_of_messages_are_remembered() -> None:
    heard = repeats.Repeats()
    for number in range(repeats.KINDS_LIMIT + 10):
        heard.filter(logging.makeLogRecord({"msg": f"message {number}", "levelno": logging.ERROR}))
    assert len(heard._kinds) == repeats.KINDS_LIMIT
