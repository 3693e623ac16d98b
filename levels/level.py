"""A level: a scenario with its words, and the plans that prove what it teaches."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from engine.complaint import Complaint
from engine.findings import Findings
from engine.outcomes import Ending, FailureReason
from engine.recording import LevelText
from engine.scenario import Name, Part, Scenario, find_faults
from engine.toml import decode_toml, read_text

__all__ = ["LANGUAGES", "Because", "Level", "LevelText", "Proof", "read_level"]

FOLDER = Path(__file__).with_name("campaign")
"""Where the levels that come with the game lie, one folder each; the number is its place."""

LANGUAGES = ("en", "ko")
"""Languages a level may be written in."""

BUILT_IN_PLANS = ("empty", "generic", "previous")
"""Plans without a file: nothing done, every size from the start, the answer of the level before."""

MAX_TEXT_BYTES = 64_000
"""A level's words in one language are read in a minute or two."""

Slug = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]

PlanName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]

Row = Annotated[str, Meta(pattern=r"^[A-Z][0-9]{1,2}$")]
"""A line of the lecture that a level teaches, such as V1."""


REASONS = frozenset({"late", *FailureReason, *Ending} - {Ending.PASSED, Ending.ENDED})
"""What a run can be lost for: what most requests failed for, or the cause of the verdict."""


