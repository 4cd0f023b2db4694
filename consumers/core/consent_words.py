"""What people write to be left alone, or to come back, in our four languages. Pure.

Few write the bare STOP: "Stop please", "stop sending me messages", "désabonnez-moi". A sentence that holds
such a word beside words about something else is none: "stop the car at the market".
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto


class Wish(Enum):
    """What somebody asks for."""

    STOP = auto()
    START = auto()


WORDS_AT_MOST = 10

START_WORDS = frozenset(("start",))
STOP_WORDS = frozenset(("stop", "stopall"))
# Nobody means anything else by these, so that more may stand beside them.
LEAVING_WORDS = frozenset(
    (
        *("unsubscribe", "unsuscribe", "unsubcribe", "unsubscribed"),
        *("desabonner", "desabonnez", "desabonne", "desabonnement", "desinscrire", "desinscrivez"),
        *("desinscription",),
    )
)
# These also mean to call off a trip or a form, so what is to end must be named: messages.
ENDING_WORDS = frozenset(
    (
        *("arret", "arrete", "arreter", "arretez", "cesser", "cessez"),
        *("hagarika", "muhagarike", "guhagarika", "mpagarikire", "mpagarikira", "mureke", "reka"),
        *("acha", "acheni", "kuacha", "sitisha", "simamisha", "komesha"),
    )
)
MESSAGE_WORDS = frozenset(
    (
        *("message", "messages", "sms", "text", "texts", "texting", "messaging", "msg", "msgs", "whatsapp"),
        *("ubutumwa", "ubutumire", "mesaje", "kunyandikira", "kunyoherereza", "kohereza"),
        *("ujumbe", "jumbe", "meseji", "kunitumia", "kuniandikia", "kutuma"),
    )
)
COURTESY_WORDS = frozenset(
    (
        *("please", "pls", "plz", "thanks", "thank", "you", "ok", "okay", "easymo"),
        *("svp", "stp", "s", "il", "vous", "te", "plait", "merci"),
        *("murakoze", "nyabuneka", "mbabarira", "mumbabarire"),
        *("tafadhali", "asante", "ahsante"),
    )
)
URGING_WORDS = frozenset(("now", "all", "sending", "maintenant", "ubu", "sasa"))
FILLING_WORDS = frozenset(
    (
        *("i", "want", "would", "like", "to", "me", "my", "from", "the", "these", "those", "your", "any"),
        *("more", "this", "us"),
        *("je", "veux", "voudrais", "me", "moi", "de", "d", "m", "les", "vos", "ces", "des", "envoyer"),
        *("ndashaka", "bwanyu", "bwose", "kubona", "no"),
        *("nataka", "naomba", "zenu", "yenu", "zote", "hizi", "hii"),
    )
)

_STOPPING = STOP_WORDS | LEAVING_WORDS | ENDING_WORDS
_OF_A_WISH = _STOPPING | MESSAGE_WORDS | COURTESY_WORDS | URGING_WORDS | FILLING_WORDS


def wish_of(words: Sequence[str]) -> Wish | None:
    """What these words (folded) ask for; None for everything that is about something else."""
    if not 0 < len(words) <= WORDS_AT_MOST or (words[0] not in _OF_A_WISH and words[0] not in START_WORDS):
        return None
    said = set(words)
    if said <= _OF_A_WISH:
        return Wish.STOP if _is_stop(said) else None
    return Wish.START if said & START_WORDS and said <= START_WORDS | COURTESY_WORDS else None


def _is_stop(said: set[str]) -> bool:
    if said & LEAVING_WORDS:
        return True
    if said & MESSAGE_WORDS:
        return bool(said & _STOPPING)
    return bool(said & STOP_WORDS) and said <= STOP_WORDS | COURTESY_WORDS | URGING_WORDS
