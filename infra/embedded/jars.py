"""Kafka's jars: fetched once from their pinned coordinates, checked against committed SHA-256 sums."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock, Timeout

from infra.embedded.failure import EmbeddedFailure
from infra.embedded.progress import Progress, Step, silent

PINNED = Path(__file__).with_name("jars.sha256")
LOCK_LIMIT_SECONDS = 600.0  # another process downloads 44 MB meanwhile
TRIES = 3
RETRY_DELAY_SECONDS = 1.0  # times the number of the try


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the pinned list: `<sha256>  <group>:<artifact>:<version>`."""

    coordinate: str
    sha256: str

    @property
    def filename(self) -> str:
        """As Maven repositories name it."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


class Cancelled(Exception):
    """The caller gave up waiting; what was complete so far is kept."""


def pinned_jars(listing: Path = PINNED) -> tuple[Jar, ...]:
    """The jars of the broker and its logging, in the order of the list."""
    lines = (line.split() for line in listing.read_text().splitlines() if line.strip())
    return tuple(Jar(coordinate, sha256) for sha256, coordinate in lines)


def ensure_jars(
    folder: Path,
    *,
    jars: tuple[Jar, ...] | None = None,
    progress: Progress = silent,
    stop: threading.Event | None = None,
) -> tuple[Path, ...]:
    """Paths of all jars under `folder`, downloaded where missing, each with the pinned sum.

    Blocks, the first time for as long as 44 MB take. Processes that come at the same time wait for the
    one that downloads. Raises EmbeddedFailure: a wrong sum (the file is removed), no network; and
    Cancelled once `stop` is set.
    """
    wanted = pinned_jars() if jars is None else jars
    stop = stop or threading.Event()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=LOCK_LIMIT_SECONDS):
            missing = [jar for jar in wanted if not (folder / jar.filename).exists()]
            if missing:
                _download(folder, missing, progress, stop)
            _verify(folder, wanted)
    except Timeout:
        raise EmbeddedFailure(
            f"Another process has held {folder / '.lock'} for {LOCK_LIMIT_SECONDS:.0f} s. "
            "End it if it hangs, then start again."
        ) from None
    except OSError as error:
        raise EmbeddedFailure(
            f"Kafka's jars cannot be kept in {folder}: {error}. "
            "Free some space or choose another folder with EASYMO_CACHE_DIR."
        ) from error
    return tuple(folder / jar.filename for jar in wanted)


def _verify(folder: Path, jars: tuple[Jar, ...]) -> None:
    bad = [jar for jar in jars if _sha256(folder / jar.filename) != jar.sha256]
    for jar in bad:
        (folder / jar.filename).unlink()
    if bad:
        names = ", ".join(jar.filename for jar in bad)
        raise EmbeddedFailure(
            f"Not the bytes that were pinned (SHA-256 differs): {names} in {folder}. Removed; start again "
            "to download anew. If that does not help, something between here and the repository alters files."
        )


def _download(folder: Path, missing: list[Jar], progress: Progress, stop: threading.Event) -> None:
    with TemporaryDirectory(prefix=".download-", dir=folder) as repository:
        for done, jar in enumerate(missing):
            progress(Step("kafka", "downloading Kafka's jars", done, len(missing)))
            path = _fetch_with_retries(jar, Path(repository), stop)
            if _sha256(path) != jar.sha256:
                raise EmbeddedFailure(
                    f"The download of {jar.coordinate} is not what was pinned (SHA-256 differs); it was "
                    "thrown away. Something between here and the repository alters files: a proxy or mirror?"
                )
            path.replace(folder / jar.filename)
        progress(Step("kafka", "downloading Kafka's jars", len(missing), len(missing)))


def _fetch_with_retries(jar: Jar, repository: Path, stop: threading.Event) -> Path:
    import requests  # jgo's HTTP client; imported late, as nothing is downloaded on most starts

    for attempt in range(1, TRIES + 1):
        try:
            return _fetch(jar, repository, stop)
        except (requests.RequestException, RuntimeError) as error:
            if attempt == TRIES:
                raise EmbeddedFailure(
                    f"{jar.coordinate} could not be downloaded: {error}. Check the network, "
                    "HTTPS_PROXY and REQUESTS_CA_BUNDLE, then start again: what was complete is kept."
                ) from error
        if stop.wait(attempt * RETRY_DELAY_SECONDS):
            raise Cancelled
    raise AssertionError("the last try returns or raises")


def _fetch(jar: Jar, repository: Path, stop: threading.Event) -> Path:
    """One download with jgo's pure-Python resolver; a partial file does not stay."""
    from jgo.maven import MavenContext, PythonResolver

    @contextmanager
    def watch(_name: str, _size: int) -> Iterator[Callable[[int], None]]:
        def update(_received: int) -> None:
            if stop.is_set():
                raise Cancelled

        yield update

    if stop.is_set():
        raise Cancelled
    context = MavenContext(resolver=PythonResolver(progress_callback=watch), repo_cache=repository)
    group, artifact, version = jar.coordinate.split(":")
    file = context.project(group, artifact).at_version(version).artifact()
    try:
        return Path(file.resolve())
    except BaseException:
        (repository / file.component.path_prefix / file.filename).unlink(missing_ok=True)
        raise


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
