"""The published schemas of a git revision."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
REGISTRY = "schemas/registry"
NAME = re.compile(rf"{REGISTRY}/([^/]+/v\d+)\.json")
GIT_SECONDS = 30
TRUNKS = ("origin/main", "main")


class CannotReview(Exception):
    """There is nothing to compare with; the message says why, and what to do."""


class NoCheckout(CannotReview):
    """This is no git checkout, as after unpacking an archive: there is no history to compare with."""


def base_revision(given: str | None) -> str:
    """The commit to compare with: what is given, or where this branch left main; on main itself the last
    commit, or the one before where nothing is uncommitted. Raises CannotReview."""
    _git("rev-parse", "--git-dir", absent=NoCheckout("this is no git checkout."))
    if given is not None:
        return _commit(given)
    head = _commit("HEAD")
    for trunk in TRUNKS:
        try:
            fork = _git("merge-base", "HEAD", trunk).strip()
        except CannotReview:
            continue
        if fork != head:
            return fork
    if _git("status", "--porcelain", "--", "schemas").strip():
        return head
    try:
        return _commit("HEAD~1")
    except CannotReview:  # the first commit, or a shallow clone
        return head


def schemas_of(revision: str) -> dict[str, str]:
    """The published schemas of a revision, by `<subject>/v<N>`. Raises CannotReview."""
    listed = _git("ls-tree", "-r", "--name-only", revision, "--", REGISTRY).splitlines()
    names = {found[1]: path for path in listed if (found := NAME.fullmatch(path))}
    if not names:
        return {}
    wanted = "".join(f"{revision}:{path}\n" for path in names.values())
    answer = _git("cat-file", "--batch", given=wanted)
    return dict(zip(names, _texts(answer), strict=True))


def example_of(revision: str, name: str) -> str | None:
    """The typical example of `<subject>/v<N>` then; None where there was none, or its place was another."""
    for path in (f"schemas/examples/{name}/typical.json", f"schemas/examples/{name}.json"):
        try:
            return _git("show", f"{revision}:{path}")
        except CannotReview:
            continue
    return None


def _texts(answer: str) -> list[str]:
    """What `git cat-file --batch` wrote: a line with the size in bytes, the content, an empty line."""
    left, found = answer.encode(), []
    while left:
        head, _, left = left.partition(b"\n")
        size = int(head.rsplit(b" ", 1)[1])
        found.append(left[:size].decode())
        left = left[size + 1 :]
    return found


def _commit(revision: str) -> str:
    try:
        return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    except CannotReview:
        raise CannotReview(
            f"git knows no revision {revision!r}. In a shallow clone `git fetch --unshallow` brings the rest."
        ) from None


def _git(*arguments: str, given: str | None = None, absent: CannotReview | None = None) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, and a revision behind --end-of-options
            ["git", *arguments],  # noqa: S607 - whichever git there is
            cwd=ROOT,
            input=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=GIT_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise NoCheckout("git is not installed.") from None
    except subprocess.TimeoutExpired:
        raise CannotReview(f"git {arguments[0]} took longer than {GIT_SECONDS} s.") from None
    if done.returncode != 0:
        raise absent or CannotReview(f"git {arguments[0]}: {done.stderr.strip() or 'failed'}.")
    return done.stdout
