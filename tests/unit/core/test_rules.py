"""The order in which a message finds who it is for: every row of the product page."""

from __future__ import annotations

import pytest

from consumers.core import rules
from consumers.core.parse import Said
from consumers.core.rules import Kind, Way
from schemas.content import LocationShared, MediaSent, OtherSent, Tapped, TextSaid
from tests.unit.core.installed import installed

USUAL = installed("mobility", "jobs", "marketplace")
WITH_ASSISTANT = installed("mobility", "jobs", "agents")
HERE = LocationShared(latitude=-1.94, longitude=30.06)
STICKER = MediaSent(media="sticker", media_id="1")
PHOTO = MediaSent(media="image", media_id="1", caption="I sell this, buy it")


def way_of(
    said: Said | str,
    *,
    active: str | None = None,
    admin: bool = False,
    opted_out: bool = False,
    where: rules.Installed = USUAL,
) -> Way:
    given = TextSaid(body=said) if isinstance(said, str) else said
    words = rules.words_of_said(given)
    return rules.consent(given, words, opted_out=opted_out) or rules.route(given, words, active, admin, where)


def routed(domain: str, intent: str | None = None) -> Way:
    return Way(Kind.ROUTE, domain, intent)


@pytest.mark.parametrize("active", [None, "jobs", "core"])
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("STOP", Kind.OPT_OUT),
        ("stop.", Kind.OPT_OUT),
        (" Unsubscribe ", Kind.OPT_OUT),
        ("START", Kind.HOME),
        ("home", Kind.HOME),
        ("Menu", Kind.HOME),
        ("Accueil", Kind.HOME),
        ("ahabanza", Kind.HOME),
        ("mwanzo!", Kind.HOME),
        *(
            (greeting, Kind.HOME)
            for greeting in ("hi", "Hello", "HEY!", "hola", "bonjour", "muraho", "habari")
        ),
        ("hello there", Kind.HOME),
        ("hi EasyMO", Kind.HOME),
        ("Hello, hello?", Kind.HOME),
        ("help", Kind.HELP),
        ("Aide", Kind.HELP),
        ("REF:AB12CD34", Kind.REFERRAL),
    ],
)
def test_guards_come_before_all_else(text: str, kind: Kind, active: str | None) -> None:
    assert way_of(text, active=active).kind is kind


@pytest.mark.parametrize(
    "text",
    ["stop the taxi", "don't stop", "start now", "home sweet home", "help me", "hi, I need it now", "refer"],
)
def test_a_guard_is_the_whole_message(text: str) -> None:
    assert way_of(text, active="jobs") == routed("jobs")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("REF:ab12cd34", "AB12CD34"),
        ("ref: AB12CD34", "AB12CD34"),
        ("Ref :AB12CD34 thanks", "AB12CD34"),
        ("REF:", None),
        ("REF:A", None),
        ("REF:AB-12", None),
        ("REF:" + "A" * 17, None),
        ("ref AB12CD34", None),
    ],
)
def test_a_referral_has_a_code(text: str, code: str | None) -> None:
    way = way_of(text)
    assert (way.kind, way.code) == ((Kind.REFERRAL, code) if code else (Kind.LOST, ""))


@pytest.mark.parametrize("said", ["/status", " /whoami", "/anything at all"])
def test_commands_are_for_listed_numbers(said: str) -> None:
    assert way_of(said, admin=True, active="jobs") == routed("core", "admin")
    assert way_of(said, active="jobs") == routed("jobs")
    assert way_of(said) == rules.LOST


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("jobs:board", routed("jobs")),
        ("jobs:apply:17", routed("jobs")),
        ("core:profile", routed("core")),
        ("core:home", rules.HOME),
        ("core:help", rules.HELP),
        ("core:opt_out", rules.OPT_OUT),
        ("core:opt_in", rules.HOME),
        ("property:home", rules.HOME),  # not installed
        ("sender:home", rules.HOME),
        ("nonsense", rules.HOME),
        ("", rules.HOME),
        (":::", rules.HOME),
    ],
)
@pytest.mark.parametrize("active", [None, "mobility"])
def test_a_tap_goes_where_its_id_says(identity: str, expected: Way, active: str | None) -> None:
    assert way_of(Tapped(id=identity, title="shop"), active=active) == expected


