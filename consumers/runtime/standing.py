"""Why a consumer is not as it should be, in words for whoever looks at its process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consumers.runtime.surge import Surge

AFTER_SURGE = (
    "stopped itself, since too many events died at once. `easymo dead-letters list --consumer {0} --from 1h` "
    "shows them; once it is mended, or they may die: `easymo consume {0} --resume-after-surge`"
)


def why_unready(name: str, state: Mapping[str, Any]) -> str | None:
    """What keeps a consumer from its work, by its state as `/health` shows it; None: nothing."""
    if state["fatal"] == Surge.__name__:
        return AFTER_SURGE.format(name)
    if state["fatal"] is not None:
        return f"ended with {state['fatal']}; the log says more"
    if state["database"] != "ok":
        return "waits for the database"
    if state["stalled"]:
        return "has finished nothing for five minutes; the log may say why"
    if state["failing"]:
        failed = ", ".join(f"{service} ({error})" for service, error in state["failing"].items())
        return f"tries again what failed: {failed}; the log says more"
    return None
