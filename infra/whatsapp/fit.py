"""Content made to fit: whatever a domain says, what comes out is something that Meta takes.

Pure. Texts are shortened, superfluous rows and buttons give way, ids are never cut. Names and numbers of
the limits: infra/whatsapp/limits.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from infra.whatsapp import limits
from infra.whatsapp.fit_interactive import fit_buttons, fit_list
from infra.whatsapp.wording import ELLIPSIS, clean, first_grapheme, one_line, shorten
from schemas.content import (
    ButtonsContent,
    Content,
    LinkContent,
    ListContent,
    LocationContent,
    LocationRequestContent,
    MediaContent,
    ReactionContent,
    TemplateContent,
    TextContent,
)

LINK_LABEL = "🔗"
WITH_CAPTION = frozenset(("image", "video", "document"))


class Unfit(ValueError):
    """There is nothing in this content that could be sent; the message says what is wrong with it."""


def fit(content: Content) -> Content:
    """The content within every limit; the same object where nothing had to change.

    Raises Unfit for a template or a reaction that names nothing Meta could know.
    """
    fitted = _FITTERS[type(content)](content)
    return content if fitted == content else fitted


def is_address(url: str | None) -> bool:
    """Whether Meta takes it for the address of a page or a file."""
    return (
        url is not None
        and url.startswith(("https://", "http://"))
        and len(url) <= limits.URL
        and " " not in url
        and url.isprintable()
    )


def _body(text: str, limit: int) -> str:
    return shorten(clean(text), limit) or ELLIPSIS


def _fit_text(content: TextContent) -> Content:
    return TextContent(body=_body(content.body, limits.TEXT_BODY), preview_url=content.preview_url)


def _fit_location_request(content: LocationRequestContent) -> Content:
    return LocationRequestContent(body=_body(content.body, limits.BODY))


def _fit_link(content: LinkContent) -> Content:
    if not is_address(content.url):  # a button with it would be refused: let it be read at least
        return _fit_text(TextContent(body=f"{clean(content.body)}\n{clean(content.url)}"))
    label = shorten(one_line(content.label), limits.BUTTON_TITLE) or LINK_LABEL
    return LinkContent(body=_body(content.body, limits.BODY), label=label, url=content.url)


def _fit_location(content: LocationContent) -> Content:
    name = shorten(one_line(content.name or ""), limits.PLACE) or None
    address = shorten(one_line(content.address or ""), limits.PLACE) or None
    latitude, longitude = content.latitude, content.longitude
    nowhere = not (math.isfinite(latitude) and math.isfinite(longitude))
    if nowhere or abs(latitude) > 90 or abs(longitude) > 180:
        return _fit_text(TextContent(body="\n".join(filter(None, (name, address)))))
    return LocationContent(latitude=latitude, longitude=longitude, name=name, address=address)


def _fit_media(content: MediaContent) -> Content:
    media_id = content.media_id if content.media_id and content.media_id.strip() else None
    if media_id is not None and len(media_id) > limits.MEDIA_ID:
        media_id = None
    link = content.link if is_address(content.link) else None
    caption = _body(content.caption, limits.CAPTION) if content.caption and clean(content.caption) else None
    if media_id is None and link is None and not content.data:
        return _fit_text(TextContent(body=content.caption or content.filename or ""))
    filename = one_line(content.filename or "").replace("/", "_").replace("\\", "_")
    return MediaContent(
        media=content.media,
        # One of the three; what Meta has already comes first, what it must fetch itself last.
        media_id=media_id,
        data=content.data if media_id is None else None,
        link=link if media_id is None and not content.data else None,
        mime_type=content.mime_type,
        caption=caption if content.media in WITH_CAPTION else None,
        filename=(_shorten_filename(filename) or None) if content.media == "document" else None,
    )


def _shorten_filename(name: str) -> str:
    """The ending tells the phone how to open the file, so it stays."""
    stem, dot, ending = name.rpartition(".")
    if len(name) <= limits.FILENAME or not dot or len(ending) > 10:
        return shorten(name, limits.FILENAME)
    return shorten(stem, limits.FILENAME - len(ending) - 1) + dot + ending


def _fit_template(content: TemplateContent) -> Content:
    if limits.TEMPLATE_NAME.fullmatch(content.name) is None:
        raise Unfit(f"no template can be called {content.name[:80]!r}")
    language = content.language.strip()
    if not 0 < len(language) <= limits.TEMPLATE_LANGUAGE:
        raise Unfit(f"template {content.name}: no language is called {language[:80]!r}")
    # Line breaks, tabs and more than four spaces in a row are refused (132018), and so is an empty value.
    values = [one_line(value) or ELLIPSIS for value in content.variables]
    if sum(map(len, values)) > limits.TEMPLATE_VALUES:
        each = max(1, limits.TEMPLATE_VALUES // len(values))
        values = [shorten(value, each) for value in values]
    return TemplateContent(name=content.name, language=language, variables=tuple(values))


def _fit_reaction(content: ReactionContent) -> Content:
    if not 0 < len(content.message_id.strip()) <= limits.MESSAGE_ID:
        raise Unfit("a reaction needs the id of the message it belongs to")
    emoji = first_grapheme(content.emoji.strip())
    if len(emoji) > limits.EMOJI or re.search(r"[A-Za-z\s]", emoji):
        raise Unfit("a reaction is one emoji, or empty")
    return ReactionContent(message_id=content.message_id, emoji=emoji)


def _fit_buttons(content: ButtonsContent) -> Content:
    return fit_buttons(content) or _fit_text(TextContent(body=content.body))


def _fit_list(content: ListContent) -> Content:
    return fit_list(content) or _fit_text(TextContent(body=content.body))


_FITTERS: dict[type, Callable[[Any], Content]] = {
    TextContent: _fit_text,
    ButtonsContent: _fit_buttons,
    ListContent: _fit_list,
    LocationRequestContent: _fit_location_request,
    LinkContent: _fit_link,
    LocationContent: _fit_location,
    MediaContent: _fit_media,
    TemplateContent: _fit_template,
    ReactionContent: _fit_reaction,
}
