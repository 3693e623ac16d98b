"""Exports: each says what the recording holds, and nothing in them can harm a terminal."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from engine.complaint import Complaint
from engine.frame import Frame, sum_counts
from engine.recording import CommandLine, Header, LevelText, Recording, read_recording
from engine.recording_lines import Frames
from tests.little_terminal import LittleTerminal
from tests.pictures import HOSTILE, hostile
from tui.cli import BAD_INPUT, WON, run
from tui.export.ansi import CLEAR, changes
from tui.export.cells import Cell, Row, cells_of
from tui.export.document import Given
from tui.export.kinds import KINDS, Wish, maker_of, read_size, read_speed
from tui.export.screen import Screen
from tui.export.series import FIXED, MAX_COLUMNS
from tui.render.status import Pace
from tui.words import LANGUAGES, Words

ROOT = Path(__file__).parent.parent

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recorded run in which things are moved and requests fail."""
    found = tmp_path_factory.mktemp("runs") / "a.headroom"
    run(["run", "scale-up", "--plan", "watchful", "--record", str(found)])
    return found


@pytest.fixture(scope="module")
def recording(path: Path) -> Recording:
    return read_recording(path)


@pytest.fixture(scope="module")
def moving(recording: Recording) -> Recording:
    """The minutes in which the machine is exchanged."""
    frames = recording.frames
    assert isinstance(frames, Frames)
    return msgspec.structs.replace(recording, frames=frames[690:760])


def exported(kind: str, recording: Recording, language: str = "en", **wishes: Any) -> list[str]:
    wish = Wish(Words(language), **wishes)
    return list(maker_of(kind)(recording, wish, lambda second: None))


def table(lines: list[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("\n".join(lines))))


def test_the_sums_of_the_csv_are_the_totals_of_the_run(recording: Recording) -> None:
    rows = table(exported("csv", recording))
    last = recording.frames[-1]
    total = sum_counts(list(last.totals.values()))
    assert [int(row["second"]) for row in rows] == [frame.second for frame in recording.frames]
    for name in ("demanded", "good", "late", "attempts"):
        assert sum(int(row[name]) for row in rows) == getattr(total, name)
    assert sum(int(row["failed"]) for row in rows) == total.failed_total > 0
    assert int(rows[-1]["in_flight"]) == total.in_flight
    for reason, number in total.failed.items():
        assert sum(int(row[f"failed/{reason}"] or 0) for row in rows) == number
    assert float(rows[-1]["spent_usd"]) == pytest.approx(last.money.spent_usd, abs=1e-6)


def test_every_row_has_every_column_and_stations_that_stand_a_figure(recording: Recording) -> None:
    lines = exported("csv", recording)
    rows = list(csv.reader(lines))
    assert tuple(rows[0][: len(FIXED)]) == FIXED
    assert {len(row) for row in rows} == {len(rows[0])}
    for frame, row in zip(recording.frames, table(lines), strict=True):
        shown = {name.partition("/")[2]: cell for name, cell in row.items()
                 if name.startswith("utilization/") and cell}  # fmt: skip
        assert {k: float(v) for k, v in shown.items()} == {
            s.id: round(s.utilization, 4) for s in frame.stations
        }
        for name, latency in frame.latency.items():
            if latency.answered:
                assert float(row[f"p99_ms/{name}"]) == latency.p99_ms


def test_a_cell_without_a_figure_is_empty(recording: Recording) -> None:
    rows = table(exported("csv", recording))
    silent = [frame.goals.p95_ms == 0 for frame in recording.frames]
    assert any(silent)
    assert [row["p95_ms"] == "" for row in rows] == silent
    assert [row["expected_rps"] == "" for row in rows] == [False] * (len(rows) - 1) + [True]
    for frame, row in zip(recording.frames, rows, strict=True):
        for name, latency in frame.latency.items():
            assert (row[f"p95_ms/{name}"] == "") == (latency.p99_ms == 0 == latency.answered)


def test_a_run_writes_the_same_csv_as_its_recording(tmp_path: Path) -> None:
    record, sheet = tmp_path / "b.headroom", tmp_path / "b.csv"
    run(["run", "first-server", "--record", str(record), "--csv", str(sheet)])
    assert run(["export", str(record), "--to", "csv", "-o", str(tmp_path / "c.csv")]) == WON
    assert sheet.read_bytes() == (tmp_path / "c.csv").read_bytes()


def test_nobody_has_won_free_play_in_either_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "free.headroom"
    command = ["sandbox", "one-box", "--run", "--duration", "60", "--json"]
    assert run([*command, "--record", str(record)]) == WON
    printed = json.loads(capsys.readouterr().out)
    document = json.loads("".join(exported("json", read_recording(record))))
    assert printed["verdict"] == document["result"]["verdict"]
    assert printed["verdict"]["won"] is None


