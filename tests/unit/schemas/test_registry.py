"""The committed registry: what is published stays, byte for byte, and is what the models say."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from schemas.instances import invalid, unreadable
from schemas.near_misses import problems
from schemas.publishing import UNTAGGED, Registry, State, checksum

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
def test_examples_are_accepted_and_near_misses_refused_by_model_and_schema(name: str) -> None:
    assert REGISTRY.instances.problems(REGISTRY.models[name], json.loads(REGISTRY.text_of(name))) == []


def test_every_example_belongs_to_a_version() -> None:
    folders = {"/".join(path.parts[-3:-1]) for path in REGISTRY.instances.folder.glob("*/*/*.json")}
    assert folders == set(REGISTRY.models)
    assert list(REGISTRY.instances.folder.glob("*/*.json")) == []


def test_where_a_schema_says_less_than_its_model_asks_for_is_known() -> None:
    """`UNTAGGED` names the unions whose tag no schema requires: the models do, and the writers write it."""
    for subject in UNTAGGED:
        model = REGISTRY.models[f"{subject}/v1"]
        schema = json.loads(REGISTRY.text_of(model.dataschema()))
        values = [_untagged(example) for example in REGISTRY.examples_of(model.dataschema()).values()]
        assert None not in {unreadable(model, value) for value in values}
        tag = "do" if subject == "wallet.linked" else "kind"
        members = [said for said in schema["$defs"].values() if "const" in said["properties"].get(tag, {})]
        assert members
        assert not [said for said in members if tag in said["required"]], f"{subject} requires its tag now"


def _untagged(example: bytes) -> bytes:
    """The example without the tag of its union."""
    data = json.loads(example)
    holder = data.get("routed", data)
    union = holder.get("said") or holder.get("content") or holder["commands"][0]
    del union["do" if "do" in union else "kind"]
    return json.dumps(data).encode()


# What the models take beyond their schemas, and why it stays so: each can mean one thing only, and pydantic
# has no stricter reader of it; one of our own, in Python, would cost every event.
LENIENT: dict[str, tuple[str, Callable[[str], str]]] = {
    "an id without hyphens": ("uuid", lambda value: value.replace("-", "")),
    "a time with a space for the T": ("date-time", lambda value: value.replace("T", " ")),
    "a time without seconds": ("date-time", lambda value: f"{value[:16]}Z"),
}


@pytest.mark.parametrize("what", LENIENT)
def test_where_the_models_are_more_lenient_than_their_schemas_is_known(what: str) -> None:
    kind, change = LENIENT[what]
    lenient = set()
    for name, model in REGISTRY.models.items():
        schema = json.loads(REGISTRY.text_of(name))
        example = json.loads(REGISTRY.example(name) or b"")
        for field, said in schema["properties"].items():
            if said.get("format") == kind and field in example:
                value = json.dumps({**example, field: change(example[field])}).encode()
                assert invalid(schema, value) is not None
                lenient.add(unreadable(model, value) is None)
    assert lenient == {True}, "nobody is lenient like that any more: take it out of the table"


def test_near_misses_of_every_field_are_refused_by_model_and_schema() -> None:
    found = [
        problem
        for name, model in REGISTRY.models.items()
        for problem in problems(
            model, json.loads(REGISTRY.text_of(name)), REGISTRY.examples_of(name).values()
        )
    ]
    assert found == []
