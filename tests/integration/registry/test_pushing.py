"""Our schemas into another registry: a second one of our own, that others could have written to before."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.registry.pushing import Outcome, Pushed, push
from infra.registry.registry import published
from infra.registry.remote import RegistryUnreachable, RemoteRegistry
from infra.settings import MissingSetting
from schemas.publishing import Registry
from scripts.schemas import app
from tests.integration.registry.serving import ask, schema, serve_folder

RUNNER = CliRunner()
SUBJECT = "core.opted_out"
COUNT = len(Registry().published())
NUMBER, TEXTUAL = ({"type": "object", "properties": {"n": {"type": t}}} for t in ("integer", "string"))


def run(*arguments: str, code: int = 0) -> list[dict[str, Any]]:
    """`easymo schemas push … --json`, and what it printed."""
    result = RUNNER.invoke(app, ["push", *arguments, "--json"])
    assert result.exit_code == code, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def outcomes(rows: list[dict[str, Any]]) -> set[str]:
    return {row["outcome"] for row in rows}


def test_pushing_is_tried_dry_then_done_and_may_be_repeated(address: str) -> None:
    assert outcomes(run(address, "--dry-run")) == {"missing"}
    assert ask(address, "GET", "/subjects").body == []
    rows = run(address)
    assert outcomes(rows) == {"registered"}
    assert len(rows) == COUNT
    ours = published().catalogue
    assert ask(address, "GET", "/subjects").body == ours.subjects()
    for row in rows:  # the other registry is one of ours, so its ids are the same
        assert row["remote_id"] == ours.get(row["subject"], row["version"]).id
        assert row["remote_version"] == row["version"]
    again = run(address)
    assert outcomes(again) == {"there"}
    assert [row["remote_id"] for row in again] == [row["remote_id"] for row in rows]
    assert outcomes(run(address, "--dry-run", "--subject", SUBJECT)) == {"there"}


def test_what_is_refused_is_told_and_exits_with_1(address: str) -> None:
    ask(address, "POST", f"/subjects/{SUBJECT}/versions", schema(NUMBER))
    for more in ([], ["--dry-run"]):
        (row,) = run(address, "--subject", SUBJECT, *more, code=1)
        assert row["outcome"] == "refused"
        assert "against version 1" in row["why"]
    shown = RUNNER.invoke(app, ["push", address, "--subject", SUBJECT], env={"COLUMNS": "200"})
    assert shown.exit_code == 1
    assert "1 refused." in shown.stdout


def test_a_read_only_registry_refuses_what_is_new_alone(published_address: str, address: str) -> None:
    assert outcomes(run(published_address)) == {"there"}
    ask(address, "PUT", "/mode", {"mode": "READONLY"})
    (row,) = run(address, "--subject", SUBJECT, code=1)
    assert "(42205)" in row["why"]


async def test_later_versions_wait_for_the_one_that_is_refused(tmp_path: Path) -> None:
    texts = {("a", 1): json.dumps(NUMBER), ("a", 2): json.dumps(TEXTUAL), ("a", 3): json.dumps(NUMBER)}
    with serve_folder(tmp_path) as address:
        async with RemoteRegistry(address) as remote:
            first, second, third = [each async for each in push(remote, texts)]
    assert (first.outcome, first.remote_version) == (Outcome.REGISTERED, 1)
    assert (second.outcome, second.remote_id) == (Outcome.REFUSED, None)
    assert "(40901)" in second.why
    assert third == Pushed("a", 3, Outcome.REFUSED, why="Version 2 was refused, and comes first.")


def test_an_address_without_a_registry_says_what_to_check() -> None:
    for arguments, error, says in (
        (["ftp://example"], RegistryUnreachable, "no address"),
        (["http://user:secret@127.0.0.1"], RegistryUnreachable, "EASYMO_SCHEMA_REGISTRY_PASSWORD"),
        ([], MissingSetting, "EASYMO_SCHEMA_REGISTRY_URL"),
    ):
        result = RUNNER.invoke(app, ["push", *arguments])
        assert isinstance(result.exception, error)
        assert says in str(result.exception)
    unknown = ["push", "http://127.0.0.1:1", "--subject", "core.absent"]
    result = RUNNER.invoke(app, unknown, env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert "easymo schemas list" in result.output


class Stubborn(BaseHTTPRequestHandler):
    """A server that answers everything with what it is told to, and writes down who asked."""

    answers: list[tuple[int, bytes]]
    authorizations: list[str | None]

    def do_POST(self) -> None:
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.rfile.read(int(self.headers["Content-Length"]))
        self.authorizations.append(self.headers["Authorization"])
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def stubborn() -> Iterator[tuple[str, type[Stubborn]]]:
    class Handler(Stubborn):
        """One of its own for each test."""

    Handler.answers, Handler.authorizations = [], []
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", Handler
        server.shutdown()
        thread.join()


async def find(url: str, **options: Any) -> object:
    async with RemoteRegistry(url, retry_seconds=0.001, **options) as remote:
        return await remote.find("a", "{}")


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (200, b"<html>", "no schema registry"),
        (200, b"[]", "no schema registry"),
        (200, b'{"version": 1}', "no id"),
        (404, b"{}", "HTTP 404"),
        (302, b"", "HTTP 302"),
        (401, b"{}", "EASYMO_SCHEMA_REGISTRY_USER"),
        (503, b"", "does not answer: HTTP 503"),
        (200, b" " * (4 * 1024 * 1024 + 1), "4,194,304 bytes"),
    ],
)
def test_what_is_no_registry_is_told(
    stubborn: tuple[str, type[Stubborn]], status: int, body: bytes, says: str
) -> None:
    url, server = stubborn
    server.answers.append((status, body))
    with pytest.raises(RegistryUnreachable, match=says):
        asyncio.run(find(url))
    assert len(server.authorizations) == (3 if status == 503 else 1)


def test_what_fails_in_passing_is_asked_again_with_the_password(
    stubborn: tuple[str, type[Stubborn]],
) -> None:
    url, server = stubborn
    missing = b'{"error_code": 40403, "message": "Schema not found"}'
    server.answers += [(503, b""), (429, b"slower"), (404, missing)]
    assert asyncio.run(find(url, user="us", password="secret")) is None
    assert server.authorizations == ["Basic dXM6c2VjcmV0"] * 3
