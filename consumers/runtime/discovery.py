"""Finding the domains: a folder with a `flows` module that names a Domain after itself."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import consumers
from consumers import domain_names
from consumers.domain import Domain, Intents
from consumers.runtime.dialogue import turns
from schemas.events.conversation import Leave, TurnRouted


class NoSuchDomain(Exception):
    """The name is not a folder in consumers/, or its flows define no domain of that name."""


def load_domain(name: str) -> Domain:
    """Import a domain. Raises NoSuchDomain."""
    flows = _flows(name)
    found = getattr(flows, name, None)
    if not isinstance(found, Domain):
        raise NoSuchDomain(f"consumers/{name}/flows.py defines no Domain called {name}")
    found.resources = getattr(flows, "resources", None)
    if found.intents or found.steps or found.actions:
        # A domain with conversations hears turns, whatever else it handles.
        for model in (TurnRouted, Leave):
            if model.event_type not in found.routes:
                found.handles(model)(turns)
    return found


def load_intents(names: Iterable[str] | None = None) -> Intents:
    """What a person may want of every domain that is installed."""
    domains = [load_domain(name) for name in (domain_names() if names is None else names)]
    return Intents(tuple(intent for domain in domains for intent, _ in domain.intents.values()))


def migration_folders() -> list[Path]:
    """Where the migrations are: the runtime's folder and every domain's."""
    here = Path(consumers.__file__).parent
    return [here / "runtime", *(here / name for name in domain_names())]


def _flows(name: str) -> ModuleType:
    if name not in domain_names():
        known = ", ".join(domain_names())
        raise NoSuchDomain(f"there is no domain {name}; there are: {known}")
    return importlib.import_module(f"consumers.{name}.flows")
