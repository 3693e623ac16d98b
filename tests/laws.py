"""What holds of every frame, whatever happened: the laws that several tests check."""

from collections import Counter
from itertools import pairwise

import msgspec

from engine.frame import Counts, Frame
from engine.outcomes import RefusalReason, Refused
from engine.services.command import Command
from engine.simulation import Simulation
from engine.views import StationView

MONEY_LINES = "the lines of the bill are the change of the cash"


def check_frame(frame: Frame) -> None:
    """All laws that one frame can show."""
    check_money(frame)
    for name, total in frame.totals.items():
        check_conserved(total, name)
        check_second(frame, name)
    for station in frame.stations:
        check_station(station)
    for resource in frame.resources:
        if resource.service == "rds" and resource.type != "backup":
            taken, most = resource.facts["connections"], resource.facts["connections_max"]
            assert int(taken) <= int(most), resource.id
        if resource.service == "dynamodb":
            hot, throttled, share = (resource.facts[f] for f in ("hot_s", "throttled_s", "hottest"))
            assert int(hot) <= int(throttled), resource.id
            # A second's worth was kept, and as much came.
            assert int(share) <= 200, resource.id
    standing = {i.id for i in frame.instances} | {r.id for r in frame.resources}
    assert {holder for holder in frame.addresses.values() if holder} <= standing
    encoded = msgspec.json.encode(frame)
    assert msgspec.json.decode(encoded, type=Frame) == frame


def check_conserved(total: Counts, name: str) -> None:
    """No request is lost and none is counted twice."""
    ended = total.good + total.late + total.failed_total
    assert total.demanded == ended + total.in_flight, name
    assert min(total.good, total.late, total.in_flight, *total.failed.values(), 0) == 0, name
    assert total.attempts >= total.demanded, name


def check_second(frame: Frame, name: str) -> None:
    """The second's histogram holds its answers, and its blame holds its troubles."""
    counts = frame.counts[name]
    assert sum(frame.latency[name].buckets[1::2]) == counts.good + counts.late, name
    blame: Counter[str] = Counter()
    for part in frame.blame:
        if part.request_class == name:
            blame[part.reason] += part.count
    assert blame == +Counter({"late": counts.late, **counts.failed}), name


def check_money(frame: Frame) -> None:
    """Ledger = cash."""
    money = frame.money
    counted = sum(line.amount_micro_usd for line in money.lines if line.counted)
    uncounted = sum(line.amount_micro_usd for line in money.lines if not line.counted)
    assert counted == money.budget_micro_usd - money.cash_micro_usd, MONEY_LINES
    assert counted == money.spent_micro_usd, MONEY_LINES
    assert uncounted == money.uncounted_micro_usd, MONEY_LINES
    assert money.forecast_micro_usd >= money.spent_micro_usd
    assert all(line.amount_micro_usd > 0 for line in money.lines)


def check_station(station: StationView) -> None:
    """Never more than there is room for, and nobody waits while a server is free.

    Where there is no room to wait there is a server for everyone.
    """
    assert station.running_total <= station.servers or not station.room, station
    assert station.waiting_total <= station.room or not station.room, station
    assert not station.waiting_total or station.running_total == station.servers, station
    assert 0.0 <= station.utilization <= 1.0, station


def check_run(frames: list[Frame]) -> None:
    """Every frame's laws, and those from each second to the next."""
    for frame in frames:
        check_frame(frame)
    for before, after in pairwise(frames):
        check_step(before, after)


def play_on(simulation: Simulation, seconds: int) -> list[Frame]:
    """The frame at which it rests, maybe after a command, and those of so many seconds more."""
    rests = simulation.frame()
    check_frame(rests)
    frames = [simulation.advance() for _ in range(seconds)]
    check_run(frames)
    return [rests, *frames]


def check_step(before: Frame, after: Frame) -> None:
    """What a second adds; `before` is the frame as the second before it ended.

    Not as a command at that second left it: what a stop fails at once is in
    that frame's totals, and is counted in the second that it begins.
    """
    assert after.second == before.second + 1
    # A sandbox may be given other money; what is gone of it never comes back.
    gone = [f.money.budget_micro_usd - f.money.cash_micro_usd for f in (before, after)]
    assert gone[0] <= gone[1]
    for name, now in after.counts.items():
        old, new = before.totals[name], after.totals[name]
        assert new.demanded == old.demanded + now.demanded, name
        assert (new.good, new.late) == (old.good + now.good, old.late + now.late), name
        assert new.attempts == old.attempts + now.attempts, name
        assert Counter(new.failed) == Counter(old.failed) + Counter(now.failed), name


def refusal_of(simulation: Simulation, command: Command) -> RefusalReason:
    """Why a command is refused; that it is, and that it changes nothing, is checked."""
    digest, frame = simulation.digest(), simulation.frame()
    outcome = simulation.apply(command)
    assert isinstance(outcome, Refused)
    assert (simulation.digest(), simulation.frame()) == (digest, frame)
    return outcome.reason
