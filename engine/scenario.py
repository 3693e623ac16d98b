"""What a run starts from: board, traffic, request classes, incidents, objectives, budget.

A Scenario is frozen; every run is built anew from it. It is read strictly: an
unknown key, a wrong type or a name that leads nowhere is refused with its path
and what was expected. The parts that later services will use are read and
checked from the start.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from engine.board import Board as Board
from engine.board import BoardBalancer as BoardBalancer
from engine.board import BoardBucket as BoardBucket
from engine.board import BoardDatabase as BoardDatabase
from engine.board import BoardInstance as BoardInstance
from engine.board import BoardSessionStore as BoardSessionStore
from engine.board import BoardShards as BoardShards
from engine.board import BoardTable as BoardTable
from engine.board import BoardVolume as BoardVolume
from engine.board import CapacityMode as CapacityMode
from engine.board import RdsEngineName as RdsEngineName
from engine.board_checks import check_board
from engine.findings import Findings
from engine.offers import matches, offers
from engine.parts import ROLES as ROLES
from engine.parts import ZONES as ZONES
from engine.parts import Complain, check_unique
from engine.parts import Name as Name
from engine.parts import Part as Part
from engine.parts import Role as Role
from engine.parts import Zone as Zone
from engine.parts import one_of as one_of

Seconds = Annotated[int, Meta(ge=0, le=86_400)]
Share = Annotated[float, Meta(ge=0, le=1)]
Rps = Annotated[float, Meta(ge=0, le=100_000)]
Millis = Annotated[float, Meta(ge=0, le=600_000)]
Usd = Annotated[float, Meta(ge=0, le=10_000_000)]
Target = Annotated[str, Meta(pattern=r"^(role:)?[a-z][a-z0-9-]{0,23}$")]
Pattern = Annotated[str, Meta(min_length=1, max_length=200)]
MAX_SCALE, MAX_FASTER = 10_000, 100_000
FILE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
FileName = Annotated[str, Meta(pattern=FILE_NAME)]


class Budget(Part, frozen=True):
    """Money for the run, which is billed as one month; `transfer` counts internet transfer."""

    month_usd: Annotated[float, Meta(ge=0.01, le=10_000_000)]
    transfer: bool = False


class Constant(Part, frozen=True, tag="constant", tag_field="kind"):
    """The same rate from `start_s` to `end_s` (the end of the run when absent)."""

    rps: Rps
    start_s: Seconds = 0
    end_s: Seconds | None = None


class Ramp(Part, frozen=True, tag="ramp", tag_field="kind"):
    """A straight line between two rates; before `start_s` nothing, after `end_s` `to_rps`."""

    from_rps: Rps
    to_rps: Rps
    start_s: Seconds = 0
    end_s: Seconds | None = None


class Daily(Part, frozen=True, tag="daily", tag_field="kind"):
    """A day's wave from `low_rps` to `high_rps` and back every `period_s`, low at `start_s`."""

    low_rps: Rps
    high_rps: Rps
    period_s: Annotated[int, Meta(ge=60, le=86_400)]
    start_s: Seconds = 0
    end_s: Seconds | None = None


class Spike(Part, frozen=True, tag="spike", tag_field="kind"):
    """A crowd: up to `rps` within `rise_s`, held for `hold_s`, gone again within `fall_s`."""

    rps: Rps
    start_s: Seconds
    rise_s: Annotated[int, Meta(ge=1, le=86_400)] = 10
    hold_s: Seconds = 60
    fall_s: Annotated[int, Meta(ge=1, le=86_400)] = 60


class Trace(Part, frozen=True, tag="trace", tag_field="kind"):
    """Real traffic from a file beside the level, `faster` times squeezed.

    A CSV of `second,rps`, linear from row to row; or an access log, counted per
    second, whose paths go to request classes by patterns (``page = ["/*.html"]``)
    and else by the classes' shares.
    """

    file: FileName
    scale: Annotated[float, Meta(gt=0, le=MAX_SCALE)] = 1.0
    from_s: Annotated[int, Meta(ge=0, le=31_536_000)] = 0
    faster: Annotated[float, Meta(gt=0, le=MAX_FASTER)] = 1.0
    start_s: Seconds = 0
    paths: dict[Name, Annotated[tuple[Pattern, ...], Meta(max_length=50)]] = msgspec.field(
        default_factory=dict
    )


