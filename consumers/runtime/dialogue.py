"""Which handler a turn belongs to, and where the conversation stands after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields
from typing import Any

from consumers.decision import Decision
from consumers.domain import Domain
from consumers.replies import render_reply
from consumers.runtime import paging
from consumers.turn import Conversation
from schemas.content import Tapped
from schemas.events.conversation import Ended, TurnRouted, Unclaimed

_FIELDS = tuple(field.name for field in fields(Conversation))


async def turns() -> Decision:
    """Stands in the routes for "find the turn's own handler"; never called itself."""
    raise NotImplementedError


def find_handler(
    domain: Domain, routed: TurnRouted, conversation: Conversation
) -> tuple[Callable[..., Awaitable[Any]] | None, str]:
    """The handler of a turn (None: nobody's) and the argument of its tap.

    A tap goes to its action, whatever the step: a list from years ago still finds its way. Then what core
    recognised as an intent, then whoever waits at the conversation's step for this kind of content.
    """
    said = routed.said
    if isinstance(said, Tapped):
        name, _, rest = said.id.partition(":")
        action, _, argument = rest.partition(":")
        if name == domain.name:
            if action == paging.ACTION:
                return paging.turn_page, argument
            if action in domain.actions:
                return domain.actions[action], argument
            if action in domain.intents:
                return domain.intents[action][1], argument
    if routed.intent is not None and routed.intent in domain.intents:
        return domain.intents[routed.intent][1], ""
    if conversation.step is not None:
        for expected, handler in domain.steps.get(conversation.step, ()):
            if expected is None or isinstance(said, expected):
                return handler, ""
    return None, ""


def is_start(domain: Domain, handler: Callable[..., Awaitable[Any]]) -> bool:
    """Whether the handler starts a conversation: what was remembered before is then forgotten."""
    return any(handler is start for _, start in domain.intents.values())


def begin(conversation: Conversation) -> Conversation:
    """The conversation as a start finds it: nothing said yet."""
    return Conversation(
        person=conversation.person,
        turn=conversation.turn,
        locale=conversation.locale,
        contact=conversation.contact,
        heard_at=conversation.heard_at,
    )


def remember(conversation: Conversation) -> Conversation:
    """A copy to go back to, should the turn fail."""
    return Conversation(
        conversation.person,
        conversation.step,
        dict(conversation.data),
        conversation.turn,
        conversation.locale,
        conversation.contact,
        conversation.heard_at,
    )


def restore(conversation: Conversation, before: Conversation) -> None:
    """Put a conversation back to where it was before a turn that failed."""
    for name in _FIELDS:
        setattr(conversation, name, getattr(before, name))


def merge(data: Mapping[str, Any], answers: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is remembered, with new answers; an answer of None is forgotten."""
    if not answers:
        return dict(data)
    return {name: value for name, value in {**data, **answers}.items() if value is not None}


def apply(conversation: Conversation, decision: Decision, routed: TurnRouted | None) -> bool:
    """Move the conversation to where the decision leaves it. Returns whether anything changed."""
    if not decision.claimed:
        return False
    changed = routed is not None
    if routed is not None:
        conversation.turn = max(conversation.turn, routed.turn)
        conversation.locale, conversation.contact = routed.locale, routed.contact
        conversation.heard_at = routed.at
    if decision.ended:
        conversation.step, conversation.data = None, {}
        return True
    if not decision.keeps_step:
        conversation.step, changed = decision.step, True
    if decision.data:
        conversation.data, changed = merge(conversation.data, decision.data), True
    return changed


def word_for_core(
    domain: str, decision: Decision, routed: TurnRouted | None, locale: str
) -> Ended | Unclaimed | None:
    """What core has to know of a turn's end, if anything."""
    if routed is None:
        return None
    if not decision.claimed:
        otherwise = render_reply(decision.replies[0], locale) if decision.replies else None
        return Unclaimed(domain=domain, routed=routed, otherwise=otherwise)
    if decision.ended:
        return Ended(person=routed.person, turn=routed.turn, domain=domain)
    return None
