"""The committed registry: what is published stays, byte for byte, and is what the models say."""

from __future__ import annotations

import pytest

from schemas.publishing import Registry, State, checksum, unreadable

REGISTRY = Registry()


def test_no_published_file_has_changed() -> None:
    assert {name: checksum(text) for name, text in REGISTRY.published().items()} == REGISTRY.sums()


@pytest.mark.parametrize("entry", REGISTRY.entries(), ids=lambda entry: entry.name)
def test_no_published_model_has_changed(entry: object) -> None:
    assert entry.state is not State.CHANGED, "a published version never changes: make a new one"  # type: ignore[attr-defined]


def test_every_published_version_still_has_its_model() -> None:
    assert set(REGISTRY.published()) <= set(REGISTRY.models)


@pytest.mark.skipif(not REGISTRY.published(), reason="before the first publication, models may still change")
def test_every_model_is_published() -> None:
    missing = [entry.name for entry in REGISTRY.entries() if entry.state is State.NEW]
    assert missing == [], "run `easymo schemas publish`"


@pytest.mark.parametrize("name", sorted(REGISTRY.models))
def test_every_example_can_be_read(name: str) -> None:
    example = REGISTRY.example(name)
    assert example is None or unreadable(REGISTRY.models[name], example) is None
