"""The consumers: a folder a domain, found by what it holds."""

from __future__ import annotations

from pathlib import Path


def domain_names() -> tuple[str, ...]:
    """The names of the domains: the folders here with a `flows.py` (or a folder `flows/`), sorted."""
    here = Path(__file__).parent
    return tuple(sorted({found.parent.name for found in (*here.glob("*/flows.py"), *here.glob("*/flows/"))}))
