"""What the command line prints for people: a run in a few lines, and tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import floor
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from engine.complaint import printable
from engine.frame import Frame, sum_counts
from engine.recording import Recording
from levels.level import Level
from tui.render.figures import clock
from tui.words import Words

if TYPE_CHECKING:  # listing the levels must not load the engine
    from engine.replay import Differs, Verified
    from engine.simulation import Result
    from levels.proof import Row
    from tui.doctor import Finding
    from tui.shelf import Best, SavedRun


def run_lines(level: Level, frame: Frame, result: "Result", wall_s: float) -> Iterator[str]:
    """How a run ended: verdict, requests, money, and what went wrong."""
    counts = sum_counts(list(frame.totals.values()))
    yield f"{level.slug}: {_verdict(frame, result.stars)} at {clock(frame.second)}"
    yield (
        f"  requests      {counts.demanded:,} demanded: {counts.good:,} good, {counts.late:,} late,"
        f" {counts.failed_total:,} failed, {counts.in_flight:,} in flight"
    )
    for reason, number in sorted(counts.failed.items(), key=lambda item: -item[1]):
        yield f"                {number:,} {_phrase(reason)}"
    window_s = level.scenario.objectives.window_s
    over = "" if window_s is None else f" over the last {window_s // 60} minutes"
    yield f"  error budget  {max(0.0, frame.goals.error_budget_left):.0%} left{over}"
    yield f"  money         {_money(frame)}"
    yield from _uncounted(frame, level.scenario.month_s)
    yield f"  digest        {result.digest}"
    yield f"  {frame.second:,} simulated seconds in {wall_s:.1f} s"


def _money(frame: Frame) -> str:
    money = frame.money
    spent = f"${money.spent_usd:,.2f} spent of ${money.budget_micro_usd / 1e6:,.2f}"
    if frame.sandbox is None:
        return spent
    if not frame.sandbox.bill:
        spent = f"the bill is off; {spent}"
    return f"{spent}; an hour is billed as a month, ${money.rate_month_usd:,.2f} for this board"


def _uncounted(frame: Frame, month_s: int) -> Iterator[str]:
    """What a real bill has besides: a budget that says so does not count transfer."""
    usd = frame.money.uncounted_micro_usd / 1e6
    if usd >= 0.005:
        month = ""
        if frame.second != month_s:
            month = f" so far, ${usd * month_s / frame.second:,.2f} a month at this rate"
        yield f"                and ${usd:,.2f} of transfer{month}, on the invoice but not in that"


def _verdict(frame: Frame, stars: int) -> str:
    verdict = frame.verdict
    assert verdict is not None
    if frame.sandbox is not None:
        return _phrase(verdict.cause)
    if verdict.won:
        return "won, " + "★" * stars
    because = verdict.because
    if because is None or because.reason == verdict.cause:
        main = f" ({because.at})" if because and because.at else ""
    else:
        main = f": mostly {_phrase(because.reason)} at {because.at}"
    return f"lost, {_phrase(verdict.cause)}{main}"


def level_lines(levels: Iterable[Level], language: str) -> Iterator[str]:
    """The campaign: slug, title and what a level is about; then the two that grow by a seed."""
    from datetime import datetime

    texts = ((level.slug, level.words(language)) for level in levels)
    listed = [(slug, text.title, text.summary) for slug, text in texts]
    words, day = Words(language), f"{datetime.now():%Y-%m-%d}"
    for name in ("endless", "daily"):
        listed.append((name, words.say(f"menu.{name}"), words.say(f"menu.{name}_what", day=day)))
    return table(listed)


def proof_lines(rows: Sequence["Row"]) -> Iterator[str]:
    """A proof's runs with their margins."""
    head = ("level", "plan", "seed", "came out", "because", "money left", "errors left", "lost by")
    yield from table([(*head, ""), *map(_proof_row, rows)])


