"""Conversations for people to read: chat bubbles in a terminal, plain text elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from infra.simulator.messages import MEDIA_TYPES, Message

BUSINESS = "EasyMO"
BUBBLE = 0.72  # of the width
TICKS = {"accepted": "·", "sent": "✓", "delivered": "✓✓", "read": "✓✓", "played": "✓✓", "failed": "✗"}
SYMBOLS = {
    "image": "▣ photo",
    "video": "▶ video",
    "audio": "♪ audio",
    "document": "▤ document",
    "sticker": "★ sticker",
    "location": "◉ location",
    "contacts": "☏ contact",
    "reaction": "reacts",
    "order": "▦ order",
    "system": "system",
}


def show(messages: Iterable[Message], *, name: str, console: Console | None = None) -> None:
    """Print a conversation: bubbles where there is a terminal, plain text where there is none."""
    console = console or Console()
    if not console.is_terminal:
        console.print(as_plain_text(messages, name=name), markup=False, highlight=False, soft_wrap=True)
        return
    for message in messages:
        console.print(bubble(message, name=name, width=console.width))


def bubble(message: Message, *, name: str, width: int = 80, numbered: bool = False) -> RenderableType:
    """One message as a bubble: the business on the left, the person on the right."""
    mine = message.by == "person"
    most = max(24, int(width * BUBBLE))
    parts: list[RenderableType] = [Text(line) for line in _lines(message)]
    parts += [Text(choice, style="bold cyan") for choice in _choices(message, numbered)]
    if message.error:
        parts.append(Text(message.error, style="red"))
    longest = max((part.cell_len for part in parts if isinstance(part, Text)), default=0)
    panel = Panel(
        Group(*parts),
        title=Text(name if mine else BUSINESS, style="bold green" if mine else "bold"),
        title_align="right" if mine else "left",
        subtitle=_ticks(message) if not mine else None,
        subtitle_align="right",
        border_style="green" if mine else "dim",
        width=min(most, max(longest + 4, 20)),
    )
    indent = width - min(most, max(longest + 4, 20)) if mine else 0
    return Padding(panel, (0, 0, 0, indent))


def as_plain_text(messages: Iterable[Message], *, name: str, numbered: bool = False) -> str:
    """A conversation, a line or more for each message; `numbered`: what can be tapped has numbers."""
    lines: list[str] = []
    for message in messages:
        who = name if message.by == "person" else BUSINESS
        parts = [*_lines(message), *_choices(message, numbered)] or [f"[{message.type}]"]
        lines.append(f"{who}: {parts[0]}")
        lines += [f"{' ' * len(who)}  {part}" for part in parts[1:]]
        if message.error:
            lines.append(f"{' ' * len(who)}  ✗ {message.error}")
    return "\n".join(lines) if lines else "(no messages yet)"


def _lines(message: Message) -> list[str]:
    """The text of a message, with a word for what is not text."""
    lines = message.text.splitlines()
    content = message.content if isinstance(message.content, dict) else {}
    label = SYMBOLS.get(message.type)
    if message.type == "location":
        label = f"{label} {content.get('latitude')}, {content.get('longitude')}"
    if message.type in MEDIA_TYPES and content.get("link"):
        label = f"{label} {content['link']}"
    action = content.get("action")
    if message.type == "interactive" and isinstance(action, dict):
        if action.get("name") == "send_location":
            lines.append("[◉ Send location]")
        if action.get("name") == "cta_url":
            parameters = action["parameters"]
            lines.append(f"[{parameters['display_text']} ↗ {parameters['url']}]")
    if label is None and not lines:
        label = message.type
    return ([f"[{label}]"] if label else []) + lines


def _choices(message: Message, numbered: bool) -> list[str]:
    """Rows and buttons, as drawn."""
    lines: list[str] = []
    buttons: list[str] = []
    for number, choice in enumerate(message.choices, start=1):
        label = f"{number} {choice.title}" if numbered else choice.title
        if choice.kind == "row":
            mark = "" if numbered else "• "
            lines.append(f"  {mark}{label}" + (f" — {choice.description}" if choice.description else ""))
        else:
            buttons.append(f"[{label}]")
    return [*lines, " ".join(buttons)] if buttons else lines


def _ticks(message: Message) -> Text:
    style = {"read": "bright_blue", "failed": "red"}.get(message.status, "dim")
    return Text(TICKS.get(message.status, ""), style=style)
