"""Where tables lie on the board: who follows which master, and the shards of a table."""

from collections.abc import Mapping, Sequence

from engine.frame import Frame
from engine.views import ResourceView
from tui.render.board.flows import Flow
from tui.render.board.things import Answering, Copy, Managed, Shard
from tui.render.gauges import number_fact
from tui.render.history import LOAD_SPAN_S, History

FAR_S = 1.0
"""A replica that is further behind than this, and falls back, is worth a warning."""

HOT = 1.5
"""A shard that is asked so many times as much as the mean of all is hot."""

QUIET_S = 60
"""A session store that was asked for nothing for so long is idle."""

FEW = 5.0
"""Fewer requests a second than these to all shards say nothing about any."""


def copy_of(frame: Frame, history: History, view: ResourceView) -> Copy | None:
    """What a read replica is a copy of; None of what is none."""
    source, lag_s = view.facts.get("source"), number_fact(view, "lag_s")
    if lag_s is None or not isinstance(source, str):
        return None
    before = history.value(f"fact/{view.id}/lag_s", frame.second - LOAD_SPAN_S) or 0.0
    master = frame.resource(source)
    blamed = history.blame(frame.second, LOAD_SPAN_S)
    return Copy(
        source=source,
        lag_s=lag_s,
        unapplied=int(number_fact(view, "unapplied") or 0),
        grows=lag_s > FAR_S and lag_s > before,
        stale=any(reason == "stale_read" and at == view.id for reason, at in blamed),
        alone=master is None or master.state in ("failed", "unreachable"),
    )


def shard_of(
    frame: Frame, shards: Mapping[str, Sequence[str]], rates: Mapping[str, float], id: str
) -> Shard | None:
    """Which table a database has a shard of, and how much of what comes to them comes to it."""
    for name, databases in shards.items():
        view = frame.resource(name)
        if id not in databases or view is None:
            continue
        total = sum(rates.get(each, 0.0) for each in databases)
        mine = rates.get(id, 0.0)
        return Shard(
            table=str(view.facts.get("table", name)),
            shards=int(number_fact(view, "shards") or len(view.behind)),
            left=len(view.behind),
            share=mine / total if total else 0.0,
            hot=total >= FEW and mine * len(databases) > HOT * total,
        )
    return None


def is_unasked(frame: Frame, history: History, view: ResourceView) -> bool:
    """Whether a session store, and no other in its place, was asked for any session of late."""
    if view.service != "elasticache" or frame.second < QUIET_S:
        return False
    stores = (r.id for r in frame.resources if r.service == "elasticache")
    return not any(history.mean(f"fact/{id}/lookups_s", frame.second, QUIET_S) for id in stores)


def together(things: Sequence[Answering]) -> list[Answering]:
    """Replicas right after their masters, and the shards of a table one after the other."""
    place = {thing.id: at for at, thing in enumerate(things)}
    first: dict[str, int] = {}
    for thing in things:
        shard = thing.shard if isinstance(thing, Managed) else None
        if shard is not None:
            first.setdefault(shard.table, place[thing.id])

    def order(thing: Answering) -> tuple[int, int, int, int]:
        at, of = place[thing.id], thing
        if isinstance(thing, Managed) and thing.copy is not None:
            of = next((t for t in things if t.id == thing.copy.source), thing)
        shard = of.shard if isinstance(of, Managed) else None
        lead = place[of.id] if shard is None else first[shard.table]
        return lead, place[of.id], of is not thing, at

    return sorted(things, key=order)


def shard_families(things: Sequence[Managed]) -> dict[str, list[Managed]]:
    """The shards of each table with their replicas, by its name."""
    tables = {thing.id: thing.shard.table for thing in things if thing.shard is not None}
    found: dict[str, list[Managed]] = {}
    for thing in things:
        table = tables.get(thing.copy.source if thing.copy else thing.id)
        if table is not None:
            found.setdefault(table, []).append(thing)
    return found


def served_copies(things: Sequence[Answering], frame: Frame, history: History) -> tuple[Flow, ...]:
    """The ways of what is written from masters to replicas; `rps` are the writes applied."""
    standing = {thing.id for thing in things}
    asked = history.hops(frame.second) or {}
    found = []
    for thing in things:
        if isinstance(thing, Managed) and thing.copy and thing.copy.source in standing:
            done = history.mean(f"served/{thing.id}/cpu", frame.second, LOAD_SPAN_S) or 0.0
            reads = sum(rate for (_, target), rate in asked.items() if target == thing.id)
            found.append(Flow(thing.copy.source, thing.id, max(0.0, done - reads)))
    return tuple(found)
