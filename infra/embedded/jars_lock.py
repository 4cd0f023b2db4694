"""Write `jars.sha256` anew: resolve what the broker and its logging need, and take the sums.

Run with `python -m infra.embedded.jars_lock` after changing ROOTS; read the difference before committing.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from jgo.maven import MavenContext, PythonResolver
from jgo.parse import Coordinate

from infra.embedded.jars import PINNED

ROOTS = ("org.apache.kafka:kafka_2.13:4.1.0", "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3")


def main() -> None:
    """Each root by itself: resolved together, the versions that log4j's parent manages would win, and the
    broker of 4.1 would get the client library of 3.8."""
    sums: dict[str, str] = {}
    with TemporaryDirectory() as repository:
        context = MavenContext(resolver=PythonResolver(), repo_cache=Path(repository))
        for root in ROOTS:
            sums |= _resolve(context, root)
    PINNED.write_text("".join(f"{sums[coordinate]}  {coordinate}\n" for coordinate in sorted(sums)))
    sys.stdout.write(f"{len(sums)} jars in {PINNED}\n")


def _resolve(context: MavenContext, root: str) -> dict[str, str]:
    """Sums by coordinate, of the root and of what it needs to compile or run."""
    dependency = context.create_dependency(replace(Coordinate.parse(root), scope="compile"))
    inputs, transitive = context.resolver.resolve([dependency])
    found = {}
    for each in (*inputs, *(other for other in transitive if other.scope in {"compile", "runtime"})):
        file = each.artifact
        content = Path(file.resolve()).read_bytes()
        found[f"{file.groupId}:{file.artifactId}:{file.version}"] = hashlib.sha256(content).hexdigest()
    return found


if __name__ == "__main__":
    main()
