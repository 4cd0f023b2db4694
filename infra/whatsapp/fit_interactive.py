"""Buttons and lists made to fit: at most three buttons, ten rows, ids whole, titles that tell apart."""

from __future__ import annotations

from collections.abc import Iterable

from infra.whatsapp import limits
from infra.whatsapp.wording import ELLIPSIS, clean, one_line, shorten
from schemas.content import ButtonContent, ButtonsContent, ListContent, RowContent, SectionContent

HOME = RowContent(id="core:home", title="🏠 EasyMO")  # the way on from a list that was too long; no language
LIST_BUTTON = "☰"
NAMELESS = "•"


def fit_buttons(content: ButtonsContent) -> ButtonsContent | ListContent | None:
    """Up to three buttons; more of them become a list. None when no button is left."""
    buttons = _usable(content.buttons, limits.BUTTON_ID)
    if len(buttons) > limits.BUTTONS:
        rows = tuple(RowContent(id=button.id, title=button.title) for button in buttons)
        return fit_list(
            ListContent(
                body=content.body,
                button=LIST_BUTTON,
                sections=(SectionContent(rows=rows),),
                header=content.header,
                footer=content.footer,
            )
        )
    if not buttons:
        return None
    return ButtonsContent(
        body=shorten(clean(content.body), limits.BODY) or ELLIPSIS,
        buttons=_told_apart(buttons),
        header=_line(content.header, limits.HEADER),
        footer=_line(content.footer, limits.FOOTER),
    )


def fit_list(content: ListContent) -> ListContent | None:
    """Ten rows at most: of a longer list nine, and a last one that leads home. None when no row is left."""
    sections = _first_rows(_usable_sections(content.sections))
    if not sections:
        return None
    single = len(sections) == 1
    return ListContent(
        body=shorten(clean(content.body), limits.LIST_BODY) or ELLIPSIS,
        button=_line(content.button, limits.LIST_BUTTON) or LIST_BUTTON,
        sections=tuple(
            SectionContent(
                title=_line(section.title, limits.SECTION_TITLE) or (None if single else NAMELESS),
                rows=tuple(map(_fit_row, section.rows)),
            )
            for section in sections
        ),
        header=_line(content.header, limits.HEADER),
        footer=_line(content.footer, limits.FOOTER),
    )


def _line(text: str | None, limit: int) -> str | None:
    return shorten(one_line(text), limit) or None if text else None


def _usable(buttons: Iterable[ButtonContent], limit: int) -> list[ButtonContent]:
    """Those whose id can be sent whole; of several with one id the first."""
    found: dict[str, ButtonContent] = {}
    for button in buttons:
        button_id = button.id.strip()
        if clean(button_id) == button_id != "" and len(button_id) <= limit:
            found.setdefault(button_id, ButtonContent(id=button_id, title=button.title))
    return list(found.values())


def _told_apart(buttons: list[ButtonContent]) -> tuple[ButtonContent, ...]:
    """Titles within the limit, the second of two equal ones numbered."""
    taken: set[str] = set()
    told: list[ButtonContent] = []
    for button in buttons:
        whole = one_line(button.title) or NAMELESS
        title, number = shorten(whole, limits.BUTTON_TITLE), 2
        while title in taken:  # at most three buttons, so this ends at 4
            suffix = f" {number}"
            title = shorten(whole, limits.BUTTON_TITLE - len(suffix)) + suffix
            number += 1
        taken.add(title)
        told.append(ButtonContent(id=button.id, title=title))
    return tuple(told)


def _usable_sections(sections: Iterable[SectionContent]) -> list[SectionContent]:
    seen: set[str] = set()
    usable: list[SectionContent] = []
    for section in sections:
        rows: list[RowContent] = []
        for row in section.rows:
            row_id = row.id.strip()
            if clean(row_id) == row_id != "" and len(row_id) <= limits.ROW_ID and row_id not in seen:
                seen.add(row_id)
                rows.append(row if row_id == row.id else row.model_copy(update={"id": row_id}))
        if rows:
            usable.append(SectionContent(title=section.title, rows=tuple(rows)))
    return usable


def _first_rows(sections: list[SectionContent]) -> list[SectionContent]:
    rows = [row for section in sections for row in section.rows]
    if len(rows) <= limits.ROWS:
        return sections
    home = next((row for row in rows if row.id == HOME.id), HOME)
    room = limits.ROWS - 1
    kept: list[SectionContent] = []
    for section in sections:
        fitting = tuple(row for row in section.rows if row is not home)[:room]
        room -= len(fitting)
        if fitting:
            kept.append(SectionContent(title=section.title, rows=fitting))
    last = kept[-1]
    kept[-1] = SectionContent(title=last.title, rows=(*last.rows, home))
    return kept


def _fit_row(row: RowContent) -> RowContent:
    description = _line(row.description, limits.ROW_DESCRIPTION)
    title = _line(row.title, limits.ROW_TITLE)
    if title is None and description is not None:
        title = shorten(description, limits.ROW_TITLE)
    return RowContent(id=row.id, title=title or NAMELESS, description=description)