Traffic = Constant | Ramp | Daily | Spike | Trace


class Retry(Part, frozen=True):
    """How a failed request is tried again: how often, after a pause between two bounds."""

    times: Annotated[int, Meta(ge=0, le=5)] = 1
    pause_s: tuple[float, float] = (1.0, 3.0)


class RequestClass(Part, frozen=True):
    """A kind of request: what it costs at each role, its data step, how soon it must be answered.

    CPU milliseconds are those of one m5 vCPU. `share` is constant or a curve of
    [second, weight] points.
    """

    name: Name
    share: Share | Annotated[tuple[tuple[Seconds, float], ...], Meta(min_length=2, max_length=64)]
    deadline_ms: Annotated[float, Meta(gt=0, le=600_000)]
    web_ms: Millis = 0.0
    app_ms: Millis = 0.0
    data: Literal["none", "read", "write", "file_read", "file_write"] = "none"
    table: Name | None = None
    data_ms: Millis = 0.0
    data_io: Annotated[int, Meta(ge=0, le=1_000)] = 0
    response_kb: Annotated[float, Meta(ge=0, le=10_000_000)] = 0.0
    patience_ms: Annotated[float, Meta(gt=0, le=600_000)] = 15_000.0
    work: Literal["exponential", "fixed", "lognormal"] = "exponential"
    cv: Annotated[float, Meta(gt=0, le=20)] = 1.0
    https: Share = 0.0
    ipv6: Share = 0.0
    session: bool = False
    max_lag_s: Annotated[float, Meta(ge=0, le=3_600)] | None = None
    retry: Retry = Retry()


class Table(Part, frozen=True):
    """A table of the database: its size, its keys and how unequally they are asked for.

    A request reads or writes one item of `item_kb`; only DynamoDB asks how large that is.
    """

    name: Name
    gb: Annotated[float, Meta(gt=0, le=100_000)]
    keys: Annotated[int, Meta(ge=1, le=1_000_000)] = 100_000
    zipf: Annotated[float, Meta(ge=0, le=3)] = 0.9
    item_kb: Annotated[float, Meta(gt=0, le=400)] = 1.0


class Files(Part, frozen=True):
    """The files that users load and leave."""

    gb: Annotated[float, Meta(ge=0, le=1_000_000)] = 0.0


class Users(Part, frozen=True):
    """The pool of sessions behind the requests."""

    pool: Annotated[int, Meta(ge=1, le=1_000_000)] = 10_000
    zipf: Annotated[float, Meta(ge=0, le=3)] = 0.8


class Network(Part, frozen=True):
    """`hop_ms` is added whenever a request goes on to another machine."""

    hop_ms: Annotated[float, Meta(ge=0, le=10_000)] = 0.5


Happening = Literal[
    "instance_crash",
    "host_failure",
    "noisy_neighbour",
    "slow_disk",
    "bad_deploy",
    "volume_failure",
    "master_failure",
    "zone_outage",
    "traffic_spike",
    "bot_attack",
    "hot_key",
]
"""The kinds of trouble that this version simulates."""

IncidentKind = Literal[Happening, "price_change"]

INCIDENTS_SO_FAR: tuple[IncidentKind, ...] = get_args(Happening)


class Incident(Part, frozen=True):
    """Scheduled trouble: `target` is a resource; `factor` and `duration_s` where the kind has them.

    Instead of a resource, ``role:db`` is whoever answers for that role at that
    second (behind a balancer, the first target that takes requests), or the
    volume that holds its data; a zone outage takes the zone that it is in. A
    kind that cannot befall what it finds there does not happen.

    A slow-down multiplies the target's speed by `factor` for `duration_s`; a
    traffic spike multiplies all demand, a bot attack that of the request class
    `target`. Neither is expected: the error budget does not grow with it. A hot
    key draws `factor` of all requests for the table `target`.
    """

    kind: IncidentKind
    at_s: Seconds
    target: Target | None = None
    duration_s: Annotated[int, Meta(ge=1, le=86_400)] = 60
    factor: Annotated[float, Meta(gt=0, le=100)] = 0.5


