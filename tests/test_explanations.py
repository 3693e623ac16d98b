"""An explanation in sentences: every cause and hint has words, and the answer comes last."""

from io import StringIO

import pytest
from rich.console import Console, Group, RenderableType
from textual.app import App
from textual.containers import VerticalScroll
from textual.widgets import Static

from engine.explain import REMEDIES, Burst, Cause, Evidence, Explanation, Limit, Outlook, Tight
from tui.costs import IN_VAIN
from tui.desk import Desk
from tui.explanations import (
    HINT_STEPS,
    MOST_BURSTS,
    burst_reasons,
    causes,
    explanation_lines,
    hints,
    now_lines,
    present_cause,
)
from tui.hints import Hints
from tui.screens.debrief import PAGES
from tui.screens.hint import HintScreen
from tui.story import bursts_part, explanation_page, level_hints_part, remedies_part
from tui.words import LANGUAGES, Words

FULL = Evidence("web-1/cpu", 1.0, 31, 700)


def burst(cause: Cause, from_s: int = 700, count: int = 40, reason: str = "late") -> Burst:
    at = "web-1"
    return Burst(from_s, from_s + 60, reason, at, count, cause, FULL, REMEDIES[cause])


def drawn(page: RenderableType) -> str:
    console = Console(width=80, file=StringIO())
    console.print(page)
    text = console.file
    assert isinstance(text, StringIO)
    return text.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", Cause)
def test_hints_go_from_gentle_to_plain_and_the_answer_is_the_last(
    cause: Cause, language: str
) -> None:
    words = Words(language)
    plain = words.say(f"explain.hint_{REMEDIES[cause][-1]}")
    for steps in range(HINT_STEPS):
        assert len(hints(cause, steps, words)) == steps
        assert plain not in [hint for _, hint in hints(cause, steps, words)]
    assert hints(cause, HINT_STEPS, words)[-1] == (HINT_STEPS, plain)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_known_is_said(language: str) -> None:
    tight = Tight(FULL, 0.93, Cause.CPU_FULL)
    found = Explanation(tight, (burst(Cause.CPU_FULL), burst(Cause.BOOTING, 0, 7, "no_target")))
    words = Words(language)
    said = "\n".join(explanation_lines(found, words))
    for part in ("web-1 CPU", "11:40", "12:40", "40", words.say("explain.hint_resize")):
        assert part in said
    without = explanation_lines(found, words, hint_steps=0)
    assert words.say("explain.hint_look_at_cpu") not in "\n".join(without)


def test_a_calm_run_says_so_and_a_tight_one_warns_before_anything_failed() -> None:
    words = Words("en")
    assert words.say("explain.calm") in explanation_lines(Explanation(None, ()), words)
    assert causes(Explanation(None, ())) == []
    tight = Explanation(Tight(Evidence("vol-1/io", 0.9, 0, 5), 0.5, Cause.VOLUME_FULL), ())
    assert causes(tight) == [Cause.VOLUME_FULL]
    assert present_cause(tight) == Cause.VOLUME_FULL


@pytest.mark.parametrize(("used", "full"), [(0.88, False), (0.97, True)])
def test_nothing_is_called_full_that_is_only_tight(used: float, full: bool) -> None:
    words = Words("en")
    tight = Tight(Evidence("db-1/cpu", used, 2, 5), 0.5, Cause.MASTER_READS)
    said = "\n".join(explanation_lines(Explanation(tight, (), Outlook(90.0, 6.0, None)), words))
    assert (words.say("explain.cause_master_reads") in said) == full
    assert (words.say("explain.against_soon") in said) != full
    assert words.say("explain.hint_make_replicas") in said


async def test_a_hint_about_what_is_tight_calls_nothing_full() -> None:
    desk, tight = Desk(Words()), Tight(Evidence("db-1/cpu", 0.88, 2, 5), 0.5, Cause.MASTER_READS)
    app: App[None] = App()
    async with app.run_test(size=(80, 24)):
        await app.push_screen(HintScreen(desk, Hints(taken=3), (), Explanation(tight, ())))
        shown = app.screen.query_one(Static).content
        assert isinstance(shown, Group)
        page = drawn(shown)
        assert desk.say("hints.soon") in page
        assert "88% busy" in page
        assert desk.say("explain.cause_master_reads") not in page