def left_out_lines(rows: Sequence["Row"], words: Words) -> Iterator[str]:
    """Steps of plans that did nothing, each once however many seeds it met."""
    from tui.pages import refusal_text

    seeds: dict[tuple[str, str, int, str], list[int]] = {}
    for row in rows:
        for left in row.left_out:
            why = "never came"
            if left.refused is not None and left.second is not None:
                why = f"refused at {clock(left.second)}: {refusal_text(words, left.refused)}"
            place = f"{row.level} {row.plan}", f"steps[{left.step}] {left.do}", left.step
            seeds.setdefault((place[0], place[1], place[2], why), []).append(row.seed)
    if not seeds:
        return
    yield ""
    yield "steps that did nothing"
    for (plan, step, _, why), met in seeds.items():
        of = f"seed {met[0]}" if len(met) == 1 else f"{len(met)} runs"
        yield printable(f"  {plan}: {step}, {of}: {why}")


def _percent(share: float) -> str:
    """Never more than there is: 4.97 % is less than the 5 % that are wanted, and must look so."""
    return f"{floor(round(share * 1000, 6)) / 10:.1f}%" if share > 0 else f"{share:.1%}"


def proof_summary(rows: Sequence["Row"]) -> Iterator[str]:
    """A line for each level with its narrowest margins, then one for the whole table."""
    levels = dict.fromkeys(row.level for row in rows)
    head = ("level", "runs", "money left", "errors left", "lost by", "")
    yield ""
    yield from table([head, *(_level_row([r for r in rows if r.level == one]) for one in levels)])
    wrong = sum(bool(row.problem) for row in rows)
    said = "all as they must be" if not wrong else f"{wrong} WRONG"
    yield ""
    yield f"{_number(len(levels), 'level')}, {_number(len(rows), 'run')}, {said}"


def _level_row(rows: Sequence["Row"]) -> tuple[str, ...]:
    """The least that any run of a level had to spare."""
    won = [row for row in rows if row.won]
    lost = [row.margin for row in rows if not row.won]
    wrong = sum(bool(row.problem) for row in rows)
    return (
        rows[0].level,
        str(len(rows)),
        _percent(min(row.money_left for row in won)) if won else "",
        _percent(min(row.error_budget_left for row in won)) if won else "",
        _percent(min(lost)) if lost else "",
        f"{wrong} WRONG" if wrong else "ok",
    )


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("s" if number != 1 else "")


def _proof_row(row: "Row") -> tuple[str, ...]:
    because = row.cause if row.won else _because(row)
    return (
        row.level,
        f"{row.plan} {row.variant}".strip(),
        str(row.seed),
        _came_out(row),
        _phrase(because),
        _percent(max(0.0, row.money_left)),
        _percent(max(0.0, row.error_budget_left)),
        "" if row.won else _percent(row.margin),
        "ok" if not row.problem else f"WRONG: {row.problem}",
    )


def _came_out(row: "Row") -> str:
    if not row.ended_s:
        return "no run"
    return f"{'won ' + '★' * row.stars if row.won else 'lost'} at {clock(row.ended_s)}"


def _because(row: "Row") -> str:
    return f"{row.cause}: {row.reason} {row.at}".strip() if row.reason else row.cause


def verified_line(outcome: "Verified", recording: Recording) -> str:
    """A recording came out the same, as far as it goes."""
    same = f"verified: all {outcome.frames:,} frames came out the same, digest {outcome.digest}"
    whole = recording.result is not None
    cut = "" if whole else f"; cut off at {clock(recording.frames[-1].second)}"
    return same + cut + _versions(outcome.versions)


def differs_line(outcome: "Differs") -> str:
    """A recording came out otherwise, and where first."""
    return printable(
        f"differs at {clock(outcome.second)} in {outcome.field}: "
        f"recorded {outcome.recorded}, now {outcome.again}{_versions(outcome.versions)}"
    )


def _versions(notes: Iterable[str]) -> str:
    return printable("".join(f"; {note}" for note in notes))


def ending_line(recording: Recording, words: Words) -> str:
    """Which run it was, how far it went, and by what it ended."""
    verdict = recording.frames[-1].verdict
    key = f"causes.{verdict.cause}" if verdict else ""
    by = f": {words.say(key)}" if words.knows(key) else ""
    return f"{printable(recording.header.slug)} {clock(recording.frames[-1].second)}{by}"


