"""A new event of a domain that has some: a class at the end of its file, and an example."""

from __future__ import annotations

import re
from dataclasses import dataclass

from consumers import domain_names
from scripts.scaffold.naming import Unfit, check_name, class_name
from scripts.scaffold.writing import EVENTS, ROOT, File, check_checkout, example_file, rendered

LINES_LIMIT = 300  # of a file, as tests/unit/test_tidy.py says
NEEDED = ("AwareDatetime", "Field")
FROM_PYDANTIC = re.compile(r"^from pydantic import ([\w, ]+)$", re.MULTILINE)
SAYS = re.compile(r"[^\s\"\\][^\"\\\n]{2,90}\.")


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What is written: the domain's file of events with the class in it, and the example."""

    class_name: str
    events: File
    example: File


def event_of(domain: str, name: str, says: str) -> NewEvent:
    """What an event consists of; `says` is a sentence. Raises Unfit, and writes nothing."""
    check_checkout()
    check_name(name, "event")
    if domain not in domain_names():
        raise Unfit(f"There is no domain {domain}; there are: {', '.join(domain_names())}.")
    if not SAYS.fullmatch(says):
        raise Unfit(
            "What the event says is one sentence in one line of at most 92 characters, with a full stop."
        )
    path = EVENTS / f"{domain}.py"
    if not (ROOT / path).exists():
        raise Unfit(
            f"{domain} has no facts for others: {path} is missing. Its first event needs a place where it is "
            "emitted, or a topic would be made for nothing; see consumers/jobs/publish.py."
        )
    there = (ROOT / path).read_text(encoding="utf-8")
    called = class_name(name)
    if f'"{domain}.{name}.v' in there or re.search(rf"^class {called}\b", there, re.MULTILINE):
        raise Unfit(f"{domain}.{name} is there already. A new version is a new class: see CONTRIBUTING.md.")
    values = {"domain": domain, "name": name, "class_name": called, "says": says}
    text = _with_imports(there, path.as_posix()).rstrip("\n") + "\n" + rendered("event/event.py.j2", values)
    if text.count("\n") > LINES_LIMIT:
        raise Unfit(f"{path} would have more than {LINES_LIMIT} lines: split it first.")
    example = File(example_file(f"{domain}.{name}"), rendered("event/typical.json.j2", values))
    return NewEvent(called, File(path, text), example)


def _with_imports(text: str, path: str) -> str:
    found = FROM_PYDANTIC.search(text)
    if found is None:
        raise Unfit(f"{path} has no line `from pydantic import …`: add one with {', '.join(NEEDED)}.")
    names = sorted({*found[1].replace(" ", "").split(","), *NEEDED})
    return text[: found.start()] + f"from pydantic import {', '.join(names)}" + text[found.end() :]
