"""Checks of single values in a request, each with the error that Meta answers."""

from __future__ import annotations

from typing import Any

from infra.simulator.errors import GraphError, bad_parameter, invalid, missing

URL_LENGTH = 2000


def mapping(value: Any, where: str) -> dict[str, Any]:
    """The value as an object. Raises 131008 when absent, 100 when something else."""
    if value is None:
        raise missing(where)
    if not isinstance(value, dict):
        raise bad_parameter(f"Param {where} must be a JSON object.")
    return value


def known_keys(value: dict[str, Any], keys: frozenset[str], where: str) -> None:
    """Raise 100 for a key that Meta does not know there."""
    if not value.keys() <= keys:
        unknown = sorted(value.keys() - keys)[0]
        raise bad_parameter(f'Unexpected key "{unknown}" on param "{where}".')


def text(value: dict[str, Any], key: str, where: str, most: int, code: int = 100) -> str:
    """A required, not blank string of at most `most` characters. Raises 131008, or `code` for its length."""
    found = value.get(key)
    if found is None:
        raise missing(where)
    if not isinstance(found, str):
        raise bad_parameter(f"Param {where} must be a string.")
    if not found.strip():
        raise missing(where)
    if len(found) > most:
        raise GraphError(code, f"Param {where} must be at most {most} characters long; it has {len(found)}.")
    return found


def flag(value: dict[str, Any], key: str, where: str) -> None:
    """An optional boolean. Raises 100 for another type."""
    if not isinstance(value.get(key, False), bool):
        raise bad_parameter(f"Param {where} must be a boolean.")


def url(value: dict[str, Any], key: str, where: str) -> str:
    """A required http(s) address. Raises 131008 or 131009."""
    found = text(value, key, where, URL_LENGTH, code=131009)
    if not found.startswith(("https://", "http://")):
        raise invalid(f"Param {where} must be an http(s) URL.")
    return found


def number(value: dict[str, Any], key: str, most: float) -> float:
    """A required number between −most and most; Meta takes it as a string too. Raises 131008 or 131009."""
    found = value.get(key)
    if found is None:
        raise missing(f"location['{key}']")
    try:
        degrees = float(found)
    except (TypeError, ValueError):
        raise invalid(f"location['{key}'] is not a number.") from None
    if isinstance(found, bool) or not -most <= degrees <= most:
        raise invalid(f"location['{key}'] is not between -{most} and {most}.")
    return degrees