@pytest.mark.parametrize("said", ["driver", "shop", "nobody knows", "👍", HERE, STICKER, PHOTO])
def test_a_conversation_under_way_comes_before_keywords(said: Said | str) -> None:
    assert way_of(said, active="jobs") == routed("jobs")


def test_a_conversation_of_a_domain_that_is_gone_is_over() -> None:
    assert way_of("driver", active="property") == routed("mobility", "start")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("book ride", routed("mobility", "start")),
        ("find jobs", routed("jobs", "categories")),
        (PHOTO, routed("marketplace", "start")),
        ("what is that", rules.LOST),
        ("👍", rules.LOST),
        ("", rules.LOST),
        (HERE, rules.UNUSABLE),
        (STICKER, rules.UNUSABLE),
        (OtherSent(type="contacts"), rules.UNUSABLE),
        (OtherSent(type="unsupported"), rules.UNUSABLE),
        (OtherSent(type="request_welcome"), rules.HOME),
    ],
)
def test_keywords_then_home(said: Said | str, expected: Way) -> None:
    assert way_of(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("what is that", routed("agents", "start")),
        ("ask a driver to drive", routed("mobility", "start")),
        (STICKER, rules.UNUSABLE),
    ],
)
def test_the_assistant_comes_before_home(said: Said | str, expected: Way) -> None:
    assert way_of(said, where=WITH_ASSISTANT) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("START", rules.OPT_IN),
        ("start!", rules.OPT_IN),
        (Tapped(id="core:opt_in", title="START"), rules.OPT_IN),
        ("STOP", rules.SILENCE),
        ("home", rules.SILENCE),
        ("book ride", rules.SILENCE),
        (Tapped(id="core:home"), rules.SILENCE),
        (HERE, rules.SILENCE),
    ],
)
@pytest.mark.parametrize("active", [None, "jobs"])
def test_only_start_counts_after_stop(said: Said | str, expected: Way, active: str | None) -> None:
    assert way_of(said, opted_out=True, active=active) == expected


@pytest.mark.parametrize(
    ("said", "active", "by", "intent", "expected"),
    [
        # The words name somebody: another domain, or the same one's other conversation.
        ("driver", "jobs", "jobs", None, routed("mobility", "start")),
        ("find jobs", "jobs", "jobs", None, routed("jobs", "categories")),
        # It was a keyword that led there: once is enough.
        ("find jobs", "jobs", "jobs", "categories", None),
        ("driver", "jobs", "jobs", "start", None),
        # The person talks to somebody else by now.
        ("driver", "marketplace", "jobs", None, routed("marketplace")),
        ("driver", None, "jobs", None, routed("mobility", "start")),
        ("no idea", "jobs", "jobs", None, None),
        (HERE, "jobs", "jobs", None, None),
        # A tapped row names its domain; its title means nothing.
        (Tapped(id="jobs:gone", title="driver"), "jobs", "jobs", None, None),
    ],
)
def test_what_a_domain_makes_nothing_of_goes_round_once(
    said: Said | str, active: str | None, by: str, intent: str | None, expected: Way | None
) -> None:
    given = TextSaid(body=said) if isinstance(said, str) else said
    assert rules.reroute(given, active, by, intent, USUAL) == expected


@pytest.mark.parametrize(
    ("said", "by", "where", "expected"),
    [
        ("no idea", "jobs", USUAL, rules.LOST),
        ("no idea", "jobs", WITH_ASSISTANT, routed("agents", "start")),
        ("no idea", "agents", WITH_ASSISTANT, rules.LOST),
        (HERE, "jobs", WITH_ASSISTANT, rules.UNUSABLE),
        (Tapped(id="jobs:gone"), "jobs", USUAL, rules.LOST),
    ],
)
def test_the_last_resort(said: Said | str, by: str, where: rules.Installed, expected: Way) -> None:
    given = TextSaid(body=said) if isinstance(said, str) else said
    assert rules.last_resort(given, by, where) == expected
