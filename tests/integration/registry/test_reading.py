"""What the API answers when all is well: shapes, lists in pages, odd names."""

from __future__ import annotations

import pytest

from infra.registry.identity import canonical, schema_guid
from tests.integration.registry.serving import ask, schema

STRING, INTEGER = {"type": "string"}, {"type": "integer"}


def register(address: str, subject: str, document: object, **beside: object) -> int:
    answer = ask(address, "POST", f"/subjects/{subject}/versions", schema(document, **beside))
    assert answer.status == 200, answer.message
    number: int = answer.body["id"]
    return number


def test_answers_have_confluents_shapes(address: str) -> None:
    text = '{"type": "string"}'
    number = register(address, "a", STRING, version=1)
    guid = schema_guid(canonical(STRING))
    said = {"guid": guid, "schemaType": "JSON", "schema": text}
    version = {"subject": "a", "version": 1, "id": number, **said}
    assert ask(address, "GET", "/").body == {}
    assert ask(address, "GET", "/subjects/a/versions/1").body == version
    assert ask(address, "POST", "/subjects/a", schema(STRING)).body == version
    assert ask(address, "GET", "/subjects/a/versions/latest/schema").body == STRING
    assert ask(address, "GET", f"/schemas/ids/{number}").body == said
    assert ask(address, "GET", f"/schemas/guids/{guid}").body == said
    assert ask(address, "GET", f"/schemas/ids/{number}/schema").body == STRING
    assert ask(address, "GET", f"/schemas/ids/{number}/versions").body == [{"subject": "a", "version": 1}]
    again = ask(address, "POST", "/subjects/a/versions", schema(STRING, version=1)).body
    assert again == {key: value for key, value in version.items() if key != "subject"}


def test_a_schema_is_compared_in_words_or_without(address: str) -> None:
    path = "/compatibility/subjects/a/versions"
    assert ask(address, "POST", path, schema(INTEGER)).body == {"is_compatible": True}
    register(address, "a", STRING)
    for each in (path, f"{path}/1", f"{path}/latest"):
        assert ask(address, "POST", each, schema(INTEGER)).body == {"is_compatible": False}
        told = ask(address, "POST", f"{each}?verbose=true", schema(INTEGER)).body
        assert told["is_compatible"] is False
        assert all(" at #" in line and " against version 1: " in line for line in told["messages"])
        assert told["messages"]
    assert ask(address, "POST", f"{path}?verbose=true", schema(STRING)).body["messages"] == []


def test_normalising_stores_the_canonical_text(address: str) -> None:
    body = {"schemaType": "JSON", "schema": '{ "type": "string",  "title": "\\ud800é" }'}
    answer = ask(address, "POST", "/subjects/a/versions?normalize=True", body)
    assert answer.body["schema"] == '{"title":"\\ud800\\u00e9","type":"string"}'
    plain = ask(address, "POST", "/subjects/b/versions", body)
    assert plain.body["schema"] == body["schema"]
    assert plain.body["id"] == answer.body["id"]
    assert ask(address, "GET", f"/schemas/ids/{answer.body['id']}/subjects").body == ["a", "b"]
    assert ask(address, "GET", "/subjects/b/versions/1/schema").body["title"] == "\ud800é"


@pytest.mark.parametrize(
    "subject", ["a%2Fb", "a%20b", "%2E%2E%2E", "a%252Fb", "%C3%BC", "a%3Fb%23c", "%25FF", "+"]
)
def test_odd_names_are_kept_apart(address: str, subject: str) -> None:
    register(address, subject, STRING)
    register(address, "a", INTEGER)
    assert ask(address, "GET", f"/subjects/{subject}/versions/latest/schema").body == STRING
    assert len(ask(address, "GET", "/subjects").body) == 2


def test_lists_come_in_pages(address: str) -> None:
    for subject in ("b", "ab", "aa"):
        register(address, subject, STRING)
    ask(address, "PUT", "/config", {"compatibility": "NONE"})
    number = register(address, "aa", INTEGER)
    for path, expected in {
        "/subjects": ["aa", "ab", "b"],
        "/subjects?offset=1": ["ab", "b"],
        "/subjects?limit=1": ["aa"],
        "/subjects?limit=-1": ["aa", "ab", "b"],
        "/subjects?offset=1&limit=1": ["ab"],
        "/subjects?offset=9": [],
        "/subjects?subjectPrefix=a": ["aa", "ab"],
        "/subjects?subjectPrefix=:*:a": ["aa", "ab"],
        "/subjects?deleted=true": ["aa", "ab", "b"],
        "/subjects?deletedOnly=true": [],
        "/subjects/aa/versions": [1, 2],
        "/subjects/aa/versions?offset=1": [2],
        f"/schemas/ids/{number}/subjects?limit=5": ["aa"],
    }.items():
        assert ask(address, "GET", path).body == expected, path
    listed = ask(address, "GET", "/schemas?subjectPrefix=a").body
    assert [(each["subject"], each["version"]) for each in listed] == [("aa", 1), ("aa", 2), ("ab", 1)]
    latest = ask(address, "GET", "/schemas?latestOnly=true").body
    assert [(each["subject"], each["version"]) for each in latest] == [("aa", 2), ("ab", 1), ("b", 1)]
