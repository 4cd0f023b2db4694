"""Publishing: a new version is written once, a published one never changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import BaseModel, BeforeValidator, Field

from schemas.instances import invalid, unreadable
from schemas.model import EventData
from schemas.publishing import DIALECT, NotPublishable, Registry, State, checksum, meaning, render, schema_of


class OrderPlaced(EventData):
    """An order."""

    event_type: ClassVar[str] = "shop.order_placed.v1"
    order: str = Field(description="a number")
    note: str | None = Field(default=None, description="for the kitchen")


class OrderPlacedInBetterWords(EventData):
    """What somebody has ordered."""

    event_type: ClassVar[str] = "shop.order_placed.v1"
    order: str = Field(description="its number")
    note: str | None = None


class OrderPlacedOtherwise(EventData):
    """An order."""

    event_type: ClassVar[str] = "shop.order_placed.v1"
    order: int


class OrderPlaced2(EventData):
    """An order with its total."""

    event_type: ClassVar[str] = "shop.order_placed.v2"
    order: str = Field(description="its number")
    total_rwf: int | None = Field(default=None, description="RWF, VAT included")


class OrderPlaced2Unreadable(EventData):
    """An order by number, which the readers of v1 cannot read."""

    event_type: ClassVar[str] = "shop.order_placed.v2"
    order: int = Field(description="its number")


class OrderPlaced2Unsaid(EventData):
    event_type: ClassVar[str] = "shop.order_placed.v2"
    order: str = Field(description="its number")
    total_rwf: int | None = None


class OrderPlaced3(EventData):
    """An order, as v1."""

    event_type: ClassVar[str] = "shop.order_placed.v3"
    order: str


class OddlyNamed(EventData):
    """An order from a shop with odd characters."""

    event_type: ClassVar[str] = "shop.order placed/../x.v1"
    order: str


def registry(folder: Path, *models: type[EventData], **examples: object) -> Registry:
    made = Registry(folder / "registry", folder / "examples", models)
    for version, example in examples.items():
        path = made.instances.folder / "shop.order_placed" / version / "typical.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(example))
    return made


def test_a_new_version_is_published_once(tmp_path: Path) -> None:
    made = registry(tmp_path, OrderPlaced, v1={"order": "1"})
    assert [entry.state for entry in made.entries()] == [State.NEW]
    assert made.publish() == ["shop.order_placed/v1"]
    assert [entry.state for entry in made.entries()] == [State.PUBLISHED]
    assert made.publish() == []
    written = (tmp_path / "registry/shop.order_placed/v1.json").read_text()
    assert made.sums() == {"shop.order_placed/v1": checksum(written)}
    schema = json.loads(written)
    assert schema["$schema"] == DIALECT
    assert schema["$id"] == "urn:easymo:schema:shop.order_placed:v1"
    assert schema["required"] == ["order"]
    assert schema["examples"] == [{"order": "1"}]


def test_a_published_version_cannot_change(tmp_path: Path) -> None:
    registry(tmp_path, OrderPlaced, v1={"order": "1"}).publish()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    changed = registry(tmp_path, OrderPlacedOtherwise, OrderPlaced2)
    with pytest.raises(NotPublishable, match=r"shop\.order_placed/v1 is published"):
        changed.publish()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_better_words_change_nothing(tmp_path: Path) -> None:
    registry(tmp_path, OrderPlaced, v1={"order": "1"}).publish()
    assert registry(tmp_path, OrderPlacedInBetterWords).publish() == []


def test_a_property_called_title_is_no_word() -> None:
    schema = {"title": "X", "properties": {"title": {"type": "string", "description": "x"}}}
    assert meaning(schema) == {"properties": {"title": {"type": "string"}}}


def test_the_next_version_stands_beside_the_last(tmp_path: Path) -> None:
    registry(tmp_path, OrderPlaced, v1={"order": "1"}).publish()
    both = registry(tmp_path, OrderPlaced, OrderPlaced2, v2={"order": "1", "total_rwf": 5})
    assert both.publish() == ["shop.order_placed/v2"]
    assert set(both.sums()) == {"shop.order_placed/v1", "shop.order_placed/v2"}


def test_what_the_readers_of_the_last_cannot_read_is_refused(tmp_path: Path) -> None:
    made = registry(tmp_path, OrderPlaced, OrderPlaced2Unreadable, v1={"order": "1"}, v2={"order": 1})
    with pytest.raises(
        NotPublishable, match=r"v2 breaks FULL_TRANSITIVE, against v1: #/properties/order/type"
    ):
        made.publish()
    assert made.published() == {}


def test_the_version_before_must_still_be_there(tmp_path: Path) -> None:
    made = registry(tmp_path, OrderPlaced2, v2={"order": "1", "total_rwf": 5})
    with pytest.raises(NotPublishable, match=r"shop\.order_placed/v2 skips v1"):
        made.publish()
    registry(tmp_path, OrderPlaced, v1={"order": "1"}).publish()
    with pytest.raises(NotPublishable, match="the model of v1 is gone"):
        made.publish()


def test_what_nobody_describes_is_refused(tmp_path: Path) -> None:
    registry(tmp_path, OrderPlaced, v1={"order": "1"}).publish()
    silent = registry(tmp_path, OrderPlaced, OrderPlaced2Unsaid, v2={"order": "1", "total_rwf": 5})
    with pytest.raises(
        NotPublishable, match=r"total_rwf has no description(.|\n)*give OrderPlaced2Unsaid a doc"
    ):
        silent.publish()


def test_a_near_miss_that_is_accepted_is_refused(tmp_path: Path) -> None:
    made = registry(tmp_path, OrderPlaced, v1={"order": "1"})
    folder = tmp_path / "examples/shop.order_placed/v1/refused"
    folder.mkdir()
    (folder / "with_a_tip.json").write_text('{"order":"1","tip_rwf":5}')
    with pytest.raises(NotPublishable, match=r"with_a_tip\.json is accepted by the model OrderPlaced"):
        made.publish()


def test_an_example_that_only_the_model_accepts_is_refused(tmp_path: Path) -> None:
    made = registry(
        tmp_path, OrderPlaced, OrderPlaced2, v1={"order": "1"}, v2={"order": "1", "total_rwf": "5"}
    )
    with pytest.raises(NotPublishable, match=r'refused by its schema: /total_rwf: "5" is not valid'):
        made.publish()


class OrderPlacedLoosely(EventData):
    """An order by a model that makes a text of anything."""

    event_type: ClassVar[str] = "shop.order_placed.v1"
    order: Annotated[str, BeforeValidator(str)] = Field(description="its number")


def test_a_model_that_takes_what_its_schema_forbids_is_refused(tmp_path: Path) -> None:
    made = registry(tmp_path, OrderPlacedLoosely, v1={"order": "1"})
    with pytest.raises(NotPublishable, match="1 at /order is accepted by the model OrderPlacedLoosely"):
        made.publish()


class Cash(BaseModel):
    """Notes and coins."""

    way: Literal["cash"] = "cash"


class Mobile(BaseModel):
    """From a wallet."""

    way: Literal["mobile"] = "mobile"
    number: str


class OrderPaid(EventData):
    """Paid."""

    event_type: ClassVar[str] = "shop.order_paid.v1"
    how: Annotated[Cash | Mobile, Field(discriminator="way")] = Field(description="in which way")


def test_a_union_without_its_tag_is_refused_by_model_and_schema() -> None:
    schema = schema_of(OrderPaid)
    for value, taken in (
        (b'{"how":{"way":"cash"}}', True),
        (b'{"how":{}}', False),
        (b'{"how":{"number":"1"}}', False),
    ):
        assert (unreadable(OrderPaid, value) is None) == (invalid(schema, value) is None) == taken
    assert schema_of(OrderPaid) == schema


def test_a_version_does_not_skip_one(tmp_path: Path) -> None:
    registry(tmp_path, OrderPlaced, v1={"order": "1"}).publish()
    made = registry(tmp_path, OrderPlaced, OrderPlaced3, v3={"order": "1"})
    with pytest.raises(NotPublishable, match=r"shop\.order_placed/v3 skips v2"):
        made.publish()


def test_a_subject_has_no_odd_characters(tmp_path: Path) -> None:
    with pytest.raises(NotPublishable, match="a subject is words of small letters"):
        registry(tmp_path, OddlyNamed).publish()
    assert not (tmp_path / "registry").exists()


def test_an_example_is_needed(tmp_path: Path) -> None:
    with pytest.raises(NotPublishable, match="has no example"):
        registry(tmp_path, OrderPlaced).publish()


def test_a_recorded_checksum_is_never_overwritten(tmp_path: Path) -> None:
    registry(tmp_path, OrderPlaced, v1={"order": "1"}).publish()
    path = tmp_path / "registry/shop.order_placed/v1.json"
    genuine = checksum(path.read_text())
    path.write_text(path.read_text() + "\n")
    both = registry(tmp_path, OrderPlaced, OrderPlaced2, v2={"order": "1", "total_rwf": 5})
    both.publish()
    assert both.sums()["shop.order_placed/v1"] == genuine


def test_the_same_model_gives_the_same_text() -> None:
    assert render(OrderPlaced) == render(OrderPlaced)
