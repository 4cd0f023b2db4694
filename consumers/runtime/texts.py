"""What the runtime itself says: turning pages, and an apology."""

from __future__ import annotations

from pathlib import Path

from consumers.replies import Button, Buttons, Reply
from consumers.texts import Catalogue, Text

texts = Catalogue(Path(__file__).parent / "locales")


def more() -> Text:
    """The last row of a page that is not the last."""
    return texts("More")


def back() -> Text:
    """The last row of the last page."""
    return texts("Back")


def apology() -> Reply:
    """Said once when a turn fails on our side: it is tried again, and the person need not wait."""
    return Buttons(
        texts("Sorry, something went wrong on our side. We are trying again; you can go on meanwhile."),
        (Button("core:home", texts("Home")),),
    )


def regret() -> Reply:
    """Said when a turn fails on our side for good."""
    return Buttons(
        texts("Sorry, something went wrong on our side. Please try again later."),
        (Button("core:home", texts("Home")),),
    )
