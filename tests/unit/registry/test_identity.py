"""Ids follow from what a schema says, and from nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from infra.registry.identity import IDS, canonical, schema_guid, schema_id
from infra.registry.registry import published
from schemas.publishing import Registry


def test_spaces_and_the_order_of_keys_say_nothing() -> None:
    assert canonical({"type": "object", "title": "é"}) == canonical({"title": "é", "type": "object"})
    assert canonical({"enum": [1, 2]}) != canonical({"enum": [2, 1]})
    assert canonical({"const": 1}) != canonical({"const": "1"})


@given(st.text())
def test_an_id_fits_into_the_four_bytes_with_a_sign_of_a_serialised_record(content: str) -> None:
    assert 1 <= schema_id(content) <= IDS < 2**31


def test_the_id_of_a_content_never_changes() -> None:
    """Records in other people's topics carry these numbers: whoever changes one breaks their readers."""
    assert schema_id(canonical({"type": "string"})) == 1_687_540_704
    assert schema_guid(canonical({"type": "string"})) == "999b99e0-5b54-5b6a-a316-4bb15cabb3e9"
    opted_out = published().catalogue.get("core.opted_out", 1)
    assert (opted_out.id, opted_out.guid) == (1_181_112_919, "4f5e1be1-7316-5330-9c60-3801de939b2e")


def test_more_subjects_leave_the_ids_as_they_are() -> None:
    everything = published()
    few = published(_Few())
    assert few.catalogue.subjects() == ["core.opted_in", "core.opted_out"]
    for subject in few.catalogue.subjects():
        assert few.catalogue.get(subject, 1).id == everything.catalogue.get(subject, 1).id


class _Few(Registry):
    """Two subjects of those that are published."""

    def published(self) -> dict[str, str]:
        return {name: text for name, text in super().published().items() if name.startswith("core.opted_")}
