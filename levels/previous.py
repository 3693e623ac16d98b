"""The answer of the level before: what its reference plan left standing, as an opening board."""

import msgspec

from engine.complaint import Complaint
from engine.frame import Frame, InstanceView, ResourceView
from engine.scenario import (
    ROLES,
    Board,
    BoardBalancer,
    BoardBucket,
    BoardDatabase,
    BoardInstance,
    BoardSessionStore,
    BoardTable,
    BoardVolume,
    Scenario,
    check_scenario,
)
from engine.simulation import Simulation
from levels.level import Level, followed_folder, read_level
from levels.plan import Player, read_plan

AVAILABLE = "available"
"""State of a managed resource that answers."""

TUNED = ("gp3", "io2")
"""Types of volume whose IOPS are bought, and not only given."""


def opening_before(level: Level) -> Scenario:
    """The level's scenario, opening with what the reference plan of the one before left.

    That plan is played to its end in its own level, on that level's own seed.
    What takes requests then is the board: machines with their volumes, databases,
    buckets, balancers, session stores, tables of DynamoDB, and the addresses.
    Traffic, data, money and goals are those of `level`. Raises Complaint where
    the plan loses, or leaves what no opening board can hold: a group, shards,
    a machine with several volumes.
    """
    folder = followed_folder(level)
    assert folder is not None, "a level that was read follows a level that there is"
    before = read_level(folder)
    frame = _last_frame(before)
    if frame.verdict is None or not frame.verdict.won:
        raise Complaint(before.slug, "its reference plan loses", "a level that is proven")
    where = f"{before.slug} with its reference plan"
    scenario = msgspec.structs.replace(level.scenario, board=board_left(frame, where))
    check_scenario(scenario, f"{level.slug} after {where}", level.folder)
    return scenario


def _last_frame(level: Level) -> Frame:
    simulation = Simulation(level.scenario, folder=level.folder)
    player = Player(read_plan(level.plan_path("reference")))
    while not simulation.over:
        player.play(simulation)
        simulation.advance()
    return simulation.frame()


def board_left(frame: Frame, where: str) -> Board:
    """A board like the one in the frame; Complaint where no opening board can be like it."""
    views: dict[str, list[ResourceView]] = {}
    for resource in frame.resources:
        if resource.state == AVAILABLE:
            views.setdefault(resource.service, []).append(resource)
    tables = tuple(map(_table, views.get("dynamodb", ())))
    machines = [machine for machine in frame.instances if machine.state == "running"]
    moved = {role for role in frame.addresses if role not in ROLES}
    moved -= {f"db/{table.table}" for table in tables}
    if moved or views.keys() & {"autoscaling", "shards"}:
        raise Complaint(where, "leaves groups or shards", "what a level can open with")
    return Board(
        instances=tuple(_instance(frame, machine, where) for machine in machines),
        databases=tuple(_database(view) for view in views.get("rds", ()) if view.roles),
        buckets=tuple(BoardBucket(bucket.id) for bucket in views.get("s3", ())),
        balancers=tuple(
            _balancer(view, [machine.id for machine in machines]) for view in views.get("elb", ())
        ),
        session_stores=tuple(map(_session_store, views.get("elasticache", ()))),
        tables=tables,
        addresses={role: to for role in ROLES if (to := frame.addresses.get(role)) is not None},
    )


def _instance(frame: Frame, machine: InstanceView, where: str) -> BoardInstance:
    if len(machine.volumes) != 1:
        what = f"leaves {machine.id} with {len(machine.volumes)} volumes"
        raise Complaint(where, what, "one for each machine")
    volume = frame.volume(machine.volumes[0])
    assert volume is not None
    iops = volume.iops if volume.type in TUNED else None
    return msgspec.convert(
        {
            "id": machine.id,
            "type": machine.type,
            "roles": machine.roles,
            "zone": machine.zone,
            "os": machine.os,
            "volume": BoardVolume(volume.type, volume.gb, iops, volume.root),
            "credits": machine.credits,
            "unlimited": machine.unlimited,
        },
        BoardInstance,
    )


def _database(view: ResourceView) -> BoardDatabase:
    names = ("engine", "gb", "multi_az", "backup_days", "source", "reads", "credits")
    facts = {name: view.facts[name] for name in names if name in view.facts}
    values = {"id": view.id, "type": view.type, "zone": view.zone, **facts}
    return msgspec.convert(values, BoardDatabase)


def _balancer(view: ResourceView, machines: list[str]) -> BoardBalancer:
    facts = {name: view.facts[name] for name in ("algorithm", "tls", "ipv6", "sticky")}
    targets = [target for target in view.behind if target in machines]
    return msgspec.convert({"id": view.id, "targets": targets, **facts}, BoardBalancer)


def _session_store(view: ResourceView) -> BoardSessionStore:
    return msgspec.convert({"id": view.id, "type": view.type, "zone": view.zone}, BoardSessionStore)


def _table(view: ResourceView) -> BoardTable:
    provisioned = view.facts["mode"] == "provisioned"
    names = ("table", "mode", *(("rcu", "wcu", "auto") if provisioned else ()))
    return msgspec.convert({"id": view.id} | {n: view.facts[n] for n in names}, BoardTable)
