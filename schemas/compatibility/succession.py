"""What the next version of a subject must be, to be published."""

from __future__ import annotations

import re
from collections.abc import Mapping

from schemas.compatibility.checking import check, mode_of
from schemas.compatibility.loading import load
from schemas.compatibility.vocabulary import Mode, UnusableSchema

# A folder's name on any system, a part of a URL, and a header's value: dots between words of small letters.
SUBJECT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
VERSION = re.compile(r"v[1-9][0-9]{0,5}")
SHOWN = 5


def problems(name: str, text: str, texts: Mapping[str, str], mode: Mode | None = None) -> list[str]:
    """What stands in the way of publishing a schema as `<subject>/v<N>`, in words; [] if nothing does.

    `texts`: the schemas of all other versions, published or about to be, by `<subject>/v<N>`. The mode is
    the subject's unless given.
    """
    subject, _, version = name.rpartition("/")
    if not SUBJECT.fullmatch(subject):
        return [
            f"{name}: a subject is words of small letters, digits and _ with dots between them, such as "
            "wallet.posted. Rename the event."
        ]
    if not VERSION.fullmatch(version):
        return [f"{name}: a version is v1, v2, … . Rename the event."]
    number = int(version[1:])
    earlier = sorted(known for each in texts if (known := _number(subject, each)) and known < number)
    if earlier != list(range(1, number)):
        missing = min(set(range(1, number)) - set(earlier))
        return [f"{name} skips v{missing}: versions follow each other. Call it v{missing}."]
    try:
        schema = load(text)
        before = {known: load(texts[f"{subject}/v{known}"]) for known in earlier}
    except UnusableSchema as error:
        return [f"{name}: {error}"]
    mode = mode_of(subject) if mode is None else mode
    violations = check(schema, before, mode)
    found = [
        f"{name} breaks {mode}, against v{each.version}: {each.difference.pointer}: "
        f"{each.difference.sentence}"
        for each in violations[:SHOWN]
    ]
    if len(violations) > SHOWN:
        found.append(f"{name}: and {len(violations) - SHOWN} more; `easymo schemas check` names all.")
    return found


def _number(subject: str, name: str) -> int | None:
    """The version that a name has, if it is of this subject."""
    other, _, version = name.rpartition("/")
    return int(version[1:]) if other == subject and VERSION.fullmatch(version) else None
