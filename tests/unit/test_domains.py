"""What holds for every domain, found by its folder: a new one is covered by being there."""

from __future__ import annotations

import ast
import re
import string
from collections import defaultdict
from functools import cache
from types import ModuleType

import pytest
from babel.messages.pofile import read_po

from consumers import domain_names
from consumers.core.words import words_of
from consumers.domain import Domain, Emit
from consumers.runtime.discovery import load_domain
from consumers.runtime.interest import topics_of
from consumers.texts import LOCALES, Catalogue
from schemas import topics
from schemas.upcasts import STEPS
from tests.unit.domain_source import HERE, Source, imports, sentences, sources, tapped, titles

NAMES = domain_names()
TRANSLATED = [locale for locale in LOCALES if locale != "en"]
KEYWORD = re.compile(r"[^\W_]+(?:[ '’-][^\W_]+)*")
REPLY_ID = re.compile(r"([a-z]+(?:_[a-z]+)*):([a-z_]+)(?::.*)?")
IMPURE = {
    *("aiohttp", "aiokafka", "asyncpg", "faststream", "httpx", "opentelemetry", "prometheus_client"),
    *(
        "asyncio",
        "http",
        "logging",
        "os",
        "pathlib",
        "random",
        "secrets",
        "socket",
        "subprocess",
        "threading",
    ),
    *("time", "urllib.request"),
}
OURS = ("consumers.", "infra.", "ingress.", "schemas.", "scripts.")
ONLY_UUIDS = "asyncpg.pgproto"  # a class of values, in C; nothing of it connects to anything
CLOCKS = {"now", "utcnow", "today", "uuid1", "uuid4"}

of_each_domain = pytest.mark.parametrize("name", NAMES)


@cache
def _domain(name: str) -> Domain:
    return load_domain(name)


@cache
def _sources(name: str) -> dict[str, Source]:
    return {source.module.__name__: source for source in sources(name)}


def test_there_are_domains() -> None:
    assert {"core", "jobs", "mobility"} <= set(NAMES)


def test_no_two_domains_start_the_same_intent() -> None:
    owners = defaultdict(list)
    for name in NAMES:
        for intent in _domain(name).intents:
            owners[intent].append(name)
    assert {intent: names for intent, names in owners.items() if len(names) > 1} == {}


@of_each_domain
def test_keywords_are_whole_lowercase_words(name: str) -> None:
    for intent, _ in _domain(name).intents.values():
        for keyword in intent.keywords:
            assert keyword == keyword.lower(), keyword
            assert KEYWORD.fullmatch(keyword), keyword
            assert words_of(keyword), keyword


def test_a_keyword_leads_to_one_intent() -> None:
    """Within a domain always; between domains the one of higher priority wins."""
    owners: dict[tuple[tuple[str, ...], str], set[str]] = defaultdict(set)
    for name in NAMES:
        for intent, _ in _domain(name).intents.values():
            for keyword in intent.keywords:
                owners[tuple(words_of(keyword)), f"within {name}"].add(intent.name)
                owners[tuple(words_of(keyword)), f"priority {intent.priority}"].add(name)
    assert {claim: sorted(by) for claim, by in owners.items() if len(by) > 1} == {}


@of_each_domain
def test_a_tap_leads_to_one_handler(name: str) -> None:
    domain = _domain(name)
    assert domain.actions.keys() & domain.intents.keys() == set()
    assert "page" not in {*domain.actions, *domain.intents}, "page is the runtime's"


@of_each_domain
def test_every_row_and_button_leads_somewhere(name: str) -> None:
    for source in _sources(name).values():
        for line, domain, action in tapped(source):
            assert _leads_somewhere(domain.name, action), f"{source.name}:{line}: {domain.name}:{action}"
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                match = REPLY_ID.fullmatch(node.value)
                if match and match[1] in NAMES:
                    assert _leads_somewhere(match[1], match[2]), f"{source.name}:{node.lineno}: {node.value}"


def _leads_somewhere(name: str, action: str) -> bool:
    domain = _domain(name)
    taken_by_core = name == "core" and f"core:{action}" in _core_taps()
    return action in domain.actions or action in domain.intents or taken_by_core


@cache
def _core_taps() -> set[str]:
    """Ids that core recognises while it routes."""
    module: ModuleType | None = next(
        (s.module for s in _sources("core").values() if s.module.__name__ == "consumers.core.taps"), None
    )
    return {value for value in vars(module).values() if isinstance(value, str)} if module else set()


