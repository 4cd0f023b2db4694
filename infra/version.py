"""Which version of EasyMO this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

UNKNOWN = "0"  # run from a checkout that is not installed


def installed_version() -> str:
    """As in pyproject.toml."""
    try:
        return version("easymo")
    except PackageNotFoundError:
        return UNKNOWN