def test_of_many_bursts_the_worst_are_listed_in_order_of_time() -> None:
    many = tuple(burst(Cause.CPU_FULL, second * 100, second + 1) for second in range(30))
    ended = Explanation(None, many, second=9_999, over=True)
    lines = explanation_lines(ended, Words("en"), hint_steps=0)
    assert "and more, smaller ones: 18" in lines[-1]
    heads = [line for line in lines if "× late" in line]
    assert len(heads) == MOST_BURSTS
    assert "30 × late" in heads[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_draws_each_burst_on_a_line_of_time(language: str) -> None:
    desk = Desk(Words(language))
    found = Explanation(Tight(FULL, 0.9), (burst(Cause.CPU_FULL, 900), burst(Cause.CRASHED, 0)))
    text = drawn(explanation_page(desk, found, 1_000, 1_800))
    assert "·" * 10 + "■" + "·" * 9 in text
    assert "■" + "·" * 19 in text
    beyond = drawn(bursts_part(desk, Explanation(None, (burst(Cause.CPU_FULL, 10**9),)), 60))
    assert "·" * 19 + "■" in beyond


FIGURES: dict[Cause, dict[str, str | int | float]] = {
    Cause.SHARED_CPU: {"id": "web-1", "roles": "web, db", "classes": "page 80%, order 20%"},
    Cause.FILES_CROWD: {
        "id": "vol-1",
        "percent": 93,
        "files": "film",
        "file_ms": 46.0,
        "other": "page",
        "other_ms": 1.0,
    },
    Cause.FILES_CPU: {
        "id": "web-1",
        "percent": 51,
        "files": "film",
        "file_ms": 118.9,
        "other": "page",
        "other_ms": 7.5,
    },
    Cause.COPYING: {
        "role": "files",
        "source": "vol-1",
        "target": "photos",
        "gb": 40.0,
        "copied": 12.5,
        "until": 905.4,
    },
    Cause.DISK_SPACE: {"id": "vol-1", "used": 40.0, "gb": 40},
    Cause.DATABASE_SPACE: {"id": "orders", "used": 20.0, "gb": 20},
    Cause.BUCKET_RATE: {
        "id": "photos",
        "prefixes": 1,
        "reads_s": 5500,
        "reads_max_s": 5500,
        "writes_s": 12,
        "writes_max_s": 3500,
        "slowed_s": 1204,
    },
    **{
        cause: {
            "id": "carts",
            "rcu": 200,
            "wcu": 100,
            "used_rcu": 80.5,
            "used_wcu": 100.0,
            "partitions": 4,
            "throttled_s": 37,
            "percent": 100,
        }
        for cause in (Cause.TABLE_CAPACITY, Cause.TABLE_HOT, Cause.TABLE_GROWTH)
    },
    Cause.CONNECTIONS_FULL: {
        "id": "orders",
        "connections": 650,
        "most": 650,
        "since": 724,
        "callers": 1,
    },
    Cause.DATABASE_CPU: {"id": "orders", "type": "db.m5.large", "vcpus": 2},
    Cause.DATABASE_CREDITS: {"id": "orders", "type": "db.t3.small"},
    Cause.DATABASE_IO: {"id": "orders", "iops": 3000, "gb": 20},
    Cause.DATABASE_FAILING_OVER: {"id": "orders", "since": 724, "until": 800},
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", FIGURES)
def test_a_cause_is_said_with_its_figures(cause: Cause, language: str) -> None:
    found = Burst(724, 800, "late", "x", 318, cause, None, REMEDIES[cause], FIGURES[cause])
    cause_said, figures_said = burst_reasons(found, Words(language))
    assert cause_said != figures_said
    assert str(FIGURES[cause]["id" if "id" in FIGURES[cause] else "source"]) in figures_said


def test_connections_that_ran_out_are_told_with_their_number_and_the_second() -> None:
    cause = Cause.CONNECTIONS_FULL
    figures = FIGURES[cause]
    found = Burst(724, 800, "too_many_connections", "orders", 318, cause, None, (), figures)
    assert burst_reasons(found, Words("en"))[1] == (
        "db orders: 650 of 650 connections since 12:04;"
        " 318 requests were turned away with error 1040."
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["station", "space", "credits", "connections", "money"])
def test_what_breaks_first_is_said_with_when_and_at_which_rate(kind: str, language: str) -> None:
    limit = Limit(kind, "" if kind == "money" else "web-1/cpu", 0.6, 1.0, 1_000)
    calm = Tight(Evidence("web-1/cpu", 0.5, 0, 5), 0.5)
    found = Explanation(calm, (), Outlook(100.0, 12.0, limit, 160.0), 600)
    words = Words(language)
    said = "\n".join(now_lines(found, words, 1_800))
    for part in ("50%", "200", "16:40", "160"):
        assert part in said
    after = "\n".join(now_lines(found, words, 900))
    assert "16:40" not in after
    assert after.count("\n") == 2


def test_hints_are_taken_one_at_a_time_and_each_trouble_has_its_own() -> None:
    hints_taken = Hints()
    for number in (1, 2, 3):
        assert hints_taken.take(3, None)
        assert hints_taken.taken == number
    assert not hints_taken.take(3, None)
    assert hints_taken.take(3, Cause.CPU_FULL)
    assert hints_taken.plainness == {Cause.CPU_FULL: 1}
    assert hints_taken.taken == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_hints_page_shows_what_was_taken_and_no_more(language: str) -> None:
    desk, taken = Desk(Words(language)), Hints()
    taken.take(3, Cause.CPU_FULL)
    level = ("look at **vol-1**", "a `gp3`", "*change* it")
    page = drawn(level_hints_part(desk, level, taken.taken))
    assert "look at vol-1" in page
    assert "gp3" not in page
    remedies = drawn(remedies_part(desk, "hints.now", "it is full", Cause.CPU_FULL, taken))
    assert desk.say("explain.hint_look_at_cpu") in remedies
    assert desk.say("explain.hint_resize") not in remedies


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_that_is_put_together_has_words(language: str) -> None:
    words = Words(language)
    needed = [f"explain.cause_{cause}" for cause in Cause]
    needed += [f"explain.hint_{name}" for remedies in REMEDIES.values() for name in remedies]
    needed += [f"hints.keys_{given}" for given in range(HINT_STEPS + 1)]
    needed += [f"hints.remedy_{step}" for step in range(1, HINT_STEPS + 1)]
    needed += [f"debrief.page_{page}" for page in PAGES]
    needed += [f"debrief.keys_{name}" for name in ("result", "timeline", "page")]
    needed += [f"debrief.waste_{why}" for why in IN_VAIN]
    needed += [f"timeline.{by}" for by in ("player", "incident", "board", "burst")]
    needed += [f"course.{row}" for row in ("you", "happened", "felt", "budget", "rival")]
    needed += [f"explain.outlook_{kind}" for kind in ("station", "space", "credits", "money")]
    assert [key for key in needed if not words.knows(key)] == []


async def test_a_new_trouble_gets_a_nudge_though_the_levels_hints_are_all_taken() -> None:
    desk, taken = Desk(Words()), Hints(taken=3)
    found = Explanation(Tight(FULL, 0.9, Cause.CPU_FULL), (burst(Cause.CPU_FULL),), second=770)
    app: App[None] = App()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(HintScreen(desk, taken, ("a", "b", "c"), found))
        for given in range(HINT_STEPS + 1):
            assert taken.plainness[Cause.CPU_FULL] == given
            assert app.screen.query_one(VerticalScroll).border_subtitle == desk.say(
                f"hints.keys_{given}"
            )
            await pilot.press("h")
        assert taken.plainness[Cause.CPU_FULL] == HINT_STEPS


def test_lost_data_come_first_and_trifles_get_no_remedy() -> None:
    gone = burst(Cause.DATA_GONE, 900, 1, "data_lost")
    many = (burst(Cause.CPU_FULL, 100, 5_000), burst(Cause.SLOW_WORK, 300, 3), gone)
    assert causes(Explanation(None, many)) == [Cause.DATA_GONE, Cause.CPU_FULL]


def test_what_goes_wrong_now_is_said_before_what_is_tightest() -> None:
    calm = Tight(Evidence("web-1/cpu", 0.1, 0, 5), 0.5)
    now = Explanation(calm, (burst(Cause.NO_ADDRESS, 700),), second=762)
    words = Words("en")
    first, cause, tightest = now_lines(now, words)
    assert first.startswith("Right now: 40 × late, web-1")
    assert cause == words.say("explain.cause_no_address")
    assert words.say("explain.at_rest") not in tightest
