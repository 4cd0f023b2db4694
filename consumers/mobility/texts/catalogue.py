"""The catalogue of mobility's sentences; the English one is the key."""

from __future__ import annotations

from pathlib import Path

from consumers.texts import Catalogue

texts = Catalogue(Path(__file__).parents[1] / "locales")