class Objectives(Part, frozen=True):
    """What passes the level. `error_budget` is the share of expected demand that may go wrong.

    With `window_s` it counts over the last so many seconds only, and old
    mistakes are forgiven.
    """

    error_budget: Annotated[float, Meta(gt=0, le=1)]
    window_s: Annotated[int, Meta(ge=60, le=86_400)] | None = None
    p95_ms: Annotated[float, Meta(gt=0, le=600_000)] | None = None
    spend_month_usd: Usd | None = None
    keep_data: bool = False
    two_stars_month_usd: Usd | None = None


class Sandbox(Part, frozen=True):
    """Free play: nothing but its end ends the run, and the player directs traffic and trouble.

    One hour is billed as one month, and the budget is one month's; without
    `bill` nothing is charged.
    """

    bill: bool = True


SANDBOX_MONTH_S = 3_600
"""Seconds of a sandbox that are billed as one month."""


class Scenario(Part, frozen=True):
    """Everything that a run starts from, besides its seed and its commands."""

    slug: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]
    duration_s: Annotated[int, Meta(ge=60, le=86_400)]
    budget: Budget
    traffic: Annotated[tuple[Traffic, ...], Meta(min_length=1, max_length=50)]
    requests: Annotated[tuple[RequestClass, ...], Meta(min_length=1, max_length=32)]
    objectives: Objectives
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 1
    allowed: Annotated[tuple[str, ...], Meta(max_length=100)] | None = None
    tables: Annotated[tuple[Table, ...], Meta(max_length=64)] = ()
    files: Files = Files()
    users: Users = Users()
    network: Network = Network()
    board: Board = Board()
    incidents: Annotated[tuple[Incident, ...], Meta(max_length=200)] = ()
    sandbox: Sandbox | None = None

    @property
    def month_s(self) -> int:
        """Seconds that are billed as one month: the whole run, but in a sandbox an hour."""
        return self.duration_s if self.sandbox is None else SANDBOX_MONTH_S


def read_scenario(values: dict[str, Any], where: str, folder: Path | None = None) -> Scenario:
    """A checked Scenario from plain values; `where` names the file in complaints."""
    findings = Findings(where)
    scenario = find_faults(values, findings, folder)
    findings.raise_first()
    return scenario


def check_scenario(scenario: Scenario, where: str, folder: Path | None = None) -> None:
    """Everything a type cannot say: names that lead somewhere, sums, orders. Raises Complaint."""
    findings = Findings(where)
    _check_all(scenario, findings.complain, folder)
    findings.raise_first()


def find_faults(values: dict[str, Any], findings: Findings, folder: Path | None = None) -> Scenario:
    """A scenario and everything that is wrong with it, for which there are stand-ins in it."""
    scenario: Scenario = findings.read(values, Scenario)
    if not findings.full:
        _check_all(scenario, findings.complain, folder)
    return scenario


def _check_all(scenario: Scenario, complain: Complain, folder: Path | None) -> None:
    _check_requests(scenario, complain)
    _check_traffic(scenario, complain, folder)
    check_board(scenario.board, complain)
    _check_tables(scenario, complain)
    _check_incidents(scenario, complain)
    for pattern in scenario.allowed or ():
        if not any(matches(pattern, offered) for offered in offers()):
            complain("allowed", f"'{pattern}' matches nothing in the catalog", "a service or type")


def _check_tables(scenario: Scenario, complain: Complain) -> None:
    """Tables of the board are tables of the scenario, and each lies in one place."""
    names = [t.name for t in scenario.tables]
    for path, name in scenario.board.placed():
        if name not in names:
            complain(path, f"no table '{name}'", one_of(names))
    check_unique([name for _, name in scenario.board.placed()], "board", complain)


def is_offered(scenario: Scenario, offered: str) -> bool:
    """Whether the level has ``service:type`` on offer."""
    return scenario.allowed is None or any(matches(p, offered) for p in scenario.allowed)


