"""The message templates of the product, the only thing that may be said 24 hours after a person last wrote.

They stand in `templates.json`: what is sent by name has to be approved by Meta under that name, in every
language. The button of each is a quick reply, whose title is a keyword that leads to what it is about.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFINED = Path(__file__).with_name("templates.json")


@dataclass(frozen=True, slots=True)
class Defined:
    """One template in one language; `examples` are values of its variables `{{1}}`, `{{2}}` …, in order."""

    name: str
    language: str  # Meta's code
    category: str
    body: str
    button: str
    examples: tuple[str, ...]

    def for_meta(self) -> dict[str, Any]:
        """The body of `POST /{WhatsApp business account}/message_templates`.

        Source: developers.facebook.com, WhatsApp Business Management API, "Message templates".
        """
        return {
            "name": self.name,
            "language": self.language,
            "category": self.category,
            "components": [
                {"type": "BODY", "text": self.body, "example": {"body_text": [list(self.examples)]}},
                {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": self.button}]},
            ],
        }


def defined_templates() -> tuple[Defined, ...]:
    """All of them, by name and language."""
    return tuple(
        Defined(
            name=template["name"],
            language=language,
            category=template["category"],
            body=said["body"],
            button=said["button"],
            examples=tuple(template["variables"].values()),
        )
        for template in json.loads(DEFINED.read_bytes())
        for language, said in template["languages"].items()
    )
