"""A level: a scenario with its words, and the plans that prove what it teaches."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from engine.complaint import Complaint
from engine.recording import LevelText
from engine.scenario import Name, Part, Scenario, read_scenario
from engine.toml import convert, parse_toml, read_text

__all__ = ["LANGUAGES", "Because", "Level", "LevelText", "Proof", "read_level"]

LANGUAGES = ("en", "ko")
"""Languages a level may be written in."""

BUILT_IN_PLANS = ("empty", "generic")
"""Plans that every level has without a file: nothing done, and every size from the start."""

MAX_TEXT_BYTES = 64_000
"""A level's words in one language are read in a minute or two."""

PlanName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]

Row = Annotated[str, Meta(pattern=r"^[A-Z][0-9]{1,2}$")]
"""A line of the lecture that a level teaches, such as V1."""


class Because(Part, frozen=True):
    """Why a plan must lose: a failure reason, ``late`` or a verdict's cause, and the resource."""

    reason: Annotated[str, Meta(pattern=r"^[a-z0-9_]{1,40}$")]
    at: Name | None = None


class Proof(Part, frozen=True):
    """A plan and what must come of it."""

    plan: PlanName
    expect: Literal["win", "lose"]
    because: Because | None = None


class _Head(Part, frozen=True):
    """What a level file says besides its scenario."""

    chapter: Name
    teaches: Annotated[tuple[Row, ...], Meta(max_length=20)] = ()
    proofs: Annotated[tuple[Proof, ...], Meta(max_length=20)] = ()


@dataclass(frozen=True)
class Level:
    """A level as read from its folder; `text` has one entry for each language it is written in."""

    slug: str
    chapter: str
    teaches: tuple[str, ...]
    proofs: tuple[Proof, ...]
    scenario: Scenario
    text: dict[str, LevelText]
    folder: Path

    def words(self, language: str) -> LevelText:
        """The level's words in `language`, or in another if it is not written in that one."""
        for choice in (language, *LANGUAGES):
            if choice in self.text:
                return self.text[choice]
        return LevelText(self.slug, "", "", (), "", "", "")

    def plan_path(self, plan: str) -> Path:
        """Where a plan's file lies."""
        return self.folder / "plans" / f"{plan}.toml"


def read_level(path: Path) -> Level:
    """Read `level.toml` (or the folder it is in) and its texts; Complaint on anything wrong."""
    if path.is_dir():
        path = path / "level.toml"
    values = parse_toml(read_text(path, "level"), str(path))
    head_values = {key: values.pop(key) for key in _Head.__struct_fields__ if key in values}
    head = convert(head_values, _Head, str(path))
    folder = path.parent
    level = Level(
        slug=str(values.get("slug")),
        chapter=head.chapter,
        teaches=head.teaches,
        proofs=head.proofs,
        scenario=read_scenario(values, str(path), folder),
        text=_read_texts(folder),
        folder=folder,
    )
    _check_plans(level, path)
    return level


def _check_plans(level: Level, path: Path) -> None:
    for index, proof in enumerate(level.proofs):
        if proof.plan not in BUILT_IN_PLANS and not level.plan_path(proof.plan).is_file():
            what = f"no file 'plans/{proof.plan}.toml' beside the level"
            raise Complaint(f"{path}: proofs[{index}].plan", what, "a plan, empty or generic")


def _read_texts(folder: Path) -> dict[str, LevelText]:
    paths = {language: folder / f"text.{language}.md" for language in LANGUAGES}
    return {
        language: parse_text(read_text(path, "text", MAX_TEXT_BYTES), str(path))
        for language, path in paths.items()
        if path.exists()
    }


_SECTIONS = {"Briefing": "briefing", "Lesson": "lesson", "Won": "won", "Lost": "lost"}
"""Headings of a text file, the same in every language; besides them the hints."""

HINTS = 3
"""A nudge, a direction, the plain answer."""


def parse_text(text: str, where: str) -> LevelText:
    """A text file to its parts: title, a line of summary, then a section for each heading."""
    text = text.replace("\r\n", "\n")
    for number, line in enumerate(text.split("\n"), 1):
        if not line.isprintable():
            raise Complaint(f"{where}: line {number}", "control characters", "printable text")
    opening, *sections = f"\n{text}".split("\n## ")
    title, _, summary = opening.strip().partition("\n")
    if not title.startswith("# ") or not summary.strip() or "\n" in summary.strip():
        raise Complaint(where, "begins otherwise", "'# Title' and one line of summary")
    found: dict[str, Any] = {"title": title[2:].strip(), "summary": summary.strip(), "hints": []}
    for section in sections:
        heading, _, body = section.partition("\n")
        _add_section(found, heading.strip(), body.strip(), where)
    if len(found["hints"]) != HINTS:
        what = f"has {len(found['hints'])} sections '## Hint'"
        raise Complaint(where, what, "three: where to look, what kind of thing, the plain answer")
    missing = [heading for heading, field in _SECTIONS.items() if field not in found]
    if missing:
        raise Complaint(where, f"has no section '## {missing[0]}'", "Briefing, Lesson, Won, Lost")
    return msgspec.convert(found, LevelText)


def _add_section(found: dict[str, Any], heading: str, body: str, where: str) -> None:
    if not body:
        raise Complaint(where, f"section '{heading}' is empty", "some text")
    if heading == "Hint":
        found["hints"].append(body)
    elif heading not in _SECTIONS or _SECTIONS[heading] in found:
        expected = "Briefing, Hint (three), Lesson, Won, Lost"
        raise Complaint(where, f"section '{heading}' is unknown or there twice", expected)
    else:
        found[_SECTIONS[heading]] = body
