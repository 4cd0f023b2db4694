"""Home, the history, earning, and the buttons that lead on. `_button` fits a button, `_row` a row."""

from __future__ import annotations

from consumers.texts import Moment, Renderable, Text, rwf
from consumers.wallet.texts.catalogue import texts


def wallet_row() -> Text:
    """Domain's row of the home menu."""
    return texts("Wallet")


def wallet_about() -> Text:
    """Under that row."""
    return texts("Tokens: send, earn, top up, cash out")


def home(available: int, worth_rwf: int) -> Text:
    """The balance."""
    return texts(
        "💰 Your wallet: *{available} tokens* (worth {worth}).\n\nWhat would you like to do?",
        available=f"{available:,}",
        worth=rwf(worth_rwf),
    )


def home_with_held(available: int, worth_rwf: int, held: int) -> Text:
    """The balance, and what is set aside."""
    return texts(
        "💰 Your wallet: *{available} tokens* (worth {worth}).\n{held} more are set aside for what you "
        "booked or sent.\n\nWhat would you like to do?",
        available=f"{available:,}",
        worth=rwf(worth_rwf),
        held=f"{held:,}",
    )


def choose_button() -> Text:
    """Opens a list."""
    return texts("Choose")


def home_button() -> Text:
    """Back to the wallet's home."""
    return texts("My wallet")


def send_button() -> Text:
    """Starts a transfer."""
    return texts("Send tokens")


def send_about() -> Text:
    """Under that row."""
    return texts("To a number or a partner, free of charge")


def top_up_button() -> Text:
    """Buys tokens."""
    return texts("Top up")


def top_up_about() -> Text:
    """Under that row."""
    return texts("Buy tokens by MoMo or card")


def cash_out_button() -> Text:
    """Sells tokens."""
    return texts("Cash out")


def cash_out_about() -> Text:
    """Under that row."""
    return texts("From {least} tokens to MoMo", least="1,000")


def earn_button() -> Text:
    """Shows how to earn."""
    return texts("Earn tokens")


def earn_about() -> Text:
    """Under that row."""
    return texts("How to get tokens for free")


def redeem_button() -> Text:
    """Turns tokens into something."""
    return texts("Redeem")


def redeem_about() -> Text:
    """Under that row."""
    return texts("Airtime or cash for your tokens")


def invite_button() -> Text:
    """The person's own code."""
    return texts("Invite friends")


def invite_about() -> Text:
    """Under that row."""
    return texts("Your code, and the leader board")


def transactions_button() -> Text:
    """The history."""
    return texts("Transactions")


def transactions_about() -> Text:
    """Under that row."""
    return texts("What came and what went")


def qr_button() -> Text:
    """A code to be paid with."""
    return texts("MoMo QR code")


def qr_about() -> Text:
    """Under that row."""
    return texts("A picture by which others pay you")


def business_button() -> Text:
    """The vendor's wallet."""
    return texts("Business wallet")


def business_about() -> Text:
    """Under that row."""
    return texts("Be paid as a partner")


def from_earlier() -> Text:
    """A tap on something that no longer belongs to what is going on."""
    return texts("That is from an earlier conversation. What would you like to do now?")


def not_understood() -> Text:
    """Something came that is no answer."""
    return texts("That is no answer I can use here. Please try again, or go back to your wallet.")


# The history -------------------------------------------------------------------------------------------


def transactions(lines: Renderable) -> Text:
    """The latest movements."""
    return texts("🧾 Your transactions, the latest first:\n\n{lines}", lines=lines)


def earlier_transactions(lines: Renderable) -> Text:
    """Those before."""
    return texts("🧾 Earlier transactions:\n\n{lines}", lines=lines)


def no_transactions() -> Text:
    """There are none."""
    return texts("🧾 There are no transactions yet. Earn your first tokens, or top up.")


def no_earlier_transactions() -> Text:
    """There are no more."""
    return texts("🧾 There are no earlier transactions.")


def more_button() -> Text:
    """Shows those before."""
    return texts("More")


def line(at: Moment, amount: int, about: Renderable) -> Text:
    """One movement."""
    return texts("{at}: *{amount}* {about}", at=at, amount=f"{amount:+,}", about=about)


def two(first: Renderable, second: Renderable) -> Text:
    """One below the other."""
    return texts("{first}\n{second}", first=first, second=second)


def to_whom(who: Renderable) -> Text:
    """Of a movement."""
    return texts("to {who}", who=who)


def from_whom(who: Renderable) -> Text:
    """Of a movement."""
    return texts("from {who}", who=who)


KINDS = {
    "reward": texts("reward"),
    "bonus": texts("bonus"),
    "subscription": texts("driver subscription"),
    "top_up": texts("top-up"),
    "redeem": texts("redeemed"),
    "cash_out": texts("cash-out"),
    "fee": texts("fee"),
    "reversed": texts("given back"),
    "join": texts("from your other number"),
    "own": texts("between your wallets"),
}


def other_kind() -> Text:
    """What a movement was for, where there is no word for it."""
    return texts("service")


def somebody() -> Text:
    """Whom we cannot name."""
    return texts("somebody on EasyMO")


# Earning -----------------------------------------------------------------------------------------------


def earn(reward: int, bonus: int) -> Text:
    """How to get tokens."""
    return texts(
        "🌱 How to earn tokens:\n• *{reward} tokens* for each friend who joins with your code\n"
        "• *{bonus} tokens* when you insure a vehicle with us\n\nA friend counts once, on their first day.",
        reward=reward,
        bonus=f"{bonus:,}",
    )
