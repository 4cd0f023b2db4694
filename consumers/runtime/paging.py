"""Long lists: nine rows a page, and More or Back; the conversation remembers the rest.

WhatsApp takes ten rows in all (facts: interactive lists). The rows are remembered as they were rendered,
so turning a page asks nobody and shows what the first page belonged to.
"""

from __future__ import annotations

from typing import Any

from consumers.decision import Decision, stay, unclaimed
from consumers.replies import PAGE_ROWS, Raw
from consumers.runtime import texts
from consumers.texts import render
from consumers.turn import Turn
from schemas.content import Content, ListContent, RowContent, SectionContent

ACTION = "page"
REMEMBERED = "_list"  # in a conversation's data
ROWS_IN_ALL = 10


def first_page(domain: str, content: Content, locale: str) -> tuple[Content, dict[str, Any] | None]:
    """The content as it can be sent, and what to remember of a list that is too long (else None)."""
    if not isinstance(content, ListContent) or sum(len(s.rows) for s in content.sections) <= ROWS_IN_ALL:
        return content, None
    return show_page(domain, content, 0, locale), content.model_dump(exclude_none=True)


def show_page(domain: str, whole: ListContent, page: int, locale: str) -> ListContent:
    """One page of a list, counted from 0; a page that does not exist is the nearest one that does."""
    rows = [row for section in whole.sections for row in section.rows]
    last = max(0, -(-len(rows) // PAGE_ROWS) - 1)
    page = min(max(page, 0), last)
    shown = rows[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]
    if page < last:
        shown.append(_turning(domain, page + 1, render(texts.more(), locale)))
    else:
        shown.append(_turning(domain, page - 1, render(texts.back(), locale)))
    return whole.model_copy(update={"sections": (SectionContent(rows=tuple(shown)),)})


def _turning(domain: str, page: int, title: str) -> RowContent:
    return RowContent(id=f"{domain}:{ACTION}:{page}", title=title)


async def turn_page(turn: Turn) -> Decision:
    """A tap on More or Back. A list that is forgotten by now is nobody's: core shows home."""
    remembered = turn.data.get(REMEMBERED)
    if remembered is None or not turn.argument.isdecimal():
        return unclaimed()
    domain = turn.said.id.partition(":")[0] if turn.said.kind == "tap" else ""
    whole = ListContent.model_validate(remembered)
    return stay(Raw(show_page(domain, whole, int(turn.argument[:4]), turn.locale)))
