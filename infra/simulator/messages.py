"""A message as the phone keeps it: what can be read in it, and what can be tapped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Side = Literal["person", "business"]
MEDIA_TYPES = ("image", "video", "audio", "document", "sticker")
READABLE = {
    "location": ("name", "address"),
    "reaction": ("emoji",),
    **dict.fromkeys(MEDIA_TYPES, ("caption", "filename")),
}
READABLE_ELSE = ("header", "body", "text", "footer")  # text, button, template, order, system
ORDER_OF_STATUSES = ("accepted", "sent", "delivered", "read", "played")


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be tapped: a row of a list, a reply button, a template's quick reply."""

    kind: Literal["row", "button", "quick_reply"]
    id: str
    title: str
    description: str = ""


@dataclass(slots=True)
class Message:
    """One message of a conversation, from either side."""

    sequence: int  # grows over all conversations of a simulator
    id: str  # wamid
    by: Side
    at: float  # Unix seconds
    type: str
    content: Any  # what Meta carries under the key named by `type`
    reply_to: str | None = None  # wamid
    callback_data: str | None = None  # biz_opaque_callback_data, of the business only
    status: str = "accepted"
    error: str | None = None  # why its status is `failed`
    reaction: str = ""
    extra: dict[str, Any] = field(default_factory=dict)  # referral, group_id and the like

    @property
    def text(self) -> str:
        """Everything that a person reads in it, line by line, without the rows and buttons."""
        return "\n".join(part for part in _readable(self.type, self.content) if part)

    @property
    def choices(self) -> list[Choice]:
        """What can be tapped, in the order shown."""
        return _choices(self.type, self.content)

    @property
    def rows(self) -> list[Choice]:
        """The rows of a list, of all its sections, in the order shown."""
        return [choice for choice in self.choices if choice.kind == "row"]

    @property
    def buttons(self) -> list[Choice]:
        """Reply buttons and quick replies, in the order shown."""
        return [choice for choice in self.choices if choice.kind != "row"]

    @property
    def media_id(self) -> str | None:
        """The id of the picture, file or sound in it, else None."""
        if self.type in MEDIA_TYPES and isinstance(self.content, dict):
            return self.content.get("id")
        return None

    def moves_to(self, status: str) -> bool:
        """Take a later status; an earlier one changes nothing. Tells whether it changed."""
        if status == "failed":
            self.status = status
            return True
        if self.status == "failed" or ORDER_OF_STATUSES.index(status) <= ORDER_OF_STATUSES.index(self.status):
            return False
        self.status = status
        return True


def _readable(kind: str, content: Any) -> list[str]:
    if kind == "contacts":
        return [str(contact.get("name", {}).get("formatted_name", "")) for contact in content or ()]
    if not isinstance(content, dict):
        return []
    if kind == "interactive":
        return _readable_interactive(content)
    return [str(content.get(key, "")) for key in READABLE.get(kind, READABLE_ELSE)]


def _readable_interactive(content: dict[str, Any]) -> list[str]:
    reply = content.get("list_reply") or content.get("button_reply") or content.get("nfm_reply")
    if isinstance(reply, dict):
        return [str(reply.get("title") or reply.get("body") or "")]
    parts = [content.get(part) or {} for part in ("header", "body", "footer")]
    return [str(part.get("text", "")) for part in parts]


def _choices(kind: str, content: Any) -> list[Choice]:
    if not isinstance(content, dict):
        return []
    if kind == "template":
        return [
            Choice("quick_reply", button["payload"], button["text"]) for button in content.get("buttons", ())
        ]
    action = content.get("action")
    if kind != "interactive" or not isinstance(action, dict):
        return []
    rows = [
        Choice("row", row["id"], row["title"], row.get("description", ""))
        for section in action.get("sections", ())
        for row in section["rows"]
    ]
    buttons = [
        Choice("button", button["reply"]["id"], button["reply"]["title"])
        for button in action.get("buttons", ())
    ]
    return rows + buttons
