"""The jars: sums are checked, bad files leave, one process downloads while others wait."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from infra.embedded import jars
from infra.embedded.failure import EmbeddedFailure
from infra.embedded.jars import Cancelled, Jar, ensure_jars, pinned_jars

CONTENT = b"what was pinned"
JAR = Jar("org.example:thing:1.0", hashlib.sha256(CONTENT).hexdigest())


class Repository:
    """Stands in for the repository on the internet."""

    def __init__(self, content: bytes = CONTENT, failures: int = 0) -> None:
        self.content = content
        self.failures = failures
        self.asked = 0

    def fetch(self, jar: Jar, folder: Path, stop: threading.Event) -> Path:
        self.asked += 1
        if self.asked <= self.failures:
            raise requests.ConnectionError("no route")
        path = folder / jar.filename
        path.write_bytes(self.content)
        return path


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Repository:
    standing_in = Repository()
    monkeypatch.setattr(jars, "_fetch", standing_in.fetch)
    return standing_in


def test_the_pinned_list_names_each_jar_once_with_a_whole_sum() -> None:
    listed = pinned_jars()
    assert len({jar.filename for jar in listed}) == len(listed) == 46
    assert all(len(jar.sha256) == 64 and int(jar.sha256, 16) for jar in listed)


def test_no_library_is_listed_in_two_versions() -> None:
    libraries = [jar.coordinate.rpartition(":")[0] for jar in pinned_jars()]
    assert len(set(libraries)) == len(libraries)


def test_kafka_and_its_client_library_have_one_version() -> None:
    versions = {
        jar.coordinate.rsplit(":", 1)[1] for jar in pinned_jars() if "org.apache.kafka:" in jar.coordinate
    }
    assert versions == {"4.1.0"}


def test_missing_jars_are_downloaded_once(tmp_path: Path, repository: Repository) -> None:
    assert ensure_jars(tmp_path, jars=(JAR,)) == (tmp_path / "thing-1.0.jar",)
    ensure_jars(tmp_path, jars=(JAR,))
    assert repository.asked == 1
    assert not list(tmp_path.glob(".download-*"))


def test_those_who_come_at_the_same_time_wait_for_one_download(
    tmp_path: Path, repository: Repository
) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: ensure_jars(tmp_path, jars=(JAR,)), range(4)))
    assert set(found) == {(tmp_path / "thing-1.0.jar",)}
    assert repository.asked == 1


def test_a_corrupted_jar_is_named_and_removed_and_comes_back(tmp_path: Path, repository: Repository) -> None:
    ensure_jars(tmp_path, jars=(JAR,))
    (tmp_path / "thing-1.0.jar").write_bytes(b"something else")
    with pytest.raises(EmbeddedFailure, match=r"thing-1\.0\.jar.*start again"):
        ensure_jars(tmp_path, jars=(JAR,))
    assert not (tmp_path / "thing-1.0.jar").exists()
    ensure_jars(tmp_path, jars=(JAR,))
    assert (tmp_path / "thing-1.0.jar").read_bytes() == CONTENT


def test_a_wrong_download_is_thrown_away(tmp_path: Path, repository: Repository) -> None:
    repository.content = b"a proxy's error page"
    with pytest.raises(EmbeddedFailure, match=r"org\.example:thing:1\.0 is not what was pinned"):
        ensure_jars(tmp_path, jars=(JAR,))
    assert not list(tmp_path.rglob("*.jar"))


def test_a_download_is_tried_again(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "RETRY_DELAY_SECONDS", 0.0)
    repository.failures = 2
    ensure_jars(tmp_path, jars=(JAR,))
    assert repository.asked == 3


def test_without_a_network_the_message_says_what_to_check(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "RETRY_DELAY_SECONDS", 0.0)
    repository.failures = 99
    with pytest.raises(EmbeddedFailure, match="HTTPS_PROXY"):
        ensure_jars(tmp_path, jars=(JAR,))
    assert repository.asked == jars.TRIES


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedFailure, match="EASYMO_CACHE_DIR"):
        ensure_jars(tmp_path / "file" / "jars", jars=(JAR,))


def test_who_gives_up_is_not_kept_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        ensure_jars(tmp_path, jars=(JAR,), stop=stop)
