"""Who sends and who receives which event on which topic: from the domains that exist and the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import consumers
import ingress
import scripts
from consumers import domain_names
from consumers.dead_letters.collector import NAME as LETTERS
from consumers.domain import Domain
from consumers.runtime.discovery import load_domain
from consumers.runtime.interest import group_of, topics_of
from schemas import topics
from schemas.events.conversation import Ended, Leave, TurnRouted, Unclaimed
from schemas.events.payments import PaymentNotified
from schemas.events.wallet import Answer, Command
from schemas.events.whatsapp import AccountUpdated, MessageReceived, SendMessage, StatusReceived
from schemas.model import EventData
from schemas.publishing import event_models
from scripts.documents.writers import models_by_place, written_in

INGRESS = "ingress"
OPERATORS = "operators"  # people, by way of `easymo`
LETTERS_GROUP = f"easymo.{LETTERS}.letters"

# Events whose topic does not follow from their name.
CARRIED_ON = {
    MessageReceived.subject(): topics.INBOUND,
    StatusReceived.subject(): topics.STATUSES,
    AccountUpdated.subject(): topics.ACCOUNT,
    SendMessage.subject(): topics.OUTBOUND,
    Ended.subject(): topics.INTENTS_CORE,
    Unclaimed.subject(): topics.INTENTS_CORE,
    PaymentNotified.subject(): topics.PAYMENTS_INBOUND,
}
TURNS = frozenset({TurnRouted.subject(), Leave.subject()})
# What the runtime writes for a domain with conversations: its replies, and its word about the turn.
SAID_BY_THE_RUNTIME: frozenset[type[EventData]] = frozenset({SendMessage, Ended, Unclaimed})

Model = type[EventData]


@dataclass(frozen=True, slots=True)
class Flow:
    """One party's share in one topic: the events that it sends there, or takes from there."""

    party: str
    action: str  # "send" or "receive"
    topic: str
    models: tuple[Model, ...]  # by type; none: any record, as on dead-letters
    group: str | None = None  # of a receiver


class Traffic:
    """Everything that is sent and received in an installation that runs every domain of this checkout."""

    def __init__(self) -> None:
        """Imports every domain. Raises NoSuchDomain where a folder holds none."""
        self.domains = [load_domain(name) for name in domain_names()]
        self.topics = topics.catalogue(domain_names())

    @cached_property
    def models(self) -> dict[str, Model]:
        """Every event by type: the published ones, and those that a domain keeps to itself."""
        own = {r.model.event_type: r.model for domain in self.domains for r in domain.routes.values()}
        return dict(sorted((own | event_models()).items()))

    @cached_property
    def private(self) -> frozenset[str]:
        """The types that are no contract: their models lie within a domain."""
        return frozenset(self.models) - frozenset(event_models())

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """All of them, by party, action and topic."""
        found = [*self._of_ingress(), *self._of_operators(), *self._of_letters()]
        for domain in self.domains:
            found += [*self._sent_by(domain), *self._received_by(domain)]
        return tuple(sorted(found, key=lambda flow: (flow.party, flow.action, flow.topic)))

    def carriers(self, model: Model) -> tuple[str, ...]:
        """The topics on which an event travels in any version, besides the ways back."""
        subject = model.subject()
        domain = subject.partition(".")[0]
        if subject in TURNS:
            return tuple(topics.intents(d.name) for d in self.domains if _knows(d, model))
        if subject in CARRIED_ON:
            return (CARRIED_ON[subject],)
        if issubclass(model, Command):
            return (topics.WALLET_COMMANDS,)
        if issubclass(model, Answer):
            return (topics.WALLET_EVENTS,)
        if any(_knows(d, model) for d in self.domains if d.name == domain):
            return (topics.intents(domain),)  # a wish to this domain, or its own timer
        return (topics.events(domain),)

    def carried_by(self, topic: str) -> tuple[Model, ...]:
        """The events of one topic, by type; on a way back whatever its consumer takes. None: any record."""
        for domain in self.domains:
            if topic == topics.redelivery(domain.name):
                return tuple(m for m in self.models.values() if _knows(domain, m))
        return tuple(model for model in self.models.values() if topic in self.carriers(model))

    def _sent_by(self, domain: Domain) -> Iterator[Flow]:
        written = self._written(Path(consumers.__file__).parent / domain.name, f"consumers.{domain.name}")
        if domain.intents or domain.steps or domain.actions:
            written |= SAID_BY_THE_RUNTIME
        yield from self._sent(domain.name, written)
        if domain.routes:
            yield Flow(domain.name, "send", topics.DEAD_LETTERS, ())

    def _received_by(self, domain: Domain) -> Iterator[Flow]:
        for topic in topics_of(domain):
            taken = tuple(model for model in self.carried_by(topic) if _knows(domain, model))
            yield Flow(domain.name, "receive", topic, taken, group_of(domain))

    def _of_ingress(self) -> Iterator[Flow]:
        yield from self._sent(INGRESS, self._written(Path(ingress.__file__).parent, INGRESS))

    def _of_operators(self) -> Iterator[Flow]:
        written = self._written(Path(scripts.__file__).parent / "till", "scripts.till")
        folder = Path(scripts.__file__).parent
        for path in sorted(folder.glob("*.py")):
            written |= self._written(path, f"scripts.{path.stem}")
        yield from self._sent(OPERATORS, written)

    def _of_letters(self) -> Iterator[Flow]:
        """What dead_letters reads and sends: what is set aside, and what is due."""
        yield Flow(LETTERS, "receive", topics.DEAD_LETTERS, (), LETTERS_GROUP)
        for domain in self.domains:
            back = topics.redelivery(domain.name)
            if domain.routes:
                yield Flow(LETTERS, "send", back, self.carried_by(back))

    def _written(self, place: Path, package: str) -> set[Model]:
        return written_in(place, package, models_by_place(self.models.values()))

    def _sent(self, party: str, written: Iterable[Model]) -> Iterator[Flow]:
        by_topic: dict[str, set[Model]] = {}
        for model in written:
            for topic in self.carriers(model):
                by_topic.setdefault(topic, set()).add(model)
        for topic, models in by_topic.items():
            yield Flow(party, "send", topic, tuple(sorted(models, key=lambda model: model.event_type)))


def _knows(domain: Domain, model: Model) -> bool:
    """Whether a domain takes an event, in this or another version."""
    return any(route.model.subject() == model.subject() for route in domain.routes.values())