def test_the_document_holds_the_result_the_commands_and_the_table(recording: Recording) -> None:
    document = json.loads("".join(exported("json", recording, "ko")))
    assert list(document) == ["format", "run", "result", "commands", "series"]
    assert (document["run"]["slug"], document["run"]["seed"]) == ("scale-up", recording.header.seed)
    assert document["run"]["title"] == recording.header.text["ko"].title
    assert document["result"] == recording.result
    given = msgspec.convert(document["commands"], list[Given])
    assert [line.command for line in given] == [line.command for line in recording.commands]
    columns, rows = document["series"]["columns"], document["series"]["rows"]
    assert {len(row) for row in rows} == {len(columns)}
    sheet = table(exported("csv", recording))
    for row, cells in zip(sheet, rows, strict=True):
        assert row == {k: "" if v is None else str(v) for k, v in zip(columns, cells, strict=True)}


def test_a_run_that_was_cut_off_has_no_result(moving: Recording) -> None:
    cut = msgspec.structs.replace(moving, result=None, commands=())
    document = json.loads("".join(exported("json", cut)))
    assert document["result"] is None
    assert document["commands"] == []


def played(lines: list[str]) -> tuple[dict[str, Any], list[tuple[float, str, str]]]:
    """A cast, read by the rules of asciicast version 2."""
    header = json.loads(lines[0])
    assert header["version"] == 2
    assert all(type(header[name]) is int and header[name] > 0 for name in ("width", "height"))
    assert type(header.get("timestamp", 0)) is int
    assert type(header.get("idle_time_limit", 1.0)) is float
    assert all(isinstance(value, str) for value in header["env"].values())
    events = [json.loads(line) for line in lines[1:]]
    for at_s, code, data in events:
        assert type(at_s) is float
        assert at_s >= 0
        assert code in ("o", "m")
        assert isinstance(data, str)
    assert all(a[0] <= b[0] for a, b in pairwise(events))
    return header, [tuple(event) for event in events]


def dressed(style: Style) -> tuple[object, object, bool]:
    ink = tuple(style.color.triplet) if style.color and style.color.triplet else None
    ground = tuple(style.bgcolor.triplet) if style.bgcolor and style.bgcolor.triplet else None
    return ink, ground, bool(style.bold)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 50)])
