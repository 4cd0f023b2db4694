"""What is written down under the state folder: made-up secrets, and the settings of the running stack."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from infra.embedded.claim import Claim
from infra.embedded.failure import EmbeddedFailure
from infra.embedded.secrets import made_up_secrets
from infra.settings import Settings

CLAIM = "up"


@dataclass(frozen=True, slots=True)
class Running:
    """A stack that runs: its environment variables (secrets included) and the pages for people."""

    environment: dict[str, str]
    webhook_url: str
    phone_page: str | None = None
    health_urls: dict[str, str] = field(default_factory=dict)


def missing_secrets(folder: Path, settings: Settings) -> dict[str, str]:
    """Values for the secrets that `settings` lack, the same at each start: kept in `settings.json` (0600)."""
    path = folder / "settings.json"
    kept = _read(path)
    values = {
        name: kept.get(name, made_up)
        for name, made_up in made_up_secrets().items()
        if not getattr(settings, name)
    }
    if values.keys() - kept.keys():
        _write(path, kept | values)
    return values


def announce(folder: Path, running: Running) -> None:
    """Write down what `easymo env` prints."""
    _write(folder / "running.json", asdict(running))


def withdraw(folder: Path) -> None:
    """Forget it; idempotent."""
    (folder / "running.json").unlink(missing_ok=True)


def find_running(folder: Path) -> Running:
    """The stack that runs in `folder`. Raises EmbeddedFailure when none does, or it is still starting."""
    folder = folder.resolve()
    if not Claim(folder, CLAIM).held_elsewhere():
        raise EmbeddedFailure(
            f"No stack runs in {folder}. Start one with `easymo up` (in another terminal: it stays in the "
            "foreground), or set EASYMO_STATE_DIR to the folder of the one that runs."
        )
    kept = _read(folder / "running.json")
    if not kept:
        raise EmbeddedFailure(f"The stack in {folder} is still starting. Try again in a few seconds.")
    try:
        return Running(**kept)
    except TypeError:
        raise EmbeddedFailure(
            f"The stack in {folder} was started by another version of EasyMO. Stop and start it."
        ) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except ValueError:
        raise EmbeddedFailure(f"{path} is damaged. Remove it, then start again.") from None
    if not isinstance(kept, dict):
        raise EmbeddedFailure(f"{path} is damaged. Remove it, then start again.")
    return kept


def _write(path: Path, values: dict[str, Any]) -> None:
    """Readable by the owner alone from the first byte on; complete or not there at all."""
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(values, file, indent=2)
    temporary.replace(path)
