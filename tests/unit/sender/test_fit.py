"""Whatever content goes in, what comes out is taken by the simulator, which is as strict as Meta."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from infra.simulator.limits import check_message
from infra.whatsapp.fit import Unfit, fit
from infra.whatsapp.payload import Recipient, message
from schemas.content import (
    ButtonContent,
    ButtonsContent,
    Content,
    LinkContent,
    ListContent,
    LocationContent,
    MediaContent,
    ReactionContent,
    RowContent,
    SectionContent,
    TemplateContent,
    TextContent,
)
from tests.unit.sender.contents import KINDS

PHONE = Recipient(phone="250788000001")


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_goes_in_is_taken(kind: str) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(KINDS[kind])
    def holds(content: Content) -> None:
        try:
            fitted = fit(content)
        except Unfit:
            assert isinstance(content, TemplateContent | ReactionContent)
            return
        check_message(message(PHONE, fitted, "0b1c", quotes="wamid.X"))
        assert fit(fitted) is fitted
        assert _ids(fitted) <= _ids(content) | {"core:home"}

    holds()


def _ids(content: Content) -> set[str]:
    """The ids of rows and buttons, which are never cut."""
    if isinstance(content, ButtonsContent):
        return {button.id.strip() for button in content.buttons}
    if isinstance(content, ListContent):
        return {row.id.strip() for section in content.sections for row in section.rows}
    return set()


def test_what_fits_is_left_alone() -> None:
    content = TextContent(body="Muraho! *Welcome*\n\nto EasyMO 🚗")
    assert fit(content) is content


def test_a_text_too_long_ends_in_an_ellipsis() -> None:
    fitted = fit(TextContent(body="a" * 5000))
    assert isinstance(fitted, TextContent)
    assert fitted.body == "a" * 4095 + "…"


@pytest.mark.parametrize("sign", ["👨‍👩‍👧‍👦", "🇷🇼", "e\u0301", "👍🏿", "नी"])
def test_signs_of_several_code_points_stay_whole(sign: str) -> None:
    for shift in range(len(sign) + 1):
        fitted = fit(TextContent(body="a" * shift + sign * 4100))
        assert isinstance(fitted, TextContent)
        assert fitted.body.removeprefix("a" * shift).removesuffix("…").replace(sign, "") == ""
        assert 4096 - len(sign) <= len(fitted.body) <= 4096


@pytest.mark.parametrize("blank", ["", "  \n", "\u200b\u200d", "\u3164", "\x00\x07", "\u0301"])
def test_an_empty_body_becomes_visible(blank: str) -> None:
    assert fit(TextContent(body=blank)) == TextContent(body="…")


def _list(*counts: int, **more: str) -> ListContent:
    sections = tuple(
        SectionContent(
            title=f"Part {part}",
            rows=tuple(RowContent(id=f"jobs:see:{part}.{row}", title=f"Job {row}") for row in range(count)),
        )
        for part, count in enumerate(counts)
    )
    return ListContent(body="Jobs near you", button="See", sections=sections, **more)


def _row_ids(content: Content) -> list[str]:
    assert isinstance(content, ListContent)
    return [row.id for section in content.sections for row in section.rows]


def test_ten_rows_are_left_alone() -> None:
    content = _list(4, 6)
    assert fit(content) is content


def test_of_more_rows_nine_are_kept_and_one_leads_home() -> None:
    ids = _row_ids(fit(_list(8, 8)))
    assert len(ids) == 10
    assert ids[-2:] == ["jobs:see:1.0", "core:home"]


def test_a_way_home_of_its_own_is_kept() -> None:
    home = RowContent(id="core:home", title="Ahabanza")
    content = _list(11)
    first = content.sections[0]
    content = content.model_copy(
        update={"sections": (SectionContent(title=first.title, rows=(home, *first.rows)),)}
    )
    fitted = fit(content)
    assert isinstance(fitted, ListContent)
    assert fitted.sections[-1].rows[-1] == home
    assert _row_ids(fitted).count("core:home") == 1


def test_a_list_without_rows_is_a_text() -> None:
    assert fit(_list()) == TextContent(body="Jobs near you")


def test_titles_of_sections_are_needed_when_there_are_several() -> None:
    content = ListContent(
        body="b",
        button="b",
        sections=tuple(SectionContent(rows=(RowContent(id=f"a:{n}", title="t"),)) for n in range(2)),
    )
    fitted = fit(content)
    assert isinstance(fitted, ListContent)
    assert [section.title for section in fitted.sections] == ["•", "•"]


def _buttons(*titles: str) -> ButtonsContent:
    return ButtonsContent(
        body="Which?",
        buttons=tuple(ButtonContent(id=f"core:pick:{n}", title=t) for n, t in enumerate(titles)),
    )


def test_buttons_of_one_title_are_told_apart() -> None:
    fitted = fit(_buttons("Yes", "Yes", "Yes"))
    assert isinstance(fitted, ButtonsContent)
    assert [button.title for button in fitted.buttons] == ["Yes", "Yes 2", "Yes 3"]


def test_titles_that_differ_only_beyond_the_limit_are_told_apart() -> None:
    fitted = fit(_buttons("Kimironko market, north gate", "Kimironko market, north road"))
    assert isinstance(fitted, ButtonsContent)
    assert [button.title for button in fitted.buttons] == ["Kimironko market, n…", "Kimironko market,… 2"]


def test_more_than_three_buttons_become_a_list() -> None:
    fitted = fit(_buttons("A", "B", "C", "D"))
    assert _row_ids(fitted) == [f"core:pick:{n}" for n in range(4)]


def test_values_of_a_template_are_on_one_line() -> None:
    fitted = fit(TemplateContent(name="t", language=" en ", variables=("a\n\tb     c", "")))
    assert fitted == TemplateContent(name="t", language="en", variables=("a b c", "…"))


def test_a_link_without_an_address_is_read() -> None:
    fitted = fit(LinkContent(body="Chat with the driver", label="Open", url="wa.me/250788"))
    assert fitted == TextContent(body="Chat with the driver\nwa.me/250788")


def test_a_place_that_is_none_is_read() -> None:
    nowhere = LocationContent(latitude=float("nan"), longitude=30, name="Kigali Heights")
    assert fit(nowhere) == TextContent(body="Kigali Heights")


def test_a_file_keeps_its_ending() -> None:
    fitted = fit(MediaContent(media="document", media_id="1", filename="policy" * 60 + ".pdf"))
    assert isinstance(fitted, MediaContent)
    assert fitted.filename is not None
    assert len(fitted.filename) == 240
    assert fitted.filename.endswith("….pdf")


def test_sound_has_no_caption() -> None:
    assert fit(MediaContent(media="audio", media_id="1", caption="Listen")) == MediaContent(
        media="audio", media_id="1"
    )


@pytest.mark.parametrize("emoji", ["ok", "👍" + "\u0301" * 16, "a\u0301"])
def test_a_reaction_that_is_no_emoji_is_unfit(emoji: str) -> None:
    with pytest.raises(Unfit):
        fit(ReactionContent(message_id="wamid.1", emoji=emoji))


def test_of_several_emoji_the_first_stands() -> None:
    fitted = fit(ReactionContent(message_id="wamid.1", emoji="👨‍👩‍👧‍👦👍"))
    assert fitted == ReactionContent(message_id="wamid.1", emoji="👨‍👩‍👧‍👦")
