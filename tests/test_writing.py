"""The guide for authors, followed word for word: its files, its commands, what they print."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from levels.campaign import FOLDER
from tui.cli import run

GUIDE = FOLDER.parent / "WRITING.md"

BLOCK = re.compile(
    r"(?:^\*\*`(?P<file>[^`]+)`\*\*(?P<end>, at its end:)?\n\n)?"
    r"^```(?P<kind>\w*)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


class Block(NamedTuple):
    """A fenced block; `file` is whose text it is, and `end` whether it is put at that one's end."""

    kind: str
    file: str | None
    end: bool
    body: str


def blocks() -> Iterator[Block]:
    for found in BLOCK.finditer(GUIDE.read_text(encoding="utf-8")):
        yield Block(found["kind"], found["file"], bool(found["end"]), found["body"])


def commands(body: str) -> Iterator[tuple[str, list[str]]]:
    """Every command of a block with the lines that are shown below it."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, *shown = part.rstrip("\n").split("\n")
        yield command, shown


def as_shown(said: list[str], shown: list[str]) -> bool:
    """Whether lines are those of the guide, where … stands for anything within a line."""
    patterns = [".*".join(map(re.escape, line.split("…"))) for line in shown]
    return len(said) == len(shown) and all(map(re.fullmatch, patterns, said))


def do(command: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Do what an author types: only what the guide needs of a shell."""
    match shlex.split(command):
        case ["mkdir", "-p", folder]:
            Path(folder).mkdir(parents=True)
            return []
        case ["headroom", *arguments, ">", file]:
            assert run(arguments) == 0
            Path(file).write_text(capsys.readouterr().out, encoding="utf-8")
            return []
        case ["headroom", *arguments]:
            run(arguments)
            out, err = capsys.readouterr()
            return [*err.splitlines(), *out.splitlines()]
    raise AssertionError(f"the guide types what is not known here: {command}")


def test_the_guide_works_word_for_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    typed = 0
    for block in blocks():
        if block.file is not None:
            path = Path(block.file)
            assert path.exists() == block.end, f"{path} is written once, then added to"
            path.parent.mkdir(exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(block.body)
            continue
        assert block.kind == "console", f"a block that is neither a file nor typed: {block.body}"
        for command, shown in commands(block.body):
            said = do(command, capsys)
            assert as_shown(said, shown), (command, said)
            typed += 1
    assert typed == 10


def test_the_blocks_are_all_found() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert text.count("\n```") == 2 * len(list(blocks()))
    files = {block.file for block in blocks() if block.file}
    named = {f"lunch/{name}" for name in ("level.toml", "text.en.md")}
    assert named < files
