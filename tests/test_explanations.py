"""An explanation in sentences: every cause and hint has words, and the answer comes last."""

from io import StringIO

import pytest
from rich.console import Console, RenderableType

from engine.explain import REMEDIES, Burst, Cause, Evidence, Explanation, Tight
from tui.desk import Desk
from tui.explanations import HINT_STEPS, MOST_BURSTS, causes, explanation_lines, hints
from tui.story import bursts_part, explanation_page
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
    tight = Tight(FULL, 0.93)
    found = Explanation(tight, (burst(Cause.CPU_FULL), burst(Cause.BOOTING, 0, 7, "no_target")))
    words = Words(language)
    said = "\n".join(explanation_lines(found, words))
    for part in ("web-1 CPU", "11:40", "12:40", "40", "93", words.say("explain.hint_resize")):
        assert part in said
    without = explanation_lines(found, words, hint_steps=0)
    assert words.say("explain.hint_look_at_cpu") not in "\n".join(without)


def test_a_calm_run_says_so_and_a_tight_one_warns_before_anything_failed() -> None:
    words = Words("en")
    assert words.say("explain.calm") in explanation_lines(Explanation(None, ()), words)
    assert causes(Explanation(None, ())) == []
    tight = Explanation(Tight(Evidence("vol-1/io", 0.9, 0, 5), 0.5), ())
    assert causes(tight) == [Cause.VOLUME_FULL]


def test_of_many_bursts_the_worst_are_listed_in_order_of_time() -> None:
    many = tuple(burst(Cause.CPU_FULL, second * 100, second + 1) for second in range(30))
    lines = explanation_lines(Explanation(None, many), Words("en"), hint_steps=0)
    assert "and more, smaller ones: 18" in lines[-1]
    heads = [line for line in lines if "× late" in line]
    assert len(heads) == MOST_BURSTS
    assert "30 × late" in heads[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_draws_each_burst_on_a_line_of_time(language: str) -> None:
    desk = Desk(Words(language))
    found = Explanation(Tight(FULL, 0.9), (burst(Cause.CPU_FULL, 900), burst(Cause.CRASHED, 0)))
    text = drawn(explanation_page(desk, found, 1_000, 1_800, 3))
    assert "·" * 10 + "■" + "·" * 9 in text
    assert "■" + "·" * 19 in text
    beyond = drawn(bursts_part(desk, Explanation(None, (burst(Cause.CPU_FULL, 10**9),)), 60))
    assert "·" * 19 + "■" in beyond
