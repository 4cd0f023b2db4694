"""What is written under the state folder: secrets that stay, settings of the running stack."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from infra.embedded.claim import Claim
from infra.embedded.failure import AlreadyRunning, EmbeddedFailure
from infra.embedded.logs import trim_logs
from infra.embedded.running import CLAIM, Running, announce, find_running, missing_secrets, withdraw
from infra.settings import load_settings

RUNNING = Running(environment={"EASYMO_INGRESS_PORT": "8080"}, webhook_url="http://127.0.0.1:8080/x")


def test_made_up_secrets_are_the_same_the_next_time_and_private(tmp_path: Path) -> None:
    first = missing_secrets(tmp_path, load_settings())
    assert missing_secrets(tmp_path, load_settings()) == first
    assert stat.S_IMODE((tmp_path / "settings.json").stat().st_mode) == 0o600
    assert len(set(first.values())) == len(first)


def test_secrets_that_are_set_are_not_made_up(tmp_path: Path) -> None:
    made_up = missing_secrets(tmp_path, load_settings(meta_app_secrets="mine"))
    assert "meta_app_secrets" not in made_up
    assert "mine" not in (tmp_path / "settings.json").read_text()


def test_a_running_stack_is_found(tmp_path: Path) -> None:
    claim = Claim(tmp_path, CLAIM)
    claim.take()
    announce(tmp_path, RUNNING)
    assert find_running(tmp_path) == RUNNING
    withdraw(tmp_path)
    with pytest.raises(EmbeddedFailure, match="still starting"):
        find_running(tmp_path)
    claim.release()


def test_what_a_crash_left_is_not_taken_for_a_running_stack(tmp_path: Path) -> None:
    announce(tmp_path, RUNNING)
    with pytest.raises(EmbeddedFailure, match="easymo up"):
        find_running(tmp_path)


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    first, second = Claim(tmp_path, CLAIM), Claim(tmp_path, CLAIM)
    first.take()
    with pytest.raises(AlreadyRunning) as refused:
        second.take()
    assert str(tmp_path) in str(refused.value)
    assert refused.value.pid
    second.release()
    assert second.held_elsewhere()
    first.release()
    second.take()
    second.release()


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{")
    with pytest.raises(EmbeddedFailure, match=r"settings\.json is damaged"):
        missing_secrets(tmp_path, load_settings())


def test_logs_stay_within_their_bound(tmp_path: Path) -> None:
    log = tmp_path / "kafka.log"
    with log.open("ab") as writer:
        writer.write(b"x" * 100)
        writer.flush()
        assert trim_logs(tmp_path, limit_bytes=50) == ["kafka.log"]
        writer.write(b"next")
        writer.flush()
        assert log.read_bytes() == b"next"
    assert (tmp_path / "kafka.log.1").read_bytes() == b"x" * 100
    assert trim_logs(tmp_path, limit_bytes=50) == []
