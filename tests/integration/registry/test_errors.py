"""Every error code: which request gets it, and that the message names what is wrong."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.registry import exchange, refusals
from infra.registry.catalogue import Catalogue
from infra.registry.folder import Folder
from infra.registry.registry import SchemaRegistry
from tests.integration.registry.serving import V1, Answer, ask, schema, serve

NUMBER = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
TEXTUAL = {"type": "object", "properties": {"n": {"type": "string"}}, "required": ["n"]}
CYCLE = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}
VERSIONS = "/subjects/there/versions"

# method, path, body, code, what the message says
REFUSED: list[tuple[str, str, object, int, str]] = [
    ("GET", "/nothing", None, 404, "Not Found"),
    ("GET", "/subjects/", None, 404, "Not Found"),
    ("PATCH", "/subjects", None, 405, "Method Not Allowed"),
    ("GET", "/subjects/absent/versions", None, 40401, "'absent'"),
    ("GET", "/subjects/absent/versions/1", None, 40401, "'absent'"),
    ("GET", "/subjects/absent/versions/latest/schema", None, 40401, "'absent'"),
    ("GET", "/subjects/absent/versions/1/referencedby", None, 40401, "'absent'"),
    ("POST", "/subjects/absent", schema(NUMBER), 40401, "'absent'"),
    ("DELETE", "/subjects/absent", None, 40401, "'absent'"),
    ("DELETE", "/subjects/absent/versions/1", None, 40401, "'absent'"),
    ("DELETE", "/config/there", None, 40401, "'there'"),
    ("DELETE", "/mode/there", None, 40401, "'there'"),
    ("GET", f"{VERSIONS}/2", None, 40402, "Version 2"),
    ("GET", f"{VERSIONS}/2147483647", None, 40402, "Version 2147483647"),
    ("DELETE", f"{VERSIONS}/2", None, 40402, "Version 2"),
    ("POST", "/compatibility/subjects/there/versions/2", schema(NUMBER), 40402, "Version 2"),
    ("POST", "/compatibility/subjects/absent/versions/1", schema(NUMBER), 40402, "Version 1"),
    ("GET", "/subjects/%FF/versions", None, 42208, "not UTF-8"),
    ("GET", "/subjects/a%C3/versions", None, 42208, "not UTF-8"),
    ("GET", "/subjects/%2E%2E/versions", None, 42208, "out of a path"),
    ("POST", "/subjects/%FF/versions", schema(NUMBER), 42208, "not UTF-8"),
    ("POST", "/subjects/a%E2%80%AEb/versions", schema(NUMBER), 42208, "control characters"),
    ("GET", "/schemas/ids/7", None, 40403, "Schema 7 not found"),
    ("GET", "/schemas/ids/-7", None, 40403, "Schema -7"),
    ("GET", "/schemas/ids/seven/schema", None, 40403, "Schema seven"),
    ("GET", "/schemas/ids/99999999999/subjects", None, 40403, "Schema 99999999999"),
    ("GET", "/schemas/ids/7/versions", None, 40403, "Schema 7"),
    ("POST", "/subjects/there", schema(TEXTUAL), 40403, "Schema not found"),
    ("GET", "/config/there", None, 40408, "'there'"),
    ("GET", "/mode/there?defaultToGlobal=no", None, 40409, "'there'"),
    ("POST", VERSIONS, schema(TEXTUAL), 40901, "against version 1"),
    ("POST", VERSIONS, b"{", 400, "no JSON"),
    ("GET", "/subjects?limit=all", None, 400, "limit is 'all'"),
    ("GET", "/subjects?offset=-1", None, 400, "offset is -1"),
    ("PUT", "/config", b"[]", 400, "no JSON object"),
    ("POST", VERSIONS, {"schema": "{}"}, 42201, "AVRO"),
    ("POST", VERSIONS, {"schemaType": "JSON", "schema": "{"}, 42201, "JSON"),
    ("POST", VERSIONS, schema(TEXTUAL, version=3), 42201, "the next is 2"),
    ("POST", "/subjects/there", {"schemaType": "JSON"}, 42201, "`schema` is empty"),
    ("GET", f"{VERSIONS}/0", None, 42202, "'0'"),
    ("GET", f"{VERSIONS}/-2", None, 42202, "'-2'"),
    ("GET", f"{VERSIONS}/one", None, 42202, "'one'"),
    ("DELETE", f"{VERSIONS}/2147483648", None, 42202, "'2147483648'"),
    ("POST", "/compatibility/subjects/there/versions/x", schema(NUMBER), 42202, "'x'"),
    ("POST", VERSIONS, schema(TEXTUAL, version=-5), 42202, "'-5'"),
    ("PUT", "/config", {"compatibility": "MOST"}, 42203, "FULL_TRANSITIVE"),
    ("PUT", "/config/there", {}, 42203, "None"),
    ("PUT", "/mode", {"mode": "OPEN"}, 42204, "READWRITE"),
    ("PUT", "/mode/there", {"mode": 1}, 42204, "1"),
    ("PUT", "/mode", {"mode": "IMPORT"}, 42205, "IMPORT is not supported"),
    ("PUT", "/config", {"compatibility": "FULL", "alias": "b"}, 42205, "alias"),
    ("DELETE", "/subjects/there", None, 42205, "stays"),
    ("DELETE", f"{VERSIONS}/latest?permanent=true", None, 42205, "stays"),
    ("POST", VERSIONS, schema(NUMBER, id=5), 42205, "IMPORT"),
    ("GET", "/subjects/a%2Fb%00/versions", None, 42208, "control characters"),
    ("GET", "/subjects/a%0Ab/versions/1", None, 42208, "control characters"),
    ("POST", "/subjects/__GLOBAL/versions", schema(NUMBER), 42208, "reserved"),
    ("PUT", "/config/:.c:a", {"compatibility": "NONE"}, 42208, "contexts"),
    ("GET", f"/mode/{'x' * 256}", None, 42208, "256 characters"),
    ("POST", VERSIONS, b" " * (exchange.BODY_BYTES_LIMIT + 1), 42209, "2,097,152 bytes"),
    ("POST", VERSIONS, schema({"description": "x" * 5_000_000}), 42209, "2,097,152 bytes"),
    ("POST", VERSIONS, schema(NUMBER, ruleSet={"domainRules": [{}]}), 42210, "rules"),
]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry with one subject, `there`; nothing that is refused changes it."""
    with Folder(tmp_path_factory.mktemp("registry")) as folder:
        registry = SchemaRegistry(Catalogue(), folder=folder)
        with serve(registry) as address:
            assert ask(address, "POST", VERSIONS, schema(NUMBER)).status == 200
            yield address
            assert [*registry.catalogue.versions("there")] == [1]
            assert registry.catalogue.subjects() == ["there"]
            assert len(list(folder.changes())) == 1


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case[3]} {case[0]} {case[1][:60]}")
def test_what_is_refused_says_why(ground: str, case: tuple[str, str, object, int, str]) -> None:
    method, path, body, code, says = case
    check(ask(ground, method, path, body), code, says)


