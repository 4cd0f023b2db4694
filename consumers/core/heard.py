"""A message as core deals with it: who said what, and what follows so far."""

from __future__ import annotations

from dataclasses import dataclass

from consumers.core.installation import Installation
from consumers.core.parse import Said
from consumers.core.person import Person
from consumers.domain import Context, Emit
from schemas.events.whatsapp import MessageReceived


@dataclass(slots=True)
class Heard:
    """One message that wants an answer. `emits` grows while it is dealt with."""

    person: Person
    said: Said
    words: list[str]
    data: MessageReceived
    context: Context
    installation: Installation
    emits: list[Emit]
