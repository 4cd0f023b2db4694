"""What a message shows to a person: the words in it, and what can be tapped."""

from __future__ import annotations

from schemas.content import ButtonsContent, Content, LinkContent, ListContent


def choices_of(content: Content) -> list[tuple[str, str]]:
    """The ids and titles of a message's rows or buttons."""
    if isinstance(content, ListContent):
        return [(row.id, row.title) for section in content.sections for row in section.rows]
    if isinstance(content, ButtonsContent):
        return [(button.id, button.title) for button in content.buttons]
    return []


def words_in(content: Content) -> str:
    """Everything that a message shows."""
    parts = [str(getattr(content, "body", "")), *(title for _, title in choices_of(content))]
    if isinstance(content, ListContent):
        parts += [row.description or "" for section in content.sections for row in section.rows]
    if isinstance(content, LinkContent):
        parts += [content.label, content.url]
    return "\n".join([*parts, getattr(content, "caption", None) or ""])
