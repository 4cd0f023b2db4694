"""Bringing others: the code, what becomes of it, the leader board."""

from __future__ import annotations

from collections.abc import Mapping

from consumers.texts import Renderable, Text
from consumers.wallet.rules.referring import REWARD, Verdict
from consumers.wallet.texts.catalogue import texts


def invite(code: str, brought: int) -> Text:
    """The person's own code."""
    return texts(
        "🤝 Your code is *{code}*. A friend who joins with it earns you {reward} tokens, when they send it "
        "on their first day.\nFriends so far: {brought}.\n\nShare it with the button below.",
        code=code,
        reward=REWARD,
        brought=brought,
    )


def share_button() -> Text:
    """Opens WhatsApp's list of chats."""
    return texts("Share")


def invitation(code: str, link: str) -> Text:
    """What the friend reads."""
    return texts("Join me on EasyMO: rides, jobs, payments and more, all in WhatsApp. Send REF:{code} "
                 "to {link}",
                 code=code, link=link)  # fmt: skip


def our_number() -> Text:
    """Where it is sent to, where we know no link."""
    return texts("EasyMO on WhatsApp")


def and_now() -> Text:
    """After the link."""
    return texts("See who brought the most friends, or go back to your wallet.")


def leaders_button() -> Text:
    """Shows the leader board."""
    return texts("Leader board")


def leaders(lines: Renderable) -> Text:
    """Who brought the most."""
    return texts("🏆 Who brought the most friends:\n\n{lines}", lines=lines)


def leader(place: int, who: Renderable, joined: int) -> Text:
    """One of them."""
    return texts("{place}. {who}: {joined}", place=place, who=who, joined=joined)


def no_leaders() -> Text:
    """Nobody yet."""
    return texts("🏆 Nobody has brought a friend yet. Be the first!")


def rewarded(amount: int) -> Text:
    """To the promoter."""
    return texts("🎉 A friend joined with your code: *{amount} tokens* for you.", amount=f"{amount:,}")


def insured(amount: int) -> Text:
    """To whoever bought a policy."""
    return texts("🎉 You insured your vehicle with us: *{amount} tokens* for you.", amount=f"{amount:,}")


VERDICTS: Mapping[Verdict, Text] = {
    Verdict.COUNTS: texts("🤝 The code counts: your friend gets tokens for it. You can earn some, too."),
    Verdict.UNKNOWN: texts("Nobody has that code. Please look at it once more."),
    Verdict.OWN: texts("That is your own code: share it with friends."),
    Verdict.REPEATED: texts("You joined with a code already; it counts once."),
    Verdict.LATE: texts("A code counts on your first day only. You can invite friends with your own."),
}
