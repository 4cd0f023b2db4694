"""Replies: what a handler would have a person read, before it is put into their language."""

from __future__ import annotations

from dataclasses import dataclass

from consumers.texts import Renderable, render
from schemas.content import (
    ButtonContent,
    ButtonsContent,
    Content,
    LinkContent,
    ListContent,
    LocationRequestContent,
    RowContent,
    SectionContent,
    TextContent,
)

PAGE_ROWS = 9  # and one for More or Back: a list has ten rows in all (facts/whatsapp.md)
ROWS_LIMIT = 90  # what a conversation remembers of a long list


@dataclass(slots=True, frozen=True)
class Say:
    """Plain text."""

    body: Renderable


@dataclass(slots=True, frozen=True)
class Button:
    """One of up to three; `id` comes from `Domain.tap`."""

    id: str
    title: Renderable


@dataclass(slots=True, frozen=True)
class Buttons:
    """Text with reply buttons."""

    body: Renderable
    buttons: tuple[Button, ...]
    footer: Renderable | None = None


@dataclass(slots=True, frozen=True)
class Row:
    """One row of a menu; `id` comes from `Domain.tap`."""

    id: str
    title: Renderable
    description: Renderable = ""


@dataclass(slots=True, frozen=True)
class Menu:
    """Text with a list. More than ten rows are shown nine a page, with More and Back."""

    body: Renderable
    button: Renderable
    rows: tuple[Row, ...]
    header: Renderable | None = None
    footer: Renderable | None = None


@dataclass(slots=True, frozen=True)
class AskLocation:
    """Text with a button that shares the person's location."""

    body: Renderable


@dataclass(slots=True, frozen=True)
class Link:
    """Text with a button that opens an address."""

    body: Renderable
    label: Renderable
    url: str


@dataclass(slots=True, frozen=True)
class Raw:
    """Content that needs no translation: media, a place, a template."""

    content: Content


Reply = Say | Buttons | Menu | AskLocation | Link | Raw


def render_reply(reply: Reply, locale: str) -> Content:
    """The reply in the person's language. A menu is rendered whole; see consumers/runtime/paging.py."""
    match reply:
        case Say(body):
            return TextContent(body=render(body, locale))
        case Buttons(body, buttons, footer):
            return ButtonsContent(
                body=render(body, locale),
                buttons=tuple(ButtonContent(id=b.id, title=render(b.title, locale)) for b in buttons),
                footer=_optional(footer, locale),
            )
        case Menu():
            return _render_menu(reply, locale)
        case AskLocation(body):
            return LocationRequestContent(body=render(body, locale))
        case Link(body, label, url):
            return LinkContent(body=render(body, locale), label=render(label, locale), url=url)
        case Raw(content):
            return content


def _render_menu(menu: Menu, locale: str) -> ListContent:
    rows = tuple(
        RowContent(
            id=row.id,
            title=render(row.title, locale),
            description=_optional(row.description, locale),
        )
        for row in menu.rows[:ROWS_LIMIT]
    )
    return ListContent(
        body=render(menu.body, locale),
        button=render(menu.button, locale),
        sections=(SectionContent(rows=rows),),
        header=_optional(menu.header, locale),
        footer=_optional(menu.footer, locale),
    )


def _optional(value: Renderable | None, locale: str) -> str | None:
    return (render(value, locale) or None) if value is not None else None
