"""What may be sent, in which form, and when to try again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from infra.whatsapp.errors import NO_SUCH_TRANSLATION, Refusal, Remedy
from infra.whatsapp.limits import WINDOW
from infra.whatsapp.payload import Recipient, recipient
from schemas.content import Content, TemplateContent
from schemas.events.whatsapp import SendMessage

# Meta's codes for our languages.
TEMPLATE_LANGUAGES = {"en": "en", "fr": "fr", "rw": "rw_RW", "sw": "sw"}
LAST_RESORT = "en"

EXPIRES = timedelta(hours=24)  # a reply that waited longer answers nothing any more
UNREACHABLE = timedelta(hours=24)  # how long no template goes to somebody whom Meta could not reach

# A message that Meta cannot take holds back the person's later ones, so it is given up sooner than by the
# usual schedule of 17 hours. An outage of Meta's costs no tries.
RETRY_AFTER = tuple(timedelta(seconds=s) for s in (5, 60, 5 * 60, 15 * 60, 60 * 60))
AWAY_SECONDS = 5.0  # Meta is not reached: 5, 10, 20 … s
AWAY_SECONDS_LIMIT = 300.0
PAIR_POWER_LIMIT = 5  # 4^5 s: by then the pair's bucket has filled up three times over
ADDRESS_AFTER = timedelta(seconds=10)  # somebody seen for the first time: two topics, no common order

DOUBT_MARGIN = timedelta(seconds=60)  # statuses come within seconds, and not in order
DOUBT_LIMIT = timedelta(minutes=3)  # of listening, with no statuses at all of that partition: none is to come
DOUBT_LOOK_SECONDS = (5.0, 30.0)
REPEATS = 2  # of a message in doubt: somebody who gets it three times will not thank us for a fourth


@dataclass(slots=True)
class Address:
    """What is known of a person's address; of a person never seen, nothing."""

    person: str
    contact: str | None = None
    phone: str | None = None
    contact_at: datetime | None = None
    locale: str = "en"
    heard_at: datetime | None = None
    opted_out: bool = False
    opted_at: datetime | None = None  # when they last opted out, or in again
    unreachable_at: datetime | None = None
    pair_spoken_for: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """The message ends here, unsent; nobody's mistake."""

    reason: str


def is_later(at: datetime | None, than: datetime | None) -> bool:
    """Whether `at` is after `than`; never is before everything."""
    return at is not None and (than is None or at > than)


def with_news(address: Address, message: SendMessage) -> tuple[Address, bool]:
    """The address with what the message itself tells, and whether the person was heard anew."""
    heard = is_later(message.heard_at, address.heard_at)
    news = Address(**{name: getattr(address, name) for name in Address.__slots__})
    if heard:
        news.heard_at = message.heard_at
    if message.contact and message.contact != address.contact:
        # Meta tells whole seconds: of what was said within the one of the last news, the message itself knows
        # best. (A change of number has a little more than its second; see `AddressStore.changed`.)
        heard_at, known_at = message.heard_at, address.contact_at
        at_least_as_new = heard_at is not None and (known_at is None or heard_at >= known_at)
        if address.contact is None or at_least_as_new:
            # The number known so far may be the one that was given up.
            news.contact, news.phone, news.contact_at = message.contact, None, message.heard_at
    return news, heard


def where(address: Address) -> Recipient | None:
    """Where the person is reached; the number before the user id, as Meta prefers it."""
    return recipient(address.contact, address.phone)


def window_is_open(address: Address, now: datetime) -> bool:
    """Whether anything may be said, not only templates."""
    return address.heard_at is not None and now - address.heard_at < WINDOW


def fallback(message: SendMessage, locale: str) -> TemplateContent | None:
    """The template that stands in for the message when the window is closed."""
    if message.template is None or isinstance(message.content, TemplateContent):
        return None
    language = TEMPLATE_LANGUAGES.get(locale, LAST_RESORT)
    return TemplateContent(name=message.template, language=language, variables=message.template_variables)


def choose(message: SendMessage, address: Address, asked_at: datetime, now: datetime) -> Content | NotSent:
    """What is to go out now, or why nothing is."""
    if now - asked_at > EXPIRES:
        return NotSent("expired")
    # Whoever has opted out is not listened to until they opt in: an answer to what came later tells of that.
    listened_to = is_later(message.heard_at, address.opted_at)
    if address.opted_out and not listened_to and not message.despite_opt_out:
        return NotSent("opted_out")
    is_open = window_is_open(address, now)
    template = fallback(message, address.locale)
    content = message.content if is_open else template or message.content
    if is_open:
        return content
    if not isinstance(content, TemplateContent):
        return NotSent("outside_window")  # 24 hours since their last message, and no template instead
    lost = address.unreachable_at
    if lost is not None and now - lost < UNREACHABLE and not is_later(address.heard_at, lost):
        return NotSent("unreachable")
    return content


def instead(content: Content, template: TemplateContent | None, refusal: Refusal) -> TemplateContent | None:
    """What to try after Meta refused `content`: the template, or the template in English."""
    if refusal.remedy is Remedy.USE_TEMPLATE and not isinstance(content, TemplateContent):
        return template
    if not isinstance(content, TemplateContent) or refusal.code != NO_SUCH_TRANSLATION:
        return None
    if content.language == LAST_RESORT:
        return None
    return content.model_copy(update={"language": LAST_RESORT})


def again(message: SendMessage, address: Address) -> SendMessage | None:
    """What could go out in place of a message that Meta reports late as not sent: only templates can."""
    template = message.content if isinstance(message.content, TemplateContent) else None
    template = template or fallback(message, address.locale)
    return SendMessage(person=address.person, content=template) if template is not None else None


def jitter(event: UUID, seconds: float) -> timedelta:
    """`seconds` and up to half as much again, so that those who waited together do not come back together."""
    return timedelta(seconds=seconds * (1 + event.int % 1000 / 2000))


def retry_after(remedy: Remedy, deliveries: int, event: UUID) -> timedelta | None:
    """How long to wait after a refusal that passes by itself; None when it does not.

    `deliveries`: how often the event was delivered before.
    """
    if remedy is Remedy.RETRY:
        return RETRY_AFTER[min(deliveries, len(RETRY_AFTER) - 1)]
    if remedy is Remedy.PACE:
        return jitter(event, 2.0)
    if remedy is Remedy.PACE_PAIR:
        return timedelta(seconds=4 ** min(1 + deliveries, PAIR_POWER_LIMIT))
    return jitter(event, 60.0) if remedy is Remedy.HALT else None


def away_after(deliveries: int, event: UUID) -> timedelta:
    """How long to wait when Meta was not reached."""
    return jitter(event, min(AWAY_SECONDS * 2 ** min(deliveries, 10), AWAY_SECONDS_LIMIT))


def surely_not_sent(
    claimed_at: datetime, seen_at: datetime | None, listening_since: datetime, now: datetime
) -> bool:
    """Whether a call in doubt, of which no status has told, did not go out.

    `seen_at`: how far the statuses of that person have been consumed, by Meta's clock.
    `listening_since`: what came before lay unread, and takes its time, too.
    """
    consumed = seen_at is not None and seen_at > claimed_at + DOUBT_MARGIN
    return consumed or now - max(claimed_at, listening_since) > DOUBT_LIMIT


def look_again_after(claimed_at: datetime, now: datetime) -> timedelta:
    """When to look for a status once more."""
    least, most = DOUBT_LOOK_SECONDS
    return timedelta(seconds=min(max((now - claimed_at).total_seconds() / 2, least), most))
