"""What is handed out: a wheel and an sdist that hold every file, and a wheel that runs."""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PACKAGES = ("tui", "engine", "levels")

OF_THE_SOURCE = {"Makefile", "LICENSE", "CHANGELOG.md", "README.md", "constraints.txt"}

NOT_OURS = {".pyc", ".pyo", ".orig", ".rej", ".swp"}


def files_of(*folders: str) -> set[str]:
    """Files that belong to the project below these folders, by their paths in it."""
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix not in NOT_OURS and "__pycache__" not in path.parts
    }
    assert len(found) > 50, "the source is there"
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and an sdist, built from this source."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "hatchling",
            "build",
            "-d",
            str(folder),
            "-t",
            "wheel",
            "-t",
            "sdist",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return folder


def the_only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def test_the_wheel_holds_every_file_of_the_game(built: Path) -> None:
    with zipfile.ZipFile(the_only(built, "*.whl")) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == files_of(*PACKAGES)


def test_the_sdist_holds_all_that_the_checks_need(built: Path) -> None:
    with tarfile.open(the_only(built, "*.tar.gz")) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    missing = (files_of(*PACKAGES, "tests") | OF_THE_SOURCE) - names
    assert missing == set()


def test_an_installed_wheel_plays_far_from_its_source(built: Path, tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "venv", tmp_path / "elsewhere"
    elsewhere.mkdir()
    venv.create(home, with_pip=False)
    site = next(home.glob("lib/python*/site-packages"), home / "Lib" / "site-packages")
    with zipfile.ZipFile(the_only(built, "*.whl")) as wheel:
        wheel.extractall(site)
    # What the game depends on is taken from here: only the game itself is tried.
    others = [path for path in sys.path if path.endswith("site-packages")]
    (site / "others.pth").write_text("\n".join(others))
    python = next(home.glob("bin/python"), home / "Scripts" / "python.exe")
    program = "import tui, sys; from tui.cli import main; print(tui.__file__); main()"

    def say(*arguments: str) -> str:
        done = subprocess.run(
            [python, "-I", "-c", program, *arguments],
            cwd=elsewhere,
            env=os.environ | {"HEADROOM_HOME": str(tmp_path / "home")},
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert done.stderr == ""
        place, _, said = done.stdout.partition("\n")
        assert Path(place).is_relative_to(site)
        return said

    assert "first-server" in say("levels")
    assert "m5.large" in say("catalog", "m5.large")
    assert '"verdict"' in say("run", "first-server", "--plan", "reference", "--json")
    assert "starter" in say("sandbox", "starter", "--run", "--duration", "60")
