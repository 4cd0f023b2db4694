"""What a folder keeps of a registry, and what becomes of it when it is broken."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from infra.registry.folder import NAME, Folder, FolderUnusable
from infra.registry.opening import opened


def test_changes_come_back_in_their_order(tmp_path: Path) -> None:
    with Folder(tmp_path / "new" / "one") as folder:
        folder.append({"subject": "a", "schema": "é\n"})
        folder.append({"subject": None, "level": "NONE"})
    with Folder(tmp_path / "new" / "one") as folder:
        folder.append({"subject": "b", "level": None})
        changes = [change for _, change in folder.changes()]
    assert changes == [
        {"subject": "a", "schema": "é\n"},
        {"subject": None, "level": "NONE"},
        {"subject": "b", "level": None},
    ]


def test_a_line_that_a_crash_left_unfinished_is_cut_off(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b'{"subject": "a", "level": "NONE"}\n{"subject": "b", "lev')
    with Folder(tmp_path) as folder:
        folder.append({"subject": "c", "level": "FULL"})
        assert [change["subject"] for _, change in folder.changes()] == ["a", "c"]


def test_two_do_not_write_to_one_folder(tmp_path: Path) -> None:
    with Folder(tmp_path), pytest.raises(FolderUnusable, match="Another registry writes"), Folder(tmp_path):
        pass
    with Folder(tmp_path) as again:
        assert list(again.changes()) == []


def test_it_holds_so_many_bytes(tmp_path: Path) -> None:
    with Folder(tmp_path, bytes_limit=60) as folder:
        folder.append({"subject": "a", "level": "NONE"})
        with pytest.raises(FolderUnusable, match="may have 60 bytes"):
            folder.append({"subject": "b", "level": "NONE"})
        assert len(list(folder.changes())) == 1


def test_nothing_is_left_of_a_change_that_the_disk_did_not_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with Folder(tmp_path) as folder:
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", full)
            with pytest.raises(FolderUnusable, match="No space left"):
                folder.append({"subject": "a", "level": "NONE"})
        folder.append({"subject": "b", "level": "NONE"})
        assert [change["subject"] for _, change in folder.changes()] == ["b"]


def test_what_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnusable, match="file cannot keep a registry"), Folder(tmp_path / "file"):
        pass


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[]",
        "{}",
        '{"subject": "a"}',
        '{"subject": "a", "level": "MOST"}',
        '{"subject": "a", "mode": "IMPORT"}',
        '{"subject": "a", "version": "two", "schema": "{}"}',
        '{"subject": "a\\u0001", "version": 1, "schema": "{}"}',
        '{"subject": "a", "version": 1, "schema": "{"}',
        '{"subject": "a", "version": 2, "schema": "{}"}',
    ],
)
def test_a_line_that_cannot_be_taken_in_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"subject": null, "level": "NONE"}\n' + line + "\n")
    with pytest.raises(FolderUnusable, match=rf"{NAME}:2 "), opened(tmp_path):
        pass