class Because(Part, frozen=True):
    """Why a plan must lose: one of `REASONS`, and the resource to blame.

    Several reasons where chance, or the machine that is varied, decides among them.
    """

    # Without a pattern: msgspec 0.22 frees that of a union once too often (`REASONS` is the check).
    reason: str | Annotated[tuple[str, ...], Meta(min_length=1, max_length=len(REASONS))]
    at: Name | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Those that it may be."""
        return (self.reason,) if isinstance(self.reason, str) else self.reason


class Proof(Part, frozen=True):
    """A plan and what must come of it."""

    plan: PlanName
    expect: Literal["win", "lose"]
    because: Because | None = None


class Head(Part, frozen=True):
    """What a level file says besides its scenario.

    `follows` is the slug of the level whose answer this one outgrows: the plan
    ``previous`` opens with what that level's reference plan left standing.
    """

    chapter: Name
    teaches: Annotated[tuple[Row, ...], Meta(max_length=20)] = ()
    follows: Slug | None = None
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
    follows: str | None = None

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
    level, complaints = examine(path)
    for complaint in complaints:
        raise complaint
    assert level is not None, "a level without a complaint was read"
    return level


def examine(path: Path) -> tuple[Level | None, list[Complaint]]:
    """A level and everything that is wrong with its file and its texts; None if it is not TOML."""
    path = path / "level.toml" if path.is_dir() else path
    findings, level = Findings(str(path)), None
    text, text_complaints = _read_texts(path.parent) if path.is_file() else ({}, [])
    try:
        values = decode_toml(read_text(path, "level"), str(path))
    except Complaint as complaint:
        findings.add(complaint)
    else:
        level = _level(values, path.parent, text, findings)
    return level, [*findings.complaints, *text_complaints]


def _level(
    values: dict[str, Any], folder: Path, text: dict[str, LevelText], findings: Findings
) -> Level:
    head_values = {key: values.pop(key) for key in Head.__struct_fields__ if key in values}
    head: Head = findings.read(head_values, Head)
    findings.also[""] = Head.__struct_fields__
    scenario = find_faults(values, findings, folder)
    level = Level(
        slug=scenario.slug,
        chapter=head.chapter,
        teaches=head.teaches,
        proofs=head.proofs,
        scenario=scenario,
        text=text,
        folder=folder,
        follows=head.follows,
    )
    _check_plans(level, findings)
    return level


def _check_plans(level: Level, findings: Findings) -> None:
    for index, proof in enumerate(level.proofs):
        _check_because(f"proofs[{index}]", proof, findings)
        path = f"proofs[{index}].plan"
        if proof.plan not in BUILT_IN_PLANS and not level.plan_path(proof.plan).is_file():
            what = f"no file 'plans/{proof.plan}.toml' beside the level"
            findings.complain(path, what, f"a plan, {', '.join(BUILT_IN_PLANS)}")
        if proof.plan == "previous" and level.follows is None:
            findings.complain(path, "the level follows no other", "follows = a level's slug")
    if level.follows is not None and followed_folder(level) is None:
        what = f"no level '{level.follows}'"
        findings.complain("follows", what, "one of the campaign, or a folder beside this one")


def followed_folder(level: Level) -> Path | None:
    """Where the level lies that `level` follows: beside it, or in the campaign."""
    wanted = re.compile(rf"(\d\d-)?{re.escape(level.follows or '')}")
    beside = level.folder.absolute().parent
    found = (f for home in (beside, FOLDER) for f in sorted(home.glob("*/level.toml")))
    folders = (path.parent for path in found)
    own = level.folder.absolute()
    return next((f for f in folders if wanted.fullmatch(f.name) and f != own), None)


def _read_texts(folder: Path) -> tuple[dict[str, LevelText], list[Complaint]]:
    """The texts of every language that there is one in, and what is wrong with them."""
    texts, complaints = {}, []
    for language in LANGUAGES:
        path = folder / f"text.{language}.md"
        if not path.exists():
            continue
        findings = Findings(str(path))
        try:
            found = _parts(read_text(path, "text", MAX_TEXT_BYTES), findings)
        except Complaint as complaint:
            findings.add(complaint)
        complaints += findings.complaints
        if not findings.complaints:
            texts[language] = msgspec.convert(found, LevelText)
    return texts, complaints


_SECTIONS = {"Briefing": "briefing", "Lesson": "lesson", "Won": "won", "Lost": "lost"}
"""Headings of a text file, the same in every language; besides them the hints."""

HINTS = 3
"""A nudge, a direction, the plain answer."""


def parse_text(text: str, where: str) -> LevelText:
    """A text file to its parts: title, a line of summary, then a section for each heading."""
    findings = Findings(where)
    parts = _parts(text, findings)
    findings.raise_first()
    return msgspec.convert(parts, LevelText)


def _parts(text: str, findings: Findings) -> dict[str, Any]:
    text = text.replace("\r\n", "\n")
    for number, line in enumerate(text.split("\n"), 1):
        if not line.isprintable():
            findings.complain(f"line {number}", "control characters", "printable text")
    opening, *sections = f"\n{text}".split("\n## ")
    title, _, summary = opening.strip().partition("\n")
    where = findings.where
    if not title.startswith("# ") or not summary.strip() or "\n" in summary.strip():
        expected = "'# Title' and one line of summary"
        findings.add(Complaint(where, "begins otherwise", expected))
    found: dict[str, Any] = {"title": title[2:].strip(), "summary": summary.strip(), "hints": []}
    for section in sections:
        heading, _, body = section.partition("\n")
        _add_section(found, heading.strip(), body.strip(), findings)
    if len(found["hints"]) != HINTS:
        what = f"has {len(found['hints'])} sections '## Hint'"
        expected = "three: where to look, what kind of thing, the plain answer"
        findings.add(Complaint(where, what, expected))
    for heading, field in _SECTIONS.items():
        if field not in found:
            what = f"has no section '## {heading}'"
            findings.add(Complaint(where, what, ", ".join(_SECTIONS)))
    return found


def _add_section(found: dict[str, Any], heading: str, body: str, findings: Findings) -> None:
    where = findings.where
    if not body:
        findings.add(Complaint(where, f"section '{heading}' is empty", "some text"))
    if heading == "Hint":
        found["hints"].append(body)
    elif heading not in _SECTIONS or _SECTIONS[heading] in found:
        what = f"section '{heading}' is unknown or there twice"
        findings.add(Complaint(where, what, "Briefing, Hint (three), Lesson, Won, Lost"))
    else:
        found[_SECTIONS[heading]] = body


def _check_because(path: str, proof: Proof, findings: Findings) -> None:
    if proof.because is None:
        if proof.expect == "lose":
            findings.complain(f"{path}.because", "is missing", "why this plan must lose")
        return
    for reason in proof.because.reasons:
        if reason not in REASONS:
            known = ", ".join(sorted(REASONS))
            findings.complain(
                f"{path}.because.reason", f"no reason '{reason[:40]}'", f"one of {known}"
            )
