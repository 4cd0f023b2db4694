"""Money in and out: top-up, cash-out, redemption."""

from __future__ import annotations

from consumers.texts import Text, rwf
from consumers.wallet.rules import prices
from consumers.wallet.rules.limits import LIMITS
from consumers.wallet.texts.catalogue import texts

# Top-up ------------------------------------------------------------------------------------------------


def packs(least_rwf: int) -> Text:
    """The first question."""
    return texts(
        "How many tokens would you like? 2 tokens cost RWF 1. Choose, or write any amount in RWF "
        "from {least}.",
        least=least_rwf,
    )


def pack_row(tokens: int) -> Text:
    """One of them."""
    return texts("{tokens} tokens", tokens=f"{tokens:,}")


def no_pack(least_rwf: int, most_rwf: int) -> Text:
    """What was typed is no amount that can be paid."""
    return texts("Write an amount from {least} to {most}.", least=rwf(least_rwf), most=rwf(most_rwf))


def how_to_pay(tokens: int, amount_rwf: int) -> Text:
    """The second question."""
    return texts("{tokens} tokens for {amount}. How would you like to pay?",
                 tokens=f"{tokens:,}", amount=rwf(amount_rwf))  # fmt: skip


def mtn_button() -> Text:
    """A prompt on the telephone."""
    return texts("MoMo prompt")


def transfer_button() -> Text:
    """A transfer of one's own."""
    return texts("Dial MoMo code")


def card_button() -> Text:
    """A payment link."""
    return texts("Card")


def payer() -> Text:
    """Whose MoMo account pays."""
    return texts("Which MoMo number pays? Write it like 0788 123 456.")


def asked(amount_rwf: int) -> Text:
    """It is on its way to the provider."""
    return texts(
        "⏳ Preparing your payment of {amount}. You hear from us in a moment.", amount=rwf(amount_rwf)
    )


def approve() -> Text:
    """The prompt is on its way."""
    return texts("📲 Please approve the MoMo payment on your phone with your PIN. If you see no prompt, "
                 "dial *182*7*1#.")  # fmt: skip


def dial(dialled: str, tel: str) -> Text:
    """The payer does it all."""
    return texts("📲 Dial {dialled} to pay, or tap {tel}. The tokens come when the money has arrived.",
                 dialled=dialled, tel=tel)  # fmt: skip


def pay_by_link() -> Text:
    """A page of the provider's."""
    return texts("💳 Pay on this page. The tokens come when the money has arrived.")


def pay_button() -> Text:
    """Opens it."""
    return texts("Pay")


def topped_up(tokens: int, amount_rwf: int, balance: int) -> Text:
    """It has arrived."""
    return texts("✅ Your payment of {amount} has arrived: *{tokens} tokens*. You have {balance} now.",
                 amount=rwf(amount_rwf), tokens=f"{tokens:,}", balance=f"{balance:,}")  # fmt: skip


def taken_back(tokens: int, amount_rwf: int, balance: int) -> Text:
    """A refund or a chargeback."""
    return texts("↩️ Your payment of {amount} was paid back, so its *{tokens} tokens* were taken from your "
                 "wallet. You have {balance} now.",
                 amount=rwf(amount_rwf), tokens=f"{tokens:,}", balance=f"{balance:,}")  # fmt: skip


def paid(amount_rwf: int) -> Text:
    """It has arrived, for something else."""
    return texts("✅ Your payment of {amount} has arrived.", amount=rwf(amount_rwf))


def not_paid(amount: str) -> Text:
    """It has failed."""
    return texts("Your payment of {amount} did not go through, and no tokens were bought. Please try again, "
                 "or pay in another way.", amount=amount)  # fmt: skip


def not_seen(amount: str) -> Text:
    """Its time is over. It may be on its way all the same, or wait for one of us."""
    return texts("We have not seen your payment of {amount} yet. If you have paid, please do not pay again: "
                 "it is credited as soon as it arrives, or one of us looks into it. If you have not paid, "
                 "you can start again.", amount=amount)  # fmt: skip


# Cash-out ----------------------------------------------------------------------------------------------


def cash_out_number() -> Text:
    """The first question."""
    return texts("Which MoMo number gets the money (078, 079, 072 or 073)? The fee is {fee} %.",
                 fee=prices.CASH_OUT_FEE_PERCENT)  # fmt: skip


def own_number_button() -> Text:
    """The person's own."""
    return texts("My number")