def test_a_terminal_shows_each_picture_as_it_was_drawn(
    moving: Recording, language: str, size: tuple[int, int]
) -> None:
    header, events = played(exported("cast", moving, language, size=size, speed=20.0))
    assert (header["width"], header["height"]) == size
    terminal, screen = LittleTerminal(*size), Screen(moving, Words(language), size)
    screens = [data for _, code, data in events if code == "o"]
    assert screens[0] == CLEAR
    terminal.send(screens[0])
    pictures = 0
    for tick, sent in enumerate(screens[1:-1]):
        frame = moving.frames[min(tick * 5, len(moving.frames) - 1)]
        strips = screen.draw(frame, Pace("20×", paused=False), tick)
        terminal.send(sent)
        assert terminal.rows() == [strip.text for strip in strips]
        wanted = [[(c.text, dressed(c.style)) for c in cells_of(strip)] for strip in strips]
        assert terminal.cells == wanted
        assert not terminal.cursor
        pictures += 1
    assert pictures == 1 + -(-(len(moving.frames) - 1) // 5)
    terminal.send(screens[-1])
    assert terminal.cursor


def test_a_cast_keeps_time_and_marks_what_was_done(recording: Recording) -> None:
    _, events = played(exported("cast", recording, speed=60.0))
    assert events[-1][0] == pytest.approx(recording.frames[-1].second / 60, abs=0.25)
    moves = [(round(at_s * 60), data) for at_s, code, data in events if code == "m"]
    given = [line.second for line in recording.commands]
    assert moves[0][1].startswith("stopping web-1")
    assert len(moves) == len(given)
    assert all(0 <= at - second <= 16 for (at, _), second in zip(moves, given, strict=True))


def test_a_cast_sends_what_changed_and_no_more(moving: Recording) -> None:
    _, events = played(exported("cast", moving))
    first, *later = [len(data) for _, code, data in events if code == "o"][1:-1]
    assert sum(later) / len(later) < first / 5


WIDE_TEXT = st.text(alphabet="ab 가나█▁·", max_size=24)
STYLES = st.sampled_from([Style(color="#ff0000", bgcolor="#000001", bold=b) for b in (True, False)])


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """A row of eighteen cells."""
    row: Row = []
    for character in draw(WIDE_TEXT):
        style, size = draw(STYLES), cell_len(character)
        if len(row) + size <= 18:
            row += [Cell(character, style), *[Cell("", style)] * (size - 1)]
    return row + [Cell(" ", draw(STYLES))] * (18 - len(row))


@given(
    before=st.lists(rows(), min_size=2, max_size=2), after=st.lists(rows(), min_size=2, max_size=2)
)
def test_any_screen_becomes_any_other(before: list[Row], after: list[Row]) -> None:
    terminal = LittleTerminal(18, 2)
    terminal.send(CLEAR + changes([[], []], before))
    terminal.send(changes(before, after))
    assert terminal.cells == [[(c.text, dressed(c.style)) for c in row] for row in after]
    assert changes(after, after) == ""


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_svg_holds_every_letter_as_wide_as_its_cells(moving: Recording, language: str) -> None:
    second = moving.frames[20].second
    text = "\n".join(exported("svg", moving, language, second=second, size=(100, 30)))
    assert text.count("http") == text.count("http://www.w3.org/2000/svg") == 1
    assert "url(" not in text
    strips = Screen(moving, Words(language), (100, 30)).draw(
        moving.frames[20], Pace("1×", paused=True), second
    )
    shown: dict[float, list[str]] = {}
    for letters in ElementTree.fromstring(text).iter(f"{SVG}text"):
        said = (letters.text or "").replace("\xa0", " ")
        assert float(letters.attrib["textLength"]) == pytest.approx(9.6 * cell_len(said))
        shown.setdefault(float(letters.attrib["y"]), []).append(said)
    wanted = ["".join(strip.text.split()) for strip in strips]
    assert ["".join("".join(row).split()) for row in shown.values()] == [w for w in wanted if w]


def test_the_last_second_is_drawn_when_none_is_named(recording: Recording) -> None:
    assert "30:00 of 30:00" in "".join(exported("svg", recording)).replace("&#160;", " ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_fits_and_says_how_it_went(recording: Recording, language: str) -> None:
    lines = exported("card", recording, language)
    assert max(map(cell_len, lines)) <= 60
    assert recording.header.text[language].title in lines[0]
    assert str(recording.header.seed) in lines[1]
    assert lines[1].count("★") == (recording.result or {})["stars"]
    assert lines[-1] == f"headroom play scale-up --seed {recording.header.seed}"
    traffic, bad = lines[3:5]
    assert "█" in traffic
    assert traffic.endswith("/s")
    assert "█" in bad
    assert bad.startswith(Words(language).say("card.bad"))


def test_a_card_of_a_run_that_was_left_says_so(moving: Recording) -> None:
    cut = msgspec.structs.replace(moving, result=None)
    assert "☆☆☆ left at" in exported("card", cut)[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_has_room_for_thousands_of_requests(recording: Recording, language: str) -> None:
    frame = recording.frames[-1]
    crowd = {name: msgspec.structs.replace(c, demanded=4_999) for name, c in frame.counts.items()}
    crowded = msgspec.structs.replace(frame, counts=crowd)
    lines = exported("card", msgspec.structs.replace(recording, frames=(crowded,)), language)
    assert lines[3].endswith("9,998/s")


def hostile_recording(frame: Frame) -> Recording:
    """A recording, made past the reader, in which every name would do harm."""
    text = LevelText(f"{HOSTILE}<b>&'\"", "", "", (), "", "", "")
    values = {
        "do": f"=1+{HOSTILE}",
        "a b": [HOSTILE, 1, True, 0.5],
        "c": {HOSTILE: None},
        "n": None,
    }
    outcome = msgspec.convert({"outcome": "accepted"}, type=CommandLine.__annotations__["outcome"])
    return Recording(
        header=Header(1, HOSTILE, HOSTILE, HOSTILE, HOSTILE, {}, 7, HOSTILE, {"en": text},
                      {HOSTILE: HOSTILE}),
        commands=(CommandLine(3, values, outcome),),
        frames=(frame, msgspec.structs.replace(frame, second=6)),
        result={"stars": HOSTILE, HOSTILE: [HOSTILE]},
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_can_move_the_cursor(kind: str, language: str) -> None:
    recording = hostile_recording(hostile()[0])
    lines = exported(kind, recording, language)
    assert [line for line in lines if not line.isprintable()] == []
    if kind == "cast":
        terminal = LittleTerminal(120, 40)
        for _, code, data in played(lines)[1]:
            if code == "o":
                terminal.send(data)
            else:
                assert data.isprintable()
    if kind == "svg":
        ElementTree.fromstring("\n".join(lines))
    if kind == "json":
        json.loads("".join(lines))
    if kind == "csv":
        assert not any(cell.startswith("=") for row in csv.reader(lines) for cell in row)
    if kind == "card":
        assert max(map(cell_len, lines)) <= 60


def test_cells_hold_nothing_but_cells() -> None:
    style = Style(color="#ff0000")
    row = cells_of(Strip([Segment(f"a{HOSTILE}\x9bb", style)]))
    assert all(cell.text.isprintable() and cell_len(cell.text) <= 2 for cell in row)
    assert "".join(cell.text for cell in row).startswith("ae [31m   한글 ")
    assert [cell.text for cell in row].count("") == 4


def test_no_cell_is_a_formula(recording: Recording) -> None:
    frame = recording.frames[5]
    worst = msgspec.structs.replace(frame.stations[0], id='=HYPERLINK("x")', utilization=1.0)
    bad = msgspec.structs.replace(frame, stations=(worst,))
    lines = exported("csv", msgspec.structs.replace(recording, frames=(bad,)))
    assert table(lines)[0]["tightest"] == '\'=HYPERLINK("x")'


def test_a_recording_with_too_many_stations_is_no_table(recording: Recording) -> None:
    frame = recording.frames[5]
    first = frame.stations[0]
    many = tuple(msgspec.structs.replace(first, id=f"x-{n}/cpu") for n in range(MAX_COLUMNS))
    crowded = msgspec.structs.replace(frame, stations=many)
    with pytest.raises(Complaint, match="too many columns"):
        exported("csv", msgspec.structs.replace(recording, frames=(crowded,)))


def test_it_writes_a_file_whole_and_never_over_another(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "card.txt"
    ask = ["export", str(path), "--to", "card", "-o", str(out)]
    assert run(ask) == WON
    said = out.read_text(encoding="utf-8")
    out.write_text("mine")
    assert run(ask) == BAD_INPUT
    assert out.read_text() == "mine"
    assert run([*ask, "--force"]) == WON
    assert out.read_text(encoding="utf-8") == said
    assert sorted(tmp_path.iterdir()) == [out]


def test_a_bar_on_a_terminal_leaves_what_is_piped_alone(path: Path, recording: Recording) -> None:
    ours, theirs = pty.openpty()
    program = "from tui.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "export", str(path), "--to", "csv"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, check=True,
    )  # fmt: skip
    assert "csv" in os.read(ours, 100_000).decode()
    assert done.stdout.decode().splitlines() == exported("csv", recording)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--to", "gif"],
            "--to: no export 'gif'; expected one of cast, svg, csv, json, plan, card",
        ),
        (["--to", "cast", "--size", "79x24"], "--size: '79x24'; expected 80x24 to 300x100"),
        (["--to", "cast", "--size", "wide"], "--size: 'wide'"),
        (["--to", "cast", "--speed", "nan"], "--speed: nan; expected 0.1 to 3600"),
        (["--to", "svg", "--second", "1801"], "--second: the run has no second 1801"),
        (["--to", "svg", "--lang", "fr"], "--lang: no language 'fr'"),
        (["--to", "card", "-o", "no/such/folder/card"], "cannot be written"),
        (["--to", "card", "-o", "."], "is there already"),
        ([], "Missing option '--to'"),
    ],
)
def test_bad_input_is_told_in_one_line(
    path: Path, arguments: list[str], said: str, capsys: Captured
) -> None:
    assert run(["export", str(path), *arguments]) == BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


def test_the_recording_itself_is_never_written_over(path: Path, capsys: Captured) -> None:
    before = path.read_bytes()
    assert run(["export", str(path), "--to", "card", "-o", str(path), "--force"]) == BAD_INPUT
    assert "is the recording itself" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_bounds_of_sizes_and_speeds() -> None:
    assert read_size("120x40") == (120, 40)
    assert read_size("300×100") == (300, 100)
    assert read_speed(0.1) == 0.1
    for bad in ("120", "x", "120x40x2", "-80x24", "1200x40"):
        with pytest.raises(Complaint):
            read_size(bad)


def test_exporting_needs_no_engine() -> None:
    program = "import sys, tui.export.kinds; sys.exit(any(m in sys.modules for m in {}))"
    for kind, absent in (("", "('numpy', 'simpy')"), ("headless", "('rich', 'textual')")):
        names = program.format(absent)
        if kind:
            names = names.replace("tui.export.kinds", "tui.headless")
        assert subprocess.run([sys.executable, "-c", names], cwd=ROOT, check=False).returncode == 0
