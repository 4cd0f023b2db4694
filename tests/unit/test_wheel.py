"""The wheel carries what the checkout has: migrations, locales, schemas, templates, the page, checksums."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.unit.test_tidy import PACKAGES, ROOT, tracked


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a wheel built now."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - Python
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as wheel:
        return set(wheel.namelist())


def test_it_has_every_file_of_the_packages_and_no_others(carried: set[str]) -> None:
    paths = {path.relative_to(ROOT) for path in tracked()}
    expected = {path.as_posix() for path in paths if path.parts[0] in PACKAGES}
    assert any(Path(name).suffix == ".sql" for name in expected)
    assert expected == {name for name in carried if ".dist-info/" not in name}


def test_it_has_the_command_and_the_licence(carried: set[str]) -> None:
    assert {name.partition(".dist-info/")[2] for name in carried} >= {
        "entry_points.txt",
        "licenses/LICENSE",
    }