def story_lines(recording: Recording, words: Words) -> Iterator[str]:
    """What was tight, what happened and was done, and what would have helped."""
    from engine.explain import explain
    from tui.explanations import now_lines, remedy_lines
    from tui.recorded import recorded_facts
    from tui.timeline import timeline, timeline_lines, told_in

    frames, facts = tuple(recording.frames), recorded_facts(recording)
    explanation = explain(frames, facts.known)
    yield from now_lines(explanation, words, facts.duration_s)
    if not explanation.bursts:
        yield words.say("explain.calm")
    yield ""
    yield from timeline_lines(timeline(told_in(frames), explanation, words), words)
    remedies = remedy_lines(explanation, words)
    yield from ["", *remedies] if remedies else []


def compared_lines(recording: Recording, words: Words, own: Level | None = None) -> Iterator[str]:
    """The run beside the reference plan's on the same traffic, which is played now.

    `own` is the recorded level where it lies, if that is none of the campaign's.
    """
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from tui.compare import done_table, figures_table, main_difference
    from tui.progress import progress
    from tui.resume import recorded_level
    from tui.rival import Side, rival_of, traffic_name, why_no_rival
    from tui.timeline import told_in

    with TemporaryDirectory() as folder:
        level = own or recorded_level(recording, Path(folder))
        rival = rival_of(level, recording.header.seed)
        yield ""
        if rival is None:
            why = "compare.no_plan" if own else why_no_rival(level)
            yield words.say(why, file=traffic_name(level.scenario))
            return
        with progress(level.slug, level.scenario.duration_s) as show:
            while not rival.over:
                rival.advance()
                show(rival.history.second)
    frame = recording.frames[-1]
    done = tuple(step for step in told_in(recording.frames) if step[1].by == "player")
    mine, theirs = Side(frame, frame.verdict.stars if frame.verdict else 0, done), rival.side
    heads = (words.say("compare.you"), words.say("compare.reference"))
    yield main_difference(mine, theirs, words)
    yield from table([("", *heads), *figures_table(mine, theirs, words)])
    yield ""
    yield words.say("compare.done")
    yield from table([("", heads[0], "", heads[1]), *done_table(mine, theirs, words)])


def runs_lines(runs: Sequence["SavedRun"], bests: Mapping[str, "Best"]) -> Iterator[str]:
    """The saved runs, newest first, and the best of each level."""
    if not runs:
        yield "no saved runs yet; headroom play records every run"
        return
    head = ("level", "began", "seed", "came out", "size", "file")
    yield from table([head, *map(_run_row, runs)])
    rows = [
        (slug, "★" * best.stars, f"${best.spent_micro_usd / 1e6:.2f} spent", f"seed {best.seed}")
        for slug, best in bests.items()
    ]
    if rows:
        yield ""
        yield "bests"
        yield from table(rows)


def _run_row(run: "SavedRun") -> tuple[str, ...]:
    try:
        size = f"{run.path.stat().st_size / 1e6:.2f} MB"
    except OSError:
        size = ""
    seed = "" if run.trouble else str(run.seed)
    shown = (run.slug, run.started_at, seed, _ended(run), size, str(run.path))
    return tuple(printable(cell, 200) for cell in shown)


def _ended(run: "SavedRun") -> str:
    ending = run.ending
    if run.trouble:
        return f"broken: {run.trouble}"
    if ending is None:
        return "cut off" if run.second is None else f"cut off at {clock(run.second)}"
    how = {"won": f"won {'★' * ending.stars}", "lost": "lost", "over": "over"}[run.came_out]
    score = "" if ending.score is None else f", score {ending.score:,}"
    return f"{how} at {clock(ending.second)}{score}"


def finding_lines(findings: Sequence["Finding"]) -> Iterator[str]:
    """What the doctor looked at, with what to do about it."""
    return table((f.what, f.found, f"<- {f.problem}" if f.problem else "") for f in findings)


def table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows as aligned lines; widths are in cells, for Hangul takes two."""
    listed = [list(row) for row in rows]
    widths = [max(map(_cells, column)) for column in zip(*listed, strict=True)]
    for row in listed:
        padded = (c + " " * (w - _cells(c)) for c, w in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _phrase(name: str) -> str:
    return name.replace("_", " ")


def _cells(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