def test_media_types_that_are_not_ours_are_refused(ground: str) -> None:
    check(ask(ground, "GET", "/subjects", Accept="text/html"), 406, "schemaregistry")
    for media_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = ask(ground, "POST", VERSIONS, schema(NUMBER), Content_Type=media_type)
        check(answer, 415, "Unsupported Media Type")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", V1),
        ("application/json", "application/json"),
        ("text/html, application/*;q=0.5", V1),
        ("application/json, application/vnd.schemaregistry+json", "application/vnd.schemaregistry+json"),
    ],
)
def test_answers_have_the_media_type_that_is_asked_for(ground: str, accept: str, media_type: str) -> None:
    answer = ask(ground, "GET", "/subjects", Accept=accept)
    assert (answer.body, answer.media_type) == (["there"], media_type)


def test_a_request_that_does_not_end_is_timed_out(ground: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "SECONDS_LIMIT", 0.05)
    where = urlsplit(ground)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=10) as connection:
        head = f"POST {VERSIONS} HTTP/1.1\r\nHost: x\r\nContent-Type: {V1}\r\nContent-Length: 100\r\n\r\n"
        connection.sendall(head.encode() + b'{"schema')
        response = HTTPResponse(connection)
        response.begin()
        body = json.loads(response.read())
    check(Answer(response.status, response.headers["Content-Type"], body), 50002, "timed out after 0.05 s")


def test_a_folder_that_is_full_changes_nothing(tmp_path: Path) -> None:
    long = "x" * 60
    with (
        Folder(tmp_path, bytes_limit=60) as folder,
        serve(SchemaRegistry(Catalogue(), folder=folder)) as address,
    ):
        check(ask(address, "POST", VERSIONS, schema(NUMBER)), 50001, "is full")
        assert ask(address, "GET", "/subjects").body == []
        check(ask(address, "PUT", f"/config/{long}", {"compatibility": "NONE"}), 50001, "is full")
        check(ask(address, "GET", f"/config/{long}"), 40408, long)


def test_each_code_of_the_list_is_tried_here() -> None:
    listed = set(re.findall(r"Refusal\(\s*(\d{5})", Path(refusals.__file__).read_text()))
    tried = {str(code) for *_, code, _ in REFUSED if code > 999} | {"50001", "50002"}
    assert listed | {"50001"} == tried


def test_the_published_registry_is_read_only(published_address: str) -> None:
    changes: list[tuple[str, str, Any]] = [
        ("POST", "/subjects/new/versions", schema(NUMBER)),
        ("POST", "/subjects/core.opted_out/versions", schema(NUMBER)),
        ("PUT", "/config", {"compatibility": "NONE"}),
        ("PUT", "/config/core.opted_out", {"compatibility": "NONE"}),
        ("PUT", "/mode", {"mode": "READWRITE"}),
        ("DELETE", "/config", None),
        ("DELETE", "/mode", None),
        ("DELETE", "/subjects/core.opted_out", None),
    ]
    for method, path, body in changes:
        assert ask(published_address, method, path, body).code == 42205
    assert ask(published_address, "GET", "/mode").body == {"mode": "READONLY"}


def check(answer: Answer, code: int, says: str) -> None:
    """It is an error with this code, in Confluent's shape."""
    assert (answer.code, answer.status) == (code, int(str(code)[:3])), answer.message
    assert says in answer.message
    assert answer.media_type == V1
    assert set(answer.body) == {"error_code", "message"}
