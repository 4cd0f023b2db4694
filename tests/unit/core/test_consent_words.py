"""Who wants to be left alone, and who only speaks of stopping."""

from __future__ import annotations

import pytest

from consumers.core.consent_words import Wish, wish_of
from consumers.core.words import words_of


@pytest.mark.parametrize(
    "text",
    [
        *("STOP", "stop.", "Stop!!!", "STOP 🙏", "stop please", "Please stop", "stop now", "stop, thanks"),
        *("STOP ALL", "stopall", "unsubscribe", "Unsubscribe me please", "I want to unsubscribe"),
        *("stop messages", "Stop sending me messages", "please stop texting me", "stop the sms"),
        *("stop svp", "Stop s'il vous plaît", "Désabonnez-moi", "je veux me désabonner", "désinscription"),
        *("Arrêtez les messages", "arrêtez de m'envoyer des messages"),
        *("Hagarika ubutumwa", "Mureke kunyoherereza ubutumwa", "stop murakoze"),
        *("Acha kunitumia ujumbe", "sitisha jumbe zenu tafadhali", "stop tafadhali"),
    ],
)
def test_these_opt_out(text: str) -> None:
    assert wish_of(words_of(text)) is Wish.STOP


@pytest.mark.parametrize("text", ["START", "start.", "Start please", "ok start", "START merci"])
def test_these_come_back(text: str) -> None:
    assert wish_of(words_of(text)) is Wish.START


@pytest.mark.parametrize(
    "text",
    [
        *("", "please", "thank you", "ok", "messages", "I want to", "don't stop", "non-stop"),
        *("stop the car at the market", "bus stop", "stop at Nyabugogo", "I stop work at 5", "stop me here"),
        *("I want to stop", "hagarika", "Hagarika urugendo", "acha", "arrête", "arrêtez-vous au marché"),
        *("one stop shop", "start a job", "start trip", "text me", "send me a message", "stop stop the trip"),
        "stop " + "please " * 10,
    ],
)
def test_these_are_about_something_else(text: str) -> None:
    assert wish_of(words_of(text)) is None
