"""The people behind the number: the support contact, and commands for those who run EasyMO."""

from __future__ import annotations

from urllib.parse import quote

from consumers.core import texts
from consumers.core.answers import home_button
from consumers.core.domain import core
from consumers.core.profile import speaker
from consumers.core.store import PersonStore
from consumers.domain import Decision, Intents, MenuRow, Turn, done, unclaimed
from consumers.replies import Buttons, Link
from consumers.texts import Text
from infra.settings import Settings
from infra.telemetry.masking import mask_phone


@core.starts(
    "support",
    keywords=["support", "contact", "customer care", "assistance", "ubufasha", "huduma kwa wateja"],
    menu=MenuRow(texts.support_title(), texts.support_about(), priority=-11),
)
async def show_support(turn: Turn, settings: Settings) -> Decision:
    """Shows how to reach the team, with a chat ready to be opened."""
    number = settings.support_number.lstrip("+")
    opening = quote(texts.support_opening().render(turn.locale))
    link = Link(
        texts.support_text(f"+{number}"), texts.support_link(), f"https://wa.me/{number}?text={opening}"
    )
    return done(link)


@core.starts("admin")
async def admin_command(turn: Turn, persons: PersonStore, intents: Intents, settings: Settings) -> Decision:
    """`/help`, `/status`, `/whoami`, for the numbers in the settings only."""
    if turn.routed.phone not in settings.admin_contacts:
        return unclaimed()
    command = turn.text.split(maxsplit=1)[0].lower() if turn.text else ""
    person = speaker(turn, persons)
    answer: Text
    if command == "/status":
        domains = ", ".join(sorted({intent.domain for intent in intents.all}))
        answer = texts.admin_status(domains, await persons.estimated_count())
    elif command == "/whoami":
        answer = texts.admin_whoami(person.id, mask_phone(person.phone or ""), person.locale, person.country)
    else:
        answer = texts.admin_help()
    return done(Buttons(answer, (home_button(),)))
