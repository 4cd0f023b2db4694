"""Versions and ids in memory, and the bounds of both."""

from __future__ import annotations

import pytest

from infra.registry.catalogue import Catalogue
from infra.registry.identity import canonical
from infra.registry.refusals import Refusal


def add(catalogue: Catalogue, subject: str, title: str) -> int:
    """Register a schema with this title as the next version; returns its id."""
    document = {"title": title}
    content = canonical(document)
    prepared = catalogue.prepare(subject, catalogue.next_version(subject), content, content, document)
    catalogue.add(prepared)
    return prepared.id


def test_the_same_content_has_one_id_in_every_subject() -> None:
    catalogue = Catalogue()
    assert add(catalogue, "b", "x") == add(catalogue, "a", "x")
    assert add(catalogue, "a", "y") != add(catalogue, "a", "z")
    found = catalogue.of_id(catalogue.get("a", 1).id)
    assert [(each.subject, each.version) for each in found] == [("a", 1), ("b", 1)]
    assert list(catalogue.versions("a")) == [1, 2, 3]
    assert catalogue.get("a", None).version == 3


def test_two_contents_never_share_an_id() -> None:
    catalogue = Catalogue(identify=lambda content: 7)
    add(catalogue, "a", "x")
    add(catalogue, "b", "x")
    with pytest.raises(Refusal, match="its id would be 7, which is version 1 of a") as refused:
        add(catalogue, "b", "y")
    assert refused.value.code == 42201
    assert list(catalogue.versions("b")) == [1]


def test_it_holds_so_many_schemas() -> None:
    catalogue = Catalogue(schemas_limit=2)
    add(catalogue, "a", "x")
    add(catalogue, "a", "y")
    with pytest.raises(Refusal, match="holds 2 schemas") as refused:
        add(catalogue, "a", "z")
    assert refused.value.code == 42205
    assert len(catalogue) == 2


def test_it_holds_so_many_bytes() -> None:
    catalogue = Catalogue(text_bytes_limit=30)
    add(catalogue, "a", "x")
    with pytest.raises(Refusal, match="full"):
        add(catalogue, "a", "x" * 20)
    assert add(catalogue, "b", "x") == catalogue.get("a", 1).id


def test_what_is_not_there_is_named() -> None:
    catalogue = Catalogue()
    add(catalogue, "a", "x")
    for ask, code, name in (
        (lambda: catalogue.get("b", 1), 40401, "'b'"),
        (lambda: catalogue.get("a", 2), 40402, "2"),
        (lambda: catalogue.of_id(1), 40403, "1"),
    ):
        with pytest.raises(Refusal, match=name) as refused:
            ask()
        assert (refused.value.code, refused.value.status) == (code, 404)
