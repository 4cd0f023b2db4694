"""Being paid: MoMo QR codes, and the wallet of a business."""

from __future__ import annotations

from consumers.texts import Text, rwf
from consumers.wallet.texts.catalogue import texts

# MoMo QR -----------------------------------------------------------------------------------------------


def whose() -> Text:
    """The first question."""
    return texts("📷 Whom does the QR code pay by MoMo?")


def own_row() -> Text:
    """The person's own number."""
    return texts("My number")


def other_row() -> Text:
    """Another number."""
    return texts("Another number")


def merchant_row() -> Text:
    """A code."""
    return texts("Merchant code")


def which_number() -> Text:
    """Of another one."""
    return texts("Which number? Write it like 0788 123 456.")


def which_merchant() -> Text:
    """Of a merchant."""
    return texts("Which merchant code? It has 4 to 12 digits.")


def which_amount(to: str) -> Text:
    """The last question."""
    return texts("How much in RWF is to be paid to {to}? You may skip this: then the payer writes it.", to=to)


def skip_button() -> Text:
    """No amount."""
    return texts("Skip")


def caption(to: str) -> Text:
    """Under the picture."""
    return texts("Scan to pay {to} by MoMo", to=to)


def caption_with_amount(to: str, amount_rwf: int) -> Text:
    """Under the picture."""
    return texts("Scan to pay {amount} to {to} by MoMo", to=to, amount=rwf(amount_rwf))


def dial(dialled: str, tel: str) -> Text:
    """The same without a camera."""
    return texts("Without a camera: dial {dialled}, or share this link: {tel}", dialled=dialled, tel=tel)


def again_button() -> Text:
    """Another code."""
    return texts("Another QR code")


# The wallet of a business ------------------------------------------------------------------------------


def open_business() -> Text:
    """Nothing is there yet."""
    return texts(
        "🏪 With a business wallet you are a partner: people find you by name and pay you with tokens, apart "
        "from your own wallet.\n\nWhat is your business called?"
    )


def which_business() -> Text:
    """Of several."""
    return texts("🏪 Which of your businesses?")


def no_name() -> Text:
    """What was typed is none."""
    return texts("A name has at least 2 letters. What is your business called?")


def opened(name: str) -> Text:
    """It is there now."""
    return texts("✅ {name} is open: people find it under *Partners* when they send tokens.", name=name)


def business(name: str, available: int, count: int, total: int) -> Text:
    """How it stands."""
    return texts(
        "🏪 *{name}*: {available} tokens.\nPayments today: {count}, together {total} tokens.",
        name=name,
        available=f"{available:,}",
        count=count,
        total=f"{total:,}",
    )


def take_over_button() -> Text:
    """All of it to oneself."""
    return texts("To my wallet")


def payments_button() -> Text:
    """Its history."""
    return texts("Payments")


def nothing_to_take() -> Text:
    """It is empty."""
    return texts("There is nothing to move yet. Tell your customers to look for you under Partners.")
