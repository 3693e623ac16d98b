"""Bad input of every kind: one clear line on standard error, exit 2, nothing half-written."""

from pathlib import Path

import pytest

from tests.test_cli import SHORT
from tui.cli import BAD_INPUT, run

Captured = pytest.CaptureFixture[str]

ARGUMENTS = {
    "unknown command": "fly",
    "unknown option": "run first-server --fast",
    "no level": "run",
    "two levels": "run first-server scale-up",
    "unknown level": "run no-such-level",
    "missing level file": "run {dir}/none.toml",
    "level is text": "run {dir}/text.toml",
    "level is a folder without one": "run {dir}/sub",
    "empty level name": "run ",
    "missing plan": "run {dir}/level.toml --plan none",
    "plan is text": "run {dir}/level.toml --plan {dir}/text.toml",
    "negative seed": "run {dir}/level.toml --seed -1",
    "seed in words": "run {dir}/level.toml --seed one",
    "seed too large": "run {dir}/level.toml --seed 99999999999999999999",
    "seed without value": "run {dir}/level.toml --seed",
    "scale nan": "run {dir}/level.toml --scale nan",
    "scale zero": "run {dir}/level.toml --scale 0",
    "faster negative": "run {dir}/level.toml --faster -3",
    "faster infinite": "run {dir}/level.toml --faster inf",
    "from negative": "run {dir}/level.toml --from-s -1",
    "unknown language": "levels --lang fr",
    "play in no language": "play {dir}/level.toml --lang xx",
    "explain text": "explain {dir}/text.toml",
    "explain nothing": "explain {dir}/none.headroom",
    "no such type": "catalog x9.large",
    "empty type": "catalog ",
    "speed nan": "play {dir}/level.toml --speed nan",
    "speed zero": "play {dir}/level.toml --speed 0",
    "no seeds": "prove {dir}/level.toml --seeds 0",
    "prove nothing": "prove no-such-level",
    "check nothing": "levels --check {dir}/none.toml",
    "check text": "levels --check {dir}/text.toml",
    "missing recording": "verify {dir}/none.headroom",
    "recording is text": "verify {dir}/text.toml",
    "recording is a folder": "replay {dir}",
    "replay text": "replay {dir}/text.toml",
    "csv into nowhere": "run {dir}/level.toml --csv {dir}/none/out.csv",
    "csv onto a folder": "run {dir}/level.toml --csv {dir}",
    "record into a file": "run {dir}/level.toml --record {dir}/text.toml/a.headroom",
    "record over a file": "run {dir}/level.toml --record {dir}/text.toml",
    "missing traffic": "run {dir}/level.toml --traffic {dir}/none.csv",
    "traffic in text": "run {dir}/level.toml --traffic {dir}/text.toml",
    "traffic too long": "run {dir}/level.toml --traffic {dir}/long.csv",
    "traffic skipped": "run {dir}/level.toml --traffic {dir}/long.csv --from-s 900000",
    "badly named traffic": "run {dir}/level.toml --traffic {dir}/-x.csv",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "level.toml").write_text(SHORT)
    (tmp_path / "sub").mkdir()
    (tmp_path / "text.toml").write_text("Call me Ishmael.\n\x1b[2J")
    (tmp_path / "long.csv").write_text("second,rps\n0,10\n800000,10\n")
    (tmp_path / "-x.csv").write_text("second,rps\n0,10\n60,10\n")
    return tmp_path


def complaint(arguments: list[str], capsys: Captured) -> str:
    """The one line that comes of bad arguments."""
    assert run(arguments) == BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("headroom: ")
    assert err.endswith("\n")
    assert err[:-1].isprintable()
    return err


@pytest.mark.parametrize("name", ARGUMENTS)
def test_bad_arguments(folder: Path, capsys: Captured, name: str) -> None:
    before = sorted(folder.rglob("*"))
    words = ARGUMENTS[name].format(dir=folder).split(" ")
    complaint(words, capsys)
    assert sorted(folder.rglob("*")) == before


BAD_TRACES = {
    "empty": "",
    "header only": "second,rps\n",
    "one row": "second,rps\n0,1\n",
    "no header": "0,1\n60,2\n",
    "gap": "second,rps\n0,1\n60,\n120,3\n",
    "text": "second,rps\n0,1\n60,many\n",
    "negative": "second,rps\n0,1\n60,-2\n",
    "negative second": "second,rps\n-60,1\n0,2\n",
    "nan": "second,rps\n0,1\n60,nan\n",
    "infinite second": "second,rps\n0,1\ninf,2\n",
    "backwards": "second,rps\n60,1\n0,2\n",
    "twice": "second,rps\n0,1\n0,2\n",
    "three columns": "second,rps\n0,1,2\n60,1,2\n",
    "huge": "second,rps\n0,1\n60,1e300\n",
}


@pytest.mark.parametrize("name", BAD_TRACES)
def test_bad_traffic(folder: Path, capsys: Captured, name: str) -> None:
    path = folder / "bad.csv"
    path.write_text(BAD_TRACES[name])
    said = complaint(["run", str(folder / "level.toml"), "--traffic", str(path)], capsys)
    assert "bad.csv" in said


def test_a_bad_row_is_named_by_its_line(folder: Path, capsys: Captured) -> None:
    path = folder / "bad.csv"
    path.write_text(BAD_TRACES["text"])
    said = complaint(["run", str(folder / "level.toml"), "--traffic", str(path)], capsys)
    assert "bad.csv:3" in said
