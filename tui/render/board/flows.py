"""Which way requests and data go between what stands on the board, and how much of either."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from engine.frame import Frame
from engine.scenario import ROLES
from tui.render.history import LOAD_SPAN_S, History, Pulse, Way


@dataclass(frozen=True)
class Flow:
    """Requests from one resource to the next; the users are the source "".

    `rps` is the mean of the last seconds; `failed` and `late` are the shares of
    what came to the target that failed, or was late, because of it.
    """

    source: str
    target: str
    rps: float
    failed: float = 0.0
    late: float = 0.0


@dataclass(frozen=True)
class Move:
    """Data on their way to a new home, `share` of them copied; `wait_s` to the cut-over."""

    role: str
    source: str
    target: str
    gb: float
    share: float
    wait_s: float


def moves_of(frame: Frame) -> tuple[Move, ...]:
    """Every move of data that goes on."""
    return tuple(
        Move(
            role=move.role,
            source=move.source,
            target=move.target,
            gb=move.gb,
            share=min(1.0, move.copied_gb / move.gb) if move.gb > 0 else 0.0,
            wait_s=max(0.0, move.until_s - frame.second),
        )
        for move in frame.moves
    )


def flows_of(frame: Frame, history: History, pulse: Pulse) -> tuple[Flow, ...]:
    """Every way that requests take or would take, each once, callers first.

    A run recorded before frames had hops gets the users' rate everywhere.
    """
    ways = dict.fromkeys(_wired(frame))
    rates = history.hops(frame.second)
    if rates is None:
        rates = dict.fromkeys(ways, pulse.rps)
    standing = {"", *(i.id for i in frame.instances), *(r.id for r in frame.resources)}
    ways |= dict.fromkeys(
        way for way in sorted(rates) if standing.issuperset(way) and way[1] not in ("", way[0])
    )
    failed, late = _troubles(frame, history)
    come: dict[str, float] = {}
    for (_, target), rate in rates.items():
        come[target] = come.get(target, 0.0) + rate * LOAD_SPAN_S
    return tuple(
        Flow(
            source,
            target,
            rates.get((source, target), 0.0),
            _share(failed[target], come.get(target, 0.0)),
            _share(late[target], come.get(target, 0.0)),
        )
        for source, target in ways
    )


def _wired(frame: Frame) -> Iterator[Way]:
    """The ways that the addresses lay down; users come in at web only."""
    if frame.addresses.get("web") is None:
        return
    behind = {r.id: r.behind for r in frame.resources if r.service != "shards"}
    shards, read = shards_of(frame), _read_instead(frame)
    callers: tuple[str, ...] = ("",)
    entered: set[str] = set()
    for role in roles_of(frame):
        holder = frame.addresses.get(role)
        for target in shards.get(holder or "", (holder,)):
            if target is None:
                continue
            if target not in entered:
                entered.add(target)
                ends = (target, *read.get(target, ()))
                yield from ((caller, end) for end in ends for caller in callers)
                yield from ((target, next_) for next_ in behind.get(target, ()))
            if role in ("web", "app"):
                callers = behind.get(target) or (target,)


def roles_of(frame: Frame) -> tuple[str, ...]:
    """The four roles, then those of the tables that have an address of their own."""
    return (*ROLES, *(role for role in frame.addresses if role not in ROLES))


def shards_of(frame: Frame) -> dict[str, tuple[str, ...]]:
    """The databases of each table that is sharded, by what its address leads to."""
    sets = (r for r in frame.resources if r.service == "shards" and r.behind)
    return {r.id: tuple(dict.fromkeys(r.behind)) for r in sets}


def roles_held(frame: Frame, id: str) -> tuple[str, ...]:
    """The roles that a resource answers for, alone or as a shard."""
    shards = shards_of(frame)
    holders = {role: frame.addresses.get(role) or "" for role in roles_of(frame)}
    return tuple(role for role, at in holders.items() if id in (at, *shards.get(at, ())))


def _read_instead(frame: Frame) -> dict[str, list[str]]:
    """The replicas that answer, by the master whose reads go to them."""
    split = {r.id for r in frame.resources if r.facts.get("reads", "master") != "master"}
    found: dict[str, list[str]] = {}
    for resource in frame.resources:
        source = resource.facts.get("source")
        if isinstance(source, str) and source in split and resource.state == "available":
            found.setdefault(source, []).append(resource.id)
    return found


def _troubles(frame: Frame, history: History) -> tuple[Counter[str], Counter[str]]:
    """Requests of the last seconds that failed, and that were late, by what is to blame.

    What a volume is to blame for counts for the machine that it is in.
    """
    home = {v.id: v.attached_to for v in frame.volumes if v.attached_to is not None}
    failed: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for (reason, at), count in history.blame(frame.second, LOAD_SPAN_S).items():
        resource = at.rpartition("/")[0] or at
        counter = late if reason == "late" else failed
        counter[home.get(resource, resource)] += count
    return failed, late


def _share(part: int, whole: float) -> float:
    return part / max(part, whole) if part else 0.0
