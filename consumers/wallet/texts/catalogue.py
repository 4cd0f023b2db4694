"""The catalogue of the wallet's sentences."""

from __future__ import annotations

from pathlib import Path

from consumers.texts import Catalogue

texts = Catalogue(Path(__file__).parents[1] / "locales")
