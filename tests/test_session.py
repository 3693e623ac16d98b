"""The pacer: wall time into simulated seconds, without a terminal and without waiting."""

import errno
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from engine.complaint import Complaint
from engine.frame import News
from engine.outcomes import Accepted, Refused
from engine.recording import RecordingWriter, new_header, read_recording
from engine.services.ec2 import LaunchInstance, ResizeInstance
from engine.simulation import Simulation
from tests.fake_run import FakeSimulation, made_up_scenario
from tui.session import LATE_PRESS_S, MAX_SPEED, SPEEDS, LiveSession, ReplaySession, trouble_of
from tui.words import LANGUAGES, Words


@dataclass
class Clock:
    """A clock that only goes when it is told to."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Heavy(FakeSimulation):
    """A simulation that takes wall time for each second."""

    clock: Clock = field(default_factory=Clock)
    cost_s: float = 0.0

    def __post_init__(self) -> None:
        FakeSimulation.__init__(self)

    def advance(self, seconds: int = 1) -> Any:
        self.clock.now += self.cost_s
        return super().advance(seconds)


def live(simulation: FakeSimulation, clock: Clock, **options: Any) -> LiveSession:
    recorder = options.pop("recorder", None)
    return LiveSession(cast(Simulation, simulation), recorder, clock, **options)


def test_a_run_rests_before_its_first_second() -> None:
    clock = Clock()
    session = live(FakeSimulation(), clock)
    clock.now += 1
    assert session.paused_by == "start"
    assert session.poll() == []
    assert session.frame.second == 0


@pytest.mark.parametrize("speed", [s for s in SPEEDS if s != MAX_SPEED])
def test_ten_seconds_of_wall_time_are_ten_times_the_speed(speed: float) -> None:
    clock = Clock()
    session = live(FakeSimulation(ends_at=10_000), clock, speed=speed)
    session.resume()
    seconds = []
    for _ in range(100):
        clock.now += 0.1
        seconds += [frame.second for frame in session.poll()]
    assert seconds == list(range(1, len(seconds) + 1))
    assert len(seconds) == pytest.approx(10 * speed, abs=1)


def test_as_fast_as_possible_stops_at_the_end() -> None:
    session = live(FakeSimulation(ends_at=600), Clock(), speed=MAX_SPEED)
    session.resume()
    assert [frame.second for frame in session.poll()] == list(range(1, 601))
    assert session.over
    assert session.paused_by == "over"
    assert session.poll() == []


def test_a_machine_that_is_too_slow_is_told_and_no_second_is_skipped() -> None:
    clock = Clock()
    session = live(Heavy(clock=clock, cost_s=0.05), clock, speed=60.0)
    session.resume()
    seconds = []
    for _ in range(40):
        clock.now += 0.06
        seconds += [frame.second for frame in session.poll()]
    assert seconds == list(range(1, 41))
    assert session.behind
    assert session.measured_speed == pytest.approx(9.1, abs=0.1)


def test_time_spent_in_a_dialog_neither_runs_nor_counts_as_slowness() -> None:
    clock = Clock()
    session = live(FakeSimulation(ends_at=10_000), clock, speed=1.0)
    session.resume()
    seconds = []
    for poll in range(101):
        clock.now += 0.1
        if 30 <= poll < 70:
            session.stand_aside()
        else:
            seconds += [frame.second for frame in session.poll()]
        assert not session.behind
    assert seconds == [1, 2, 3, 4, 5, 6]


def test_time_away_is_not_made_up() -> None:
    clock = Clock()
    session = live(FakeSimulation(), clock, speed=10.0)
    session.resume()
    clock.now += 3_600
    assert len(session.poll()) == 2


def test_a_step_is_one_second_and_rests() -> None:
    session = live(FakeSimulation(), Clock())
    session.resume()
    assert [frame.second for frame in session.step()] == [1]
    assert session.paused_by == "player"


@pytest.mark.parametrize("kind", ["first_late", "first_failure"])
def test_the_first_trouble_pauses_the_run(kind: str) -> None:
    script = {5: News(kind, "board"), 9: News(kind, "board")}
    session = live(FakeSimulation(script), Clock(), speed=MAX_SPEED)
    session.resume()
    session.poll()
    assert (session.frame.second, session.paused_by) == (5, kind)
    session.resume()
    session.poll()
    assert session.over


def test_a_press_that_was_to_stop_time_as_it_stopped_by_itself_does_not_start_it() -> None:
    clock = Clock()
    session = live(FakeSimulation({5: News("first_late", "board")}), clock, speed=MAX_SPEED)
    session.resume()
    session.poll()
    clock.now += LATE_PRESS_S / 2
    session.toggle_pause()
    assert session.paused_by == "first_late"
    session.toggle_pause()
    assert not session.paused, "a second press is meant"


def test_a_press_after_time_has_stopped_by_itself_starts_it() -> None:
    clock = Clock()
    session = live(FakeSimulation({5: News("first_late", "board")}), clock, speed=MAX_SPEED)
    session.resume()
    session.poll()
    clock.now += LATE_PRESS_S
    session.toggle_pause()
    assert not session.paused


def test_pausing_by_itself_can_be_turned_off() -> None:
    script = {5: News("first_late", "board")}
    session = live(FakeSimulation(script), Clock(), speed=MAX_SPEED, auto_pause=False)
    session.resume()
    session.poll()
    assert session.over


def test_a_command_is_done_at_once_and_shown_while_time_rests() -> None:
    session = live(FakeSimulation(), Clock())
    command = LaunchInstance(type="m5.large")
    assert session.quote(command).rate_after_micro_usd > 0
    assert session.send(command) == Accepted("web-1")
    assert session.frame.instance("web-1") is not None
    assert session.commands == [(0, command)]


def test_a_refused_command_is_not_kept() -> None:
    session = live(FakeSimulation(), Clock())
    session.send(LaunchInstance(type="m5.large"))
    outcome = session.send(ResizeInstance(instance="web-1", type="m5.xlarge"))
    assert isinstance(outcome, Refused)
    assert len(session.commands) == 1


def test_speeds_stop_at_both_ends() -> None:
    session = live(FakeSimulation(), Clock())
    for _ in SPEEDS:
        session.change_speed(1)
    assert session.speed == MAX_SPEED
    for _ in SPEEDS:
        session.change_speed(-1)
    assert session.speed == 1.0


def recorder(path: Path) -> RecordingWriter:
    header = new_header(made_up_scenario(), 7, "1", "2026-01-01T00:00:00", {})
    return RecordingWriter(path, header)


def test_a_run_is_recorded_as_it_goes_and_can_be_watched(tmp_path: Path) -> None:
    path = tmp_path / "run.headroom"
    session = live(FakeSimulation(), Clock(), speed=MAX_SPEED, recorder=recorder(path))
    session.send(LaunchInstance(type="m5.large"))
    for _ in range(30):
        session.step()
    session.close()
    recording = read_recording(path)
    assert [frame.second for frame in recording.frames] == list(range(31))
    assert recording.frames[0].instance("web-1") is not None

    replay = ReplaySession(recording, Clock())
    replay.seek(17)
    assert replay.frame.second == 17
    replay.seek(1_000)
    assert replay.over
    replay.seek(-5)
    assert replay.frame.second == 0
    assert [frame.second for frame in replay.step()] == [1]


class FullDisk:
    """A recorder that cannot write."""

    def frame(self, _: object) -> None:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError:
            raise Complaint("runs/a.headroom", "cannot be written") from None


def test_a_full_disk_ends_the_recording_not_the_run() -> None:
    session = live(FakeSimulation(), Clock(), recorder=cast(RecordingWriter, FullDisk()))
    session.step()
    assert session.frame.second == 1
    assert session.trouble == "full"


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (OSError(errno.ENOSPC, ""), "full"),
        (PermissionError(errno.EACCES, ""), "forbidden"),
        (OSError(errno.EROFS, ""), "forbidden"),
        (FileExistsError(errno.EEXIST, ""), "taken"),
        (Complaint("a", "is too large"), "other"),
    ],
)
def test_trouble_with_the_recording_is_said_in_the_players_language(
    error: OSError | Complaint, key: str
) -> None:
    assert trouble_of(error) == key
    assert all(Words(language).knows(f"trouble.{key}") for language in LANGUAGES)


def test_what_was_seen_is_what_can_be_explained() -> None:
    session = live(FakeSimulation(), Clock())
    session.send(LaunchInstance(type="m5.large"))
    session.step()
    assert [frame.second for frame in session.seen()] == [0, 1]
    assert session.seen()[0].instance("web-1") is not None
