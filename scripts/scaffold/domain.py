"""The files of a new domain: one folder of its own, its contract and its tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from consumers import domain_names
from consumers.runtime.discovery import load_domain
from scripts.scaffold.naming import Unfit, check_keywords, check_name, words
from scripts.scaffold.writing import EVENTS, TEMPLATES, File, check_checkout, example_file, rendered

SUFFIX = ".j2"
FACT = "request_kept"


def files_of(name: str, keywords: Sequence[str]) -> list[File]:
    """What a domain of that name consists of; no keywords: its name is one. Raises Unfit."""
    check_checkout()
    check_name(name, "domain")
    if name in domain_names() or Path(EVENTS / f"{name}.py").exists():
        raise Unfit(f"There is a domain {name} already.")
    keywords = tuple(keywords) or (words(name),)
    check_keywords(keywords, _owners())
    values = {
        "name": name,
        "intent": f"ask_{name}",
        "keywords": keywords,
        "words": words(name),
        "title": words(name).capitalize(),
    }
    tests = Path("tests")
    places = {f"domain/{each}": Path("consumers") / name / each for each in _templates("domain")}
    places |= {
        "contract/events.py": EVENTS / f"{name}.py",
        "contract/typical.json": example_file(f"{name}.{FACT}"),
        "tests/test_rules.py": tests / "unit" / name / "test_rules.py",
        "tests/test_conversations.py": tests / "e2e" / name / "test_conversations.py",
    }
    made = [File(place, rendered(template + SUFFIX, values)) for template, place in places.items()]
    package = rendered(f"tests/__init__.py{SUFFIX}", values)
    return made + [File(tests / kind / name / "__init__.py", package) for kind in ("unit", "e2e")]


def _templates(folder: str) -> list[str]:
    found = (TEMPLATES / folder).rglob(f"*{SUFFIX}")
    return sorted(path.relative_to(TEMPLATES / folder).as_posix().removesuffix(SUFFIX) for path in found)


def _owners() -> dict[str, str]:
    """The domain that each keyword leads to today."""
    return {
        keyword: name
        for name in domain_names()
        for intent, _ in load_domain(name).intents.values()
        for keyword in intent.keywords
    }
