"""Long lists: nine rows a page, and a way on or back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.replies import Raw
from consumers.runtime.paging import REMEMBERED, first_page, show_page, turn_page
from consumers.turn import Conversation, Turn
from schemas.content import ListContent, RowContent, SectionContent, Tapped, TextContent
from schemas.events.conversation import TurnRouted
from tests.unit.runtime.made import NOW, an_envelope


def a_list(rows: int) -> ListContent:
    shown = tuple(RowContent(id=f"probe:pick:{number}", title=f"Row {number}") for number in range(rows))
    return ListContent(body="Choose", button="Show", sections=(SectionContent(rows=shown),), footer="foot")


def ids(content: ListContent) -> list[str]:
    return [row.id for section in content.sections for row in section.rows]


def a_tap(identity: str, data: dict[str, Any]) -> Turn:
    routed = TurnRouted(
        person="ann", contact="c", turn=1, said=Tapped(id=identity, title=""), at=NOW, wamid="w"
    )
    return Turn(routed, NOW, Conversation("ann", data=data), an_envelope(), identity.split(":")[2])


@pytest.mark.parametrize("rows", [1, 9, 10])
def test_what_fits_is_not_paged(rows: int) -> None:
    content = a_list(rows)
    assert first_page("probe", content, "en") == (content, None)


def test_what_is_no_list_is_not_paged() -> None:
    content = TextContent(body="x")
    assert first_page("probe", content, "en") == (content, None)


def test_a_long_list_shows_nine_rows_and_remembers_all() -> None:
    content, whole = first_page("probe", a_list(11), "en")
    assert isinstance(content, ListContent)
    assert ids(content) == [*(f"probe:pick:{n}" for n in range(9)), "probe:page:1"]
    assert content.footer == "foot"
    assert whole is not None
    assert ListContent.model_validate(whole) == a_list(11)


@given(st.integers(11, 90))
def test_every_row_is_on_one_page_and_every_page_fits(count: int) -> None:
    whole = a_list(count)
    pages = [ids(show_page("probe", whole, number, "en")) for number in range(-(-count // 9))]
    assert all(len(page) <= 10 for page in pages)
    assert [row for page in pages for row in page if ":pick:" in row] == ids(whole)
    turns = [page[-1] for page in pages]
    assert turns == [*(f"probe:page:{n + 1}" for n in range(len(pages) - 1)), f"probe:page:{len(pages) - 2}"]


def test_a_page_that_does_not_exist_is_the_nearest() -> None:
    whole = a_list(20)
    assert show_page("probe", whole, 99, "en") == show_page("probe", whole, 2, "en")


@pytest.mark.parametrize(
    ("locale", "word"), [("en", "More"), ("fr", "Plus"), ("rw", "Ibindi"), ("sw", "Zaidi")]
)
def test_the_way_on_is_in_the_persons_language(locale: str, word: str) -> None:
    page = show_page("probe", a_list(20), 0, locale)
    assert page.sections[0].rows[-1].title == word


async def test_a_tap_turns_the_page() -> None:
    decision = await turn_page(a_tap("probe:page:1", {REMEMBERED: a_list(20).model_dump()}))
    assert decision.claimed
    (reply,) = decision.replies
    assert isinstance(reply, Raw)
    assert isinstance(reply.content, ListContent)
    assert ids(reply.content)[0] == "probe:pick:9"


@pytest.mark.parametrize("page", ["", "x", "-1", "1.5"])
async def test_a_tap_that_names_no_page_is_nobodys(page: str) -> None:
    decision = await turn_page(a_tap(f"probe:page:{page}", {REMEMBERED: a_list(20).model_dump()}))
    assert not decision.claimed


async def test_a_tap_on_a_forgotten_list_is_nobodys() -> None:
    assert not (await turn_page(a_tap("probe:page:1", {}))).claimed


async def test_a_page_number_beyond_all_bounds_is_the_last_page() -> None:
    turn = a_tap("probe:page:" + "9" * 400, {REMEMBERED: a_list(20).model_dump()})
    assert (await turn_page(turn)).claimed
