"""The frames of a run that goes on: none is lost or changed, and an hour takes little room."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.frame import Frame
from engine.simulation import Simulation
from tests.boards import troubled
from tests.fake_run import made_up_frame
from tui.frame_log import BLOCK, KEPT, FrameLog


def played(seconds: int) -> list[Frame]:
    """The frames of a run full of trouble."""
    simulation = Simulation(troubled())
    return [simulation.frame(), *(simulation.advance() for _ in range(seconds))]


FRAMES = played(2 * KEPT + 2 * BLOCK + 5)


def logged(frames: list[Frame]) -> FrameLog:
    log = FrameLog(frames[0])
    for frame in frames[1:]:
        log.append(frame)
    return log


@pytest.mark.parametrize("n", [1, BLOCK, KEPT, KEPT + BLOCK - 1, KEPT + BLOCK, len(FRAMES)])
def test_it_holds_just_what_it_was_given(n: int) -> None:
    log = logged(FRAMES[:n])
    assert len(log) == n
    assert list(log) == FRAMES[:n]
    assert [log[i] for i in range(n)] == FRAMES[:n]


@given(st.slices(len(FRAMES)))
@settings(max_examples=30, deadline=None)
def test_slices_are_those_of_a_list(part: slice) -> None:
    assert LOG[part] == FRAMES[part]


LOG = logged(FRAMES)


def test_ends_and_beyond() -> None:
    assert LOG[-1] == FRAMES[-1]
    assert LOG[-len(FRAMES)] == FRAMES[0]
    with pytest.raises(IndexError):
        LOG[len(FRAMES)]
    with pytest.raises(IndexError):
        LOG[-len(FRAMES) - 1]


def test_the_newest_can_be_taken_anew() -> None:
    log = logged(FRAMES[:50])
    log.replace_newest(made_up_frame(49))
    assert log[-1] == made_up_frame(49)
    assert log[48] == FRAMES[48]


def test_an_hour_takes_a_few_megabytes() -> None:
    tracemalloc.start()
    log = FrameLog(FRAMES[0])
    for _ in range(3_600 // len(FRAMES) + 1):
        for frame in FRAMES:
            log.append(frame)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(log) >= 3_600
    assert used < 5_000_000
