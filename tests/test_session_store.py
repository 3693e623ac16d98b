"""ElastiCache as a session store: nobody is logged out when machines come and go, and its bill."""

from typing import Any

import pytest

from engine.catalog import CATALOG
from engine.outcomes import Accepted, RefusalReason, Refused
from engine.services.ec2 import LaunchInstance, TerminateInstance
from engine.services.registration import RegisterTarget
from engine.services.session_store import CreateSessionStore, DeleteSessionStore
from engine.simulation import Simulation
from engine.views import ResourceView
from tests.boards import steady

MACHINES = [{"id": name, "type": "m5.large", "roles": ["web", "app"]} for name in ("w1", "w2")]
TWO: dict[str, Any] = {
    "instances": MACHINES,
    "balancers": [{"id": "front", "targets": ["w1", "w2"]}],
    "addresses": {"web": "front", "app": "front"},
}
STORE = {"session_stores": [{"id": "keys", "type": "cache.t3.medium"}]}
OUTAGE = [{"kind": "zone_outage", "at_s": 60, "target": "c", "duration_s": 60}]


def run(board: dict[str, Any], *, rps: float = 20.0, **more: Any) -> Simulation:
    """A steady stream of 200 users with sessions."""
    asks = {"session": True, "work": "fixed", "retry": {"times": 0}}
    users = {"pool": 200}
    return Simulation(
        steady(rps=rps, duration_s=1_200, board=board, request=asks, users=users, **more)
    )


def lost(simulation: Simulation) -> int:
    """How many requests have not found their session so far."""
    totals = simulation.frame().totals.values()
    return sum(total.failed.get("session_lost", 0) for total in totals)


def store(simulation: Simulation) -> ResourceView:
    """The first store."""
    return next(r for r in simulation.frame().resources if r.service == "elasticache")


def test_round_robin_loses_sessions_and_a_store_keeps_them() -> None:
    without, with_store = run(TWO), run(TWO | STORE)
    without.advance(60)
    with_store.advance(60)
    assert lost(without) > 300
    assert lost(with_store) == 0
    facts = store(with_store).facts
    assert float(facts["lookups_s"]) == pytest.approx(20, abs=15)
    assert 100 < int(facts["sessions"]) <= 200


def test_a_store_that_comes_up_ends_the_losses() -> None:
    simulation = run(TWO)
    assert simulation.apply(CreateSessionStore(name="keys")) == Accepted("keys")
    low, high = CATALOG.elasticache.create_s
    until_s = store(simulation).until_s
    assert until_s is not None
    assert low <= until_s <= high
    simulation.advance(int(until_s))
    before = lost(simulation)
    assert before > 300
    simulation.advance(2)
    assert store(simulation).state == "available"
    after = lost(simulation)
    simulation.advance(120)
    assert lost(simulation) == after


def test_machines_come_and_go_and_nobody_is_logged_out() -> None:
    simulation = run(TWO | STORE)
    simulation.advance(30)
    simulation.apply(LaunchInstance("m5.large", ("web", "app"), name="w3"))
    simulation.advance(250)
    assert simulation.apply(RegisterTarget("front", "w3")) == Accepted("front")
    simulation.advance(120)
    simulation.apply(TerminateInstance("w1"))
    simulation.advance(120)
    assert lost(simulation) == 0


def test_with_the_store_its_sessions_go() -> None:
    simulation = run(TWO | STORE)
    simulation.advance(120)
    held = int(store(simulation).facts["sessions"])
    simulation.apply(DeleteSessionStore("keys"))
    simulation.advance(240)
    assert lost(simulation) > held


def test_on_one_machine_the_end_of_a_store_costs_each_session_once() -> None:
    simulation = run({"instances": MACHINES[:1]} | STORE)
    simulation.advance(120)
    held = int(store(simulation).facts["sessions"])
    simulation.apply(DeleteSessionStore("keys"))
    simulation.advance(600)
    assert 0.9 * held < lost(simulation) <= held


def test_a_look_up_takes_its_time() -> None:
    machine = {"instances": MACHINES[:1]}
    calm, asks = run(machine, rps=2.0), run(machine | STORE, rps=2.0)
    calm.advance(600)
    asks.advance(600)
    more_ms = CATALOG.elasticache.lookup_ms + 2 * calm.scenario.network.hop_ms
    means_ms = [s.result().latency_ms.mean for s in (calm, asks)]
    assert means_ms[1] - means_ms[0] == pytest.approx(more_ms, abs=0.02)


def test_an_outage_empties_the_stores_of_its_zone() -> None:
    simulation = run(TWO | {"session_stores": [{"id": "keys", "zone": "c"}]}, incidents=OUTAGE)
    simulation.advance(59)
    assert lost(simulation) == 0
    simulation.advance(31)
    assert store(simulation).state == "unreachable"
    assert lost(simulation) > 0
    simulation.advance(32)
    assert store(simulation).state == "available"
    before = lost(simulation)
    simulation.advance(60)
    assert lost(simulation) == before


def test_a_copy_in_another_zone_keeps_them() -> None:
    stores = [{"id": "keys", "zone": "c"}, {"id": "copy", "zone": "b"}]
    simulation = run(TWO | {"session_stores": stores}, incidents=OUTAGE)
    simulation.advance(120)
    assert lost(simulation) == 0


def test_what_is_refused() -> None:
    simulation = run(TWO | STORE, allowed=["ec2", "elasticache:cache.t3.micro"])
    refusals = (
        (CreateSessionStore("cache.x9"), RefusalReason.UNKNOWN_TYPE),
        (CreateSessionStore("cache.r5.large"), RefusalReason.NOT_ON_OFFER),
        (CreateSessionStore(name="front"), RefusalReason.NAME_TAKEN),
        (CreateSessionStore(name="B"), RefusalReason.BAD_NAME),
        (DeleteSessionStore("front"), RefusalReason.UNKNOWN_RESOURCE),
    )
    for command, reason in refusals:
        outcome = simulation.apply(command)
        assert isinstance(outcome, Refused)
        assert outcome.reason == reason
    for _ in range(CATALOG.elasticache.max_stores - 1):
        assert isinstance(simulation.apply(CreateSessionStore()), Accepted)
    outcome = simulation.apply(CreateSessionStore())
    assert isinstance(outcome, Refused)
    assert outcome.reason == RefusalReason.LIMIT_REACHED


def test_a_month_of_it_costs_what_the_facts_say() -> None:
    simulation = run(TWO | STORE)
    simulation.advance(1_200)
    (line,) = (line for line in simulation.frame().money.lines if line.resource == "keys")
    assert line.amount_micro_usd == 68_000 * 730