def _check_requests(scenario: Scenario, complain: Complain) -> None:
    names = [r.name for r in scenario.requests]
    tables = [t.name for t in scenario.tables]
    check_unique(names, "requests", complain)
    check_unique(tables, "tables", complain)
    for index, request in enumerate(scenario.requests):
        path = f"requests[{index}]"
        needs_table = request.data in ("read", "write")
        if needs_table and request.table is None:
            complain(f"{path}.table", "is missing", f"a table for data = '{request.data}'")
        if request.table is not None and request.table not in tables:
            complain(f"{path}.table", f"no table '{request.table}'", one_of(tables))
        low, high = request.retry.pause_s
        if not 1.0 <= low <= high <= 600.0:
            complain(f"{path}.retry.pause_s", f"[{low}, {high}]", "1 <= low <= high <= 600")
        if isinstance(request.share, tuple):
            times = [second for second, _ in request.share]
            if times != sorted(set(times)):
                complain(f"{path}.share", "seconds do not grow", "points [second, weight] in order")
            if any(weight < 0 or weight > 1e6 for _, weight in request.share):
                complain(f"{path}.share", "weight out of bounds", "weights from 0 to 1000000")
    shares = [r.share for r in scenario.requests if not isinstance(r.share, tuple)]
    if len(shares) == len(names) and abs(sum(shares) - 1.0) > 1e-6:
        complain("requests", f"shares add up to {sum(shares):g}", "1")


def _check_traffic(scenario: Scenario, complain: Complain, folder: Path | None) -> None:
    names = [r.name for r in scenario.requests]
    for index, part in enumerate(scenario.traffic):
        path = f"traffic[{index}]"
        end_s = getattr(part, "end_s", None)
        if end_s is not None and end_s <= part.start_s:
            complain(f"{path}.end_s", f"{end_s} is not after start_s", f"more than {part.start_s}")
        if part.start_s >= scenario.duration_s:
            complain(
                f"{path}.start_s",
                f"{part.start_s} is after the end of the level",
                f"less than {scenario.duration_s}",
            )
        for name in part.paths if isinstance(part, Trace) else ():
            if name not in names:
                complain(f"{path}.paths", f"no request class '{name}'", one_of(names))
        if isinstance(part, Daily) and part.low_rps > part.high_rps:
            complain(f"{path}.low_rps", "is above high_rps", f"at most {part.high_rps:g}")
        if isinstance(part, Trace) and folder is not None and not (folder / part.file).is_file():
            complain(f"{path}.file", f"no file '{part.file}' beside the level", "a CSV of traffic")


def _check_incidents(scenario: Scenario, complain: Complain) -> None:
    names = [r.name for r in scenario.requests]
    for index, incident in enumerate(scenario.incidents):
        path = f"incidents[{index}]"
        if incident.kind not in INCIDENTS_SO_FAR:
            complain(
                f"{path}.kind",
                f"'{incident.kind}' is not simulated by this version yet",
                one_of(INCIDENTS_SO_FAR),
            )
        if incident.target is None and incident.kind != "traffic_spike":
            complain(f"{path}.target", "is missing", "the id of a resource")
        if incident.kind == "bot_attack" and incident.target not in names:
            complain(f"{path}.target", f"no request class '{incident.target}'", one_of(names))
        role = (incident.target or "").partition(":")[2]
        tables = [t.name for t in scenario.tables]
        if incident.kind == "hot_key" and incident.target not in tables:
            complain(f"{path}.target", f"no table '{incident.target}'", one_of(tables))
        if incident.kind == "hot_key" and incident.factor > 1:
            complain(f"{path}.factor", f"{incident.factor:g}", "a share of the requests, up to 1")
        if incident.kind == "zone_outage" and not role and incident.target not in (*ZONES, None):
            complain(f"{path}.target", f"no zone '{incident.target}'", one_of(ZONES))
        if role and role not in ROLES:
            complain(f"{path}.target", f"no role '{role}'", one_of(ROLES))
        if incident.at_s >= scenario.duration_s:
            complain(
                f"{path}.at_s",
                f"{incident.at_s} is after the end of the level",
                f"less than {scenario.duration_s}",
            )
