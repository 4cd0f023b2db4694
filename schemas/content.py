"""What can be said in a chat: the content of an outbound message, and what a person sent.

Limits are checked where a message is sent (infra/whatsapp), so that no caller has to know them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A value inside an event."""

    model_config = ConfigDict(frozen=True, extra="ignore")


# What we say ------------------------------------------------------------------------------------------


class TextContent(Part):
    """Plain text."""

    kind: Literal["text"] = "text"
    body: str
    preview_url: bool = False


class ButtonContent(Part):
    """One reply button; `id` is `<domain>:<action>[:<argument>]`."""

    id: str
    title: str


class ButtonsContent(Part):
    """Text with up to three reply buttons."""

    kind: Literal["buttons"] = "buttons"
    body: str
    buttons: tuple[ButtonContent, ...]
    header: str | None = None
    footer: str | None = None


class RowContent(Part):
    """One row of a list; `id` is `<domain>:<action>[:<argument>]`."""

    id: str
    title: str
    description: str | None = None


class SectionContent(Part):
    """Rows under a title."""

    rows: tuple[RowContent, ...]
    title: str | None = None


class ListContent(Part):
    """Text with a button that opens a list."""

    kind: Literal["list"] = "list"
    body: str
    button: str
    sections: tuple[SectionContent, ...]
    header: str | None = None
    footer: str | None = None


class LocationRequestContent(Part):
    """Text with a button that shares the person's location."""

    kind: Literal["location_request"] = "location_request"
    body: str


class LinkContent(Part):
    """Text with a button that opens an address."""

    kind: Literal["link"] = "link"
    body: str
    label: str
    url: str


class LocationContent(Part):
    """A place on the map, in degrees."""

    kind: Literal["location"] = "location"
    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


class MediaContent(Part):
    """A picture, sound, film, document or sticker: by address, by Meta's media id, or by bytes to upload."""

    kind: Literal["media"] = "media"
    media: Literal["image", "video", "audio", "document", "sticker"]
    link: str | None = None
    media_id: str | None = None
    data: str | None = Field(default=None, description="base64 of the bytes to upload before sending")
    mime_type: str | None = None
    caption: str | None = None
    filename: str | None = None


class TemplateContent(Part):
    """An approved template, the only thing that may be sent outside the 24-hour window."""

    kind: Literal["template"] = "template"
    name: str
    language: str
    variables: tuple[str, ...] = ()


class ReactionContent(Part):
    """An emoji on a message; an empty one takes it away."""

    kind: Literal["reaction"] = "reaction"
    message_id: str
    emoji: str


Content = Annotated[
    TextContent
    | ButtonsContent
    | ListContent
    | LocationRequestContent
    | LinkContent
    | LocationContent
    | MediaContent
    | TemplateContent
    | ReactionContent,
    Field(discriminator="kind"),
]


# What a person sent -----------------------------------------------------------------------------------


class TextSaid(Part):
    """A text message, or the text of a template's quick reply."""

    kind: Literal["text"] = "text"
    body: str


class Tapped(Part):
    """A row or button that was tapped."""

    kind: Literal["tap"] = "tap"
    id: str
    title: str = ""


class LocationShared(Part):
    """A shared location, in degrees."""

    kind: Literal["location"] = "location"
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    name: str | None = None
    address: str | None = None


class MediaSent(Part):
    """A picture, sound, film, document or sticker; the id can be looked up for 7 days."""

    kind: Literal["media"] = "media"
    media: str
    media_id: str
    mime_type: str | None = None
    caption: str | None = None
    filename: str | None = None


class OtherSent(Part):
    """Whatever else Meta has: contacts, an order, a reaction, an unsupported type."""

    kind: Literal["other"] = "other"
    type: str
    raw: dict[str, Any] = Field(default_factory=dict)


Said = Annotated[TextSaid | Tapped | LocationShared | MediaSent | OtherSent, Field(discriminator="kind")]