@of_each_domain
def test_a_domain_without_topics_hears_nothing(name: str) -> None:
    domain = _domain(name)
    assert (topics_of(domain) == ()) == (not domain.routes and not domain.topics)


@of_each_domain
def test_its_topics_exist(name: str) -> None:
    known = {topic.name for topic in topics.catalogue(NAMES)}
    assert set(topics_of(_domain(name))) <= known
    assert (topics.events(name) in known) == (topics.events(name) in _emitted(name))


def _emitted(name: str) -> set[object]:
    """The topics that a domain's modules name where they emit."""
    return {
        topics.events(name) if isinstance(call.args[0], ast.Call) else source.value(call.args[0])
        for source in _sources(name).values()
        for call in source.calls()
        if source.value(call.func) is Emit
    }


@of_each_domain
def test_what_it_handles_is_well_named(name: str) -> None:
    """Events of other domains come from the schemas; a timer's data may be the domain's own."""
    for route in _domain(name).routes.values():
        assert route.model.__module__.startswith(("schemas.events.", f"consumers.{name}.")), route.model
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*\.v\d+", route.model.event_type)


@of_each_domain
def test_it_reads_and_writes_the_newest_version_of_an_event_alone(name: str) -> None:
    """Older ones are lifted before a handler sees them (schemas/upcasts)."""
    former = {step.old for step in STEPS.values()}
    named = {
        value
        for source in _sources(name).values()
        for value in vars(source.module).values()
        if isinstance(value, type)
    }
    assert named & former == set()


@of_each_domain
@pytest.mark.parametrize("locale", TRANSLATED)
def test_texts_are_translated_with_the_same_placeholders(name: str, locale: str) -> None:
    for catalogue, wanted in _sentences(name).items():
        translations = _translations(catalogue, locale)
        assert wanted - translations.keys() == set(), "missing"
        assert translations.keys() - wanted == set(), "no longer used"
        for msgid, translation in translations.items():
            assert translation.strip(), msgid
            assert _placeholders(translation) == _placeholders(msgid), msgid


@of_each_domain
@pytest.mark.parametrize("locale", LOCALES)
def test_titles_fit(name: str, locale: str) -> None:
    """What stands around the placeholders, at least; a value too long for its place is shortened."""
    too_long = []
    for source in _sources(name).values():
        for line, limit, catalogue, msgid in titles(source, _sources(name)):
            shown = catalogue.translated(locale, msgid)
            length = len("".join(literal for literal, *_ in string.Formatter().parse(shown)))
            if length > limit:
                too_long.append(f"{source.name}:{line}: {length} > {limit}: {shown}")
    assert too_long == []


@of_each_domain
def test_rules_are_pure(name: str) -> None:
    """No clock, no I/O, no randomness; not in what of ours they import either."""
    waiting = [module for module in _sources(name) if "rules" in module.split(".")]
    seen: set[str] = set()
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        tree = _tree(module)
        for imported in imports(tree):
            heads = {imported, imported.partition(".")[0]}
            assert not heads & IMPURE or imported.startswith(ONLY_UUIDS), f"{module} imports {imported}"
            if imported.startswith(OURS) and imported != "consumers.texts" and _is_module(imported):
                waiting.append(imported)
        if "rules" in module.split("."):
            called = {
                n.func.attr for n in ast.walk(tree) if isinstance(n, ast.Call) and hasattr(n.func, "attr")
            }
            assert not called & CLOCKS, f"{module} asks for {called & CLOCKS}"


def _is_module(name: str) -> bool:
    path = HERE.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def _tree(name: str) -> ast.Module:
    path = HERE.parent.joinpath(*name.split("."))
    file = path.with_suffix(".py")
    return ast.parse((file if file.exists() else path / "__init__.py").read_text(encoding="utf-8"))


@cache
def _sentences(name: str) -> dict[Catalogue, set[str]]:
    found: dict[Catalogue, set[str]] = defaultdict(set)
    for source in _sources(name).values():
        for catalogue, msgid in sentences(source):
            found[catalogue].add(msgid)
    return found


def _translations(catalogue: Catalogue, locale: str) -> dict[str, str]:
    path = catalogue.folder / f"{locale}.po"
    assert path.exists(), path
    with path.open("rb") as file:
        catalog = read_po(file, locale=locale, abort_invalid=True)
    return {str(message.id): str(message.string) for message in catalog if message.id}


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, *_ in string.Formatter().parse(sentence) if name is not None}
