"""What there is to route to, and the home menus: compiled once from every domain's intents."""

from __future__ import annotations

from consumers.core import rules, texts
from consumers.core.keywords import Keywords
from consumers.domain import Intents
from consumers.replies import Menu, Raw, Row, render_reply
from schemas import topics

ASSISTANT_DOMAIN = "agents"
ASSISTANT_INTENT = "ask"  # else the first intent of that domain
EVERYWHERE = ""


class Installation:
    """The domains of this installation as core sees them. Made once by `installation_of`."""

    def __init__(self, intents: Intents) -> None:
        domains = {"core"} | {intent.domain for intent in intents.all}
        self.rules = rules.Installed(frozenset(domains), Keywords(intents.all), _assistant(intents))
        self.topics = {domain: topics.intents(domain) for domain in domains}
        self._offered = {(intent.domain, intent.name) for intent in intents.all}
        self._rows = sorted(
            (intent for intent in intents.all if intent.menu is not None),
            key=lambda intent: (-(intent.menu.priority if intent.menu else 0), intent.domain, intent.name),
        )
        # A country that no row is about shares its menu with all such countries, so this stays small.
        self._countries = {c for i in self._rows if i.menu is not None for c in i.menu.countries}
        self._menus: dict[tuple[str, str, bool], Raw] = {}

    def home(self, country: str, locale: str, *, lost: bool = False) -> Raw:
        """The home menu of a country in a language; `lost`: for somebody who was not understood."""
        key = (country if country in self._countries else EVERYWHERE, locale, lost)
        menu = self._menus.get(key)
        if menu is None:
            menu = self._menus[key] = Raw(render_reply(self._menu(key[0], lost), locale))
        return menu

    def offers(self, domain: str, intent: str) -> bool:
        """Whether a domain is installed that has this intent."""
        return (domain, intent) in self._offered

    def _menu(self, country: str, lost: bool) -> Menu:
        rows = tuple(
            Row(f"{intent.domain}:{intent.name}", intent.menu.title, intent.menu.description)
            for intent in self._rows
            if intent.menu is not None and (not intent.menu.countries or country in intent.menu.countries)
        )
        return Menu(texts.not_understood() if lost else texts.home(), texts.home_button(), rows)


def _assistant(intents: Intents) -> tuple[str, str] | None:
    names = [intent.name for intent in intents.all if intent.domain == ASSISTANT_DOMAIN]
    if not names:
        return None
    return ASSISTANT_DOMAIN, ASSISTANT_INTENT if ASSISTANT_INTENT in names else names[0]


def installation_of(intents: Intents) -> Installation:
    """The compiled form of the installation's intents, of which a process has one."""
    known = _compiled.get(id(intents))
    if known is None or known[0] is not intents:
        if len(_compiled) >= COMPILED_LIMIT:
            _compiled.clear()
        known = _compiled[id(intents)] = (intents, Installation(intents))
    return known[1]


COMPILED_LIMIT = 16  # more than one only in tests
_compiled: dict[int, tuple[Intents, Installation]] = {}