def no_momo_number() -> Text:
    """What was typed is none."""
    return texts("That number cannot get MoMo. Write one that begins with 078, 079, 072 or 073.")


def cash_out_too_poor(available: int) -> Text:
    """Not enough to begin."""
    return texts("You can cash out from {least} tokens; you have {available}.",
                 least=f"{prices.CASH_OUT_LEAST:,}", available=f"{available:,}")  # fmt: skip


def cash_out_amount(available: int) -> Text:
    """The second question."""
    return texts("How many tokens, from {least} to {available}?",
                 least=f"{prices.CASH_OUT_LEAST:,}", available=f"{available:,}")  # fmt: skip


def cash_out_confirm(tokens: int, phone: str) -> Text:
    """The last one."""
    return texts(
        "Cash out *{tokens} tokens*: {fee} tokens are our fee, and {net} goes to {phone}. Is that right?",
        tokens=f"{tokens:,}",
        fee=f"{prices.cash_out_fee(tokens):,}",
        net=rwf(prices.cash_out_rwf(tokens)),
        phone=phone,
    )


def processing(amount_rwf: int, phone: str) -> Text:
    """The tokens are taken, the money is on its way."""
    return texts("⏳ {amount} is on its way to {phone}. You hear from us when it has arrived.",
                 amount=rwf(amount_rwf), phone=phone)  # fmt: skip


def looked_at(amount_rwf: int, phone: str, tokens: int) -> Text:
    """The tokens are taken, and it waits for a person of ours."""
    return texts(
        "🔎 Somebody of our team looks first at your {amount} to {phone}. You get word; after {days} days "
        "without an answer your {tokens} tokens go back to your wallet.",
        amount=rwf(amount_rwf),
        phone=phone,
        days=LIMITS.review_within.days,
        tokens=f"{tokens:,}",
    )


def completed(amount_rwf: int, phone: str) -> Text:
    """The money is there."""
    return texts("✅ {amount} has been paid to {phone}.", amount=rwf(amount_rwf), phone=phone)


def failed(amount_rwf: int, phone: str, tokens: int) -> Text:
    """It is not."""
    return texts("{amount} could not be paid to {phone}. Your {tokens} tokens go back to your wallet.",
                 amount=rwf(amount_rwf), phone=phone, tokens=f"{tokens:,}")  # fmt: skip


# Redemption --------------------------------------------------------------------------------------------


def rewards(available: int) -> Text:
    """What there is."""
    return texts("🎁 You have {available} tokens. What would you like for them?", available=f"{available:,}")


def airtime_row(amount_rwf: int) -> Text:
    """One of them."""
    return texts("{amount} airtime", amount=rwf(amount_rwf))


def cash_row(amount_rwf: int) -> Text:
    """One of them."""
    return texts("{amount} cash", amount=rwf(amount_rwf))


def costs(tokens: int) -> Text:
    """Under each."""
    return texts("for {tokens} tokens", tokens=f"{tokens:,}")


def redeem_number() -> Text:
    """Where to."""
    return texts("Which number is it for (078, 079, 072 or 073)?")


def redeem_confirm(tokens: int, reward: Text, phone: str) -> Text:
    """The last question."""
    return texts("*{tokens} tokens* for {reward}, sent to {phone}. Is that right?",
                 tokens=f"{tokens:,}", reward=reward, phone=phone)  # fmt: skip


def airtime_coming(amount_rwf: int, phone: str) -> Text:
    """Our team sends it."""
    return texts("✅ Done. {amount} of airtime is sent to {phone} by our team within 24 hours.",
                 amount=rwf(amount_rwf), phone=phone)  # fmt: skip


def redeem_too_poor(tokens: int, available: int) -> Text:
    """Not enough for it."""
    return texts("That costs {tokens} tokens; you have {available}. Here is how to get more.",
                 tokens=f"{tokens:,}", available=f"{available:,}")  # fmt: skip


def redeemed_enough(most: int) -> Text:
    """A day's worth is gone."""
    return texts("You can redeem {most} tokens in 24 hours. Please come back tomorrow.", most=f"{most:,}")


STATES = {
    "pending": texts("waiting"),
    "processing": texts("on its way"),
    "completed": texts("paid"),
    "failed": texts("failed, tokens given back"),
    "cancelled": texts("cancelled"),
}


def latest(amount_rwf: int, state: str) -> Text:
    """How far the last one is."""
    return texts("Your last one, of {amount}: {state}.", amount=rwf(amount_rwf), state=STATES[state])
