"""The words of the product page, and some in other languages, lead where they should."""

from __future__ import annotations

import pytest

from consumers.core.keywords import Keywords
from consumers.core.words import words_of
from consumers.runtime.discovery import load_intents


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("wallet", "wallet_home"),
        ("my token", "wallet_home"),
        ("balance", "wallet_home"),
        ("transfer", "send_tokens"),
        ("redeem", "redeem"),
        ("earn", "earn"),
        ("reward", "earn"),
        ("deposit", "top_up"),
        ("withdraw", "cash_out"),
        ("referral", "invite"),
        ("ikofi yanjye", "wallet_home"),
        ("envoyer des jetons", "send_tokens"),
        ("toa pesa", "cash_out"),
    ],
)
def test_words_lead_to_the_wallet(words: str, intent: str) -> None:
    found = Keywords(load_intents().all).choose(words_of(words))
    assert found is not None
    assert found.name == intent
