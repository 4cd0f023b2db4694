"""The consumers: a folder a domain, found by what it holds."""

from __future__ import annotations

from pathlib import Path

_SIGNS = ("flows.py", "store.py")  # a folder with either is a domain


def domain_names() -> tuple[str, ...]:
    """The names of the domains: the folders here with a `flows.py` or a `store.py`, sorted."""
    here = Path(__file__).parent
    return tuple(sorted(f.name for f in here.iterdir() if any((f / sign).is_file() for sign in _SIGNS)))
