"""The system of this checkout on one machine: every domain that has a folder gets consumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from consumers import domain_names
from infra.embedded.plans import CONSUMERS, service_plans
from infra.embedded.system import LocalSystem
from infra.settings import Settings
from scripts.display import StartDisplay


def local_system(settings: Settings, display: StartDisplay) -> LocalSystem:
    """What `easymo up` and `easymo demo` start; not started yet."""
    plan = partial(service_plans, consumers=consumers_here())
    return LocalSystem(settings, progress=display.step, say=display.say, plan=plan)


def consumers_here() -> Mapping[str, Sequence[str]]:
    """Domains by process. A new domain joins those that wait for the database."""
    outside = CONSUMERS["outside"]
    found = [name for name in domain_names() if name not in outside]
    return {"domains": found, "outside": outside}
