"""Sending tokens: the questions, the answers, and why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from consumers.texts import Renderable, Text
from consumers.wallet.rules import limits, reasons
from consumers.wallet.texts.catalogue import texts


def whom() -> Text:
    """The first question."""
    return texts(
        "To whom? Write a phone number (such as 0788 123 456), or choose.\n\nAt least {least}, at most "
        "{most} tokens at a time; {a_day} a day. It is free.",
        least=limits.LIMITS.least,
        most=f"{limits.LIMITS.most:,}",
        a_day=f"{limits.LIMITS.a_day:,}",
    )


def partners_row() -> Text:
    """Businesses."""
    return texts("Partners")


def partners_about() -> Text:
    """Under that row."""
    return texts("Businesses that take tokens")


def which_partner() -> Text:
    """Above the list of them."""
    return texts("Which partner?")


def no_partners() -> Text:
    """There are none."""
    return texts("No business takes tokens yet. Write a phone number instead, or open a business wallet.")


def no_number() -> Text:
    """What was typed is none."""
    return texts(
        "That is no phone number, and no partner is called so. Write a number like 0788 123 456 or "
        "+250 788 123 456."
    )


def unknown_number(number: str) -> Text:
    """Nobody has it."""
    return texts(
        "{number} is not on EasyMO yet. Write another number, or invite them: you earn tokens for it.",
        number=number,
    )


def yourself() -> Text:
    """The own number."""
    return texts("That is your own number. Write another one.")


def how_much(who: Renderable, available: int) -> Text:
    """The second question."""
    return texts("How many tokens for {who}? You have {available}.", who=who, available=f"{available:,}")


def no_amount() -> Text:
    """What was typed is none."""
    return texts("That is no amount. Write a whole number, such as 500.")


def confirm(amount: int, who: Renderable) -> Text:
    """From 10,000 tokens up."""
    return texts("Send *{amount} tokens* to {who}? It cannot be taken back.", amount=f"{amount:,}", who=who)


def confirm_button() -> Text:
    """Yes."""
    return texts("Confirm")


def cancel_button() -> Text:
    """No."""
    return texts("Cancel")


def cancelled() -> Text:
    """Nothing happened."""
    return texts("Nothing was changed. What would you like to do?")


def under_way() -> Text:
    """It was tapped twice, and the first is not decided yet."""
    return texts("This is being done already, or it is over. Your transactions show it.")


# Answers -----------------------------------------------------------------------------------------------


def sent(amount: int, who: Renderable, balance: int) -> Text:
    """It is done."""
    return texts(
        "✅ *{amount} tokens* sent to {who}. You have {balance} left.",
        amount=f"{amount:,}",
        who=who,
        balance=f"{balance:,}",
    )


def looked_at(amount: int, who: Renderable) -> Text:
    """It waits for a person of ours."""
    return texts(
        "🔎 *{amount} tokens* to {who} are set aside: somebody of our team looks at this transfer first. "
        "You get word; after {days} days without an answer the tokens are yours again.",
        amount=f"{amount:,}",
        who=who,
        days=limits.LIMITS.review_within.days,
    )


def received(amount: int, who: Renderable) -> Text:
    """To the other side."""
    return texts("💸 You received *{amount} tokens* from {who}.", amount=f"{amount:,}", who=who)


def given_up(amount: int) -> Text:
    """It was not carried out after all."""
    return texts("Your transfer of {amount} tokens was not carried out: the tokens are yours again.",
                 amount=f"{amount:,}")  # fmt: skip


def news(amount: int) -> Text:
    """What a template says of it."""
    return texts("{amount} tokens", amount=f"{amount:,}")


def moved_over(amount: int, balance: int) -> Text:
    """From one's business to oneself."""
    return texts(
        "✅ *{amount} tokens* are in your own wallet now. You have {balance}.",
        amount=f"{amount:,}",
        balance=f"{balance:,}",
    )


# Why not -----------------------------------------------------------------------------------------------


def too_little() -> Text:
    """For one transfer."""
    return texts("At least {least} tokens can be sent.", least=limits.LIMITS.least)


def too_much() -> Text:
    """For one transfer."""
    return texts("At most {most} tokens can be sent at a time.", most=f"{limits.LIMITS.most:,}")


def too_much_a_day() -> Text:
    """For a day."""
    return texts("At most {a_day} tokens can be sent in 24 hours.", a_day=f"{limits.LIMITS.a_day:,}")


def too_often() -> Text:
    """For an hour."""
    return texts("At most {an_hour} transfers an hour. Try again later.", an_hour=limits.LIMITS.an_hour)


def too_poor() -> Text:
    """To start."""
    return texts(
        "You need {least} tokens or more in your wallet to send some.",
        least=f"{limits.LIMITS.balance_to_start:,}",
    )


def not_enough() -> Text:
    """For this amount."""
    return texts("You do not have so many tokens.")


def refused() -> Text:
    """For a reason that says nothing to people."""
    return texts("This could not be done, and nothing was taken from your wallet.")


REASONS: Mapping[str, Callable[[], Text]] = {
    reasons.AMOUNT_BELOW_MINIMUM: too_little,
    reasons.EXCEEDS_TRANSFER_LIMIT: too_much,
    reasons.EXCEEDS_DAILY_LIMIT: too_much_a_day,
    reasons.EXCEEDS_HOURLY_LIMIT: too_often,
    reasons.BALANCE_BELOW_MINIMUM: too_poor,
    reasons.EXCEEDS_CREDITS: not_enough,
}


def why_not(reason: str) -> Text:
    """A refusal of the ledger's in words."""
    return REASONS.get(reason, refused)()
