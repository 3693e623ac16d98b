"""Whether an opening board can stand: types that there are, names that lead somewhere."""

from engine.board import Board, BoardGroup, BoardVolume
from engine.catalog import CATALOG
from engine.parts import Complain, check_unique, one_of


def check_board(board: Board, complain: Complain) -> None:
    """Types that there are, names given once, addresses that lead to who plays the role."""
    check_unique(_names(board), "board", complain)
    _check_instances(board, complain)
    _check_databases(board, complain)
    for index, store in enumerate(board.session_stores):
        if store.type not in CATALOG.cache_types:
            path, types = f"board.session_stores[{index}].type", CATALOG.cache_types
            complain(path, f"no class '{store.type}'", one_of(types))
    _check_balancers(board, complain)
    _check_further_volumes(board, complain)
    for index, group in enumerate(board.groups):
        _check_group(board, group, f"board.groups[{index}]", complain)
    _check_members(board, complain)
    _check_alarms(board, complain)
    _check_homes(board, complain)
    _check_addresses(board, complain)


def _names(board: Board) -> list[str]:
    """Everything that has a name on the board."""
    parts = (
        board.instances, board.buckets, board.databases, board.balancers, board.session_stores,
        board.tables, board.images, board.groups, board.alarms, board.snapshots,
    )  # fmt: skip
    backups = [f"{d.id}-backup" for d in board.databases]
    return [part.id for kind in parts for part in kind] + _volumes(board) + backups


def _volumes(board: Board) -> list[str]:
    """The volumes that have a name of their own."""
    named = [i.volume.id for i in board.instances if i.volume.id is not None]
    return named + [v.id for v in board.volumes]


def _check_instances(board: Board, complain: Complain) -> None:
    for index, instance in enumerate(board.instances):
        path = f"board.instances[{index}]"
        if instance.type not in CATALOG.instance_types:
            complain(f"{path}.type", f"no type '{instance.type}'", one_of(CATALOG.instance_types))
        _check_volume(instance.volume, f"{path}.volume", complain)
        if not instance.roles or len(set(instance.roles)) != len(instance.roles):
            complain(f"{path}.roles", "empty or with a role twice", "some of web, app, db, files")
        family = CATALOG.instance_types.get(instance.type)
        if instance.credits is not None and family and family.credits_per_hour == 0:
            complain(f"{path}.credits", f"{instance.type} has no CPU credits", "a t3 type")
        _check_image(board, instance.image, instance.os, f"{path}.image", complain)


def _check_volume(volume: BoardVolume, path: str, complain: Complain) -> None:
    kind = CATALOG.volume_types.get(volume.type)
    if kind is None:
        what = f"no volume type '{volume.type}'"
        complain(f"{path}.type", what, one_of(CATALOG.volume_types))
    elif volume.mib_s is not None and not kind.included_mib_s <= volume.mib_s <= kind.max_mib_s:
        expected = f"{kind.included_mib_s} to {kind.max_mib_s}"
        if kind.burst_iops_per_tib:
            expected = "nothing, for it comes with the size"
        complain(f"{path}.mib_s", f"{volume.mib_s} of {volume.type}", expected)


def _check_image(board: Board, image: str | None, os: str, path: str, complain: Complain) -> None:
    """One of the board's own, of the same system, or one of the Marketplace."""
    if image is None or image in CATALOG.marketplace:
        return
    own = {i.id: i.os for i in board.images}
    if image not in own:
        complain(path, f"no image '{image}'", one_of([*own, *CATALOG.marketplace]))
    elif own[image] != os:
        complain(path, f"'{image}' is an image of {own[image]}", f"one of {os}")


def _check_databases(board: Board, complain: Complain) -> None:
    for index, database in enumerate(board.databases):
        path = f"board.databases[{index}]"
        row = CATALOG.rds_types.get(database.type)
        if row is None:
            complain(f"{path}.type", f"no class '{database.type}'", one_of(CATALOG.rds_types))
        elif database.credits is not None and row.credits_per_hour == 0:
            complain(f"{path}.credits", f"{database.type} has no CPU credits", "a db.t3 class")
        masters = [d.id for d in board.databases[:index] if d.source is None]
        if database.source is not None and database.source not in masters:
            source, expected = database.source, f"{one_of(masters)}, named before"
            complain(f"{path}.source", f"no master '{source}'", expected)


def _check_balancers(board: Board, complain: Complain) -> None:
    machines = [i.id for i in board.instances]
    for index, balancer in enumerate(board.balancers):
        path = f"board.balancers[{index}]"
        for target in balancer.targets:
            if target not in machines:
                complain(f"{path}.targets", f"no instance '{target}'", one_of(machines))
        for target in balancer.weights:
            if target not in balancer.targets:
                expected = one_of(balancer.targets)
                complain(f"{path}.weights.{target}", f"no target '{target}'", expected)
        if 0 < balancer.slow_start_s < 30:
            complain(f"{path}.slow_start_s", f"{balancer.slow_start_s}", "0, or 30 to 900")


def _check_further_volumes(board: Board, complain: Complain) -> None:
    machines = {i.id: i for i in board.instances}
    held = [role for volume in board.volumes for role in volume.holds]
    check_unique(list(held), "board.volumes", complain)
    for index, volume in enumerate(board.volumes):
        path = f"board.volumes[{index}]"
        _check_volume(volume, path, complain)
        if volume.instance is None:
            continue
        machine = machines.get(volume.instance)
        if machine is None:
            complain(f"{path}.instance", f"no instance '{volume.instance}'", one_of(machines))
        elif machine.zone != volume.zone:
            what = f"'{volume.instance}' is in zone {machine.zone}"
            complain(f"{path}.instance", what, f"one in zone {volume.zone}")


def _check_group(board: Board, group: BoardGroup, path: str, complain: Complain) -> None:
    """What its instances are to be, how many, and by what it goes."""
    if group.type not in CATALOG.instance_types:
        complain(f"{path}.type", f"no type '{group.type}'", one_of(CATALOG.instance_types))
    if not group.roles or len(set(group.roles)) != len(group.roles):
        complain(f"{path}.roles", "empty or with a role twice", "some of web, app, db, files")
    if not group.zones or len(set(group.zones)) != len(group.zones):
        complain(f"{path}.zones", "empty or with a zone twice", "some of a, b, c")
    _check_image(board, group.image, "linux", f"{path}.image", complain)
    balancers = [b.id for b in board.balancers]
    if group.balancer is not None and group.balancer not in balancers:
        complain(f"{path}.balancer", f"no balancer '{group.balancer}'", one_of(balancers))
    for role, holder in board.addresses.items():
        if holder == group.balancer and role not in group.roles:
            what = f"'{holder}' answers for {role}"
            complain(f"{path}.roles", what, f"{role} among them")
    sizes = [(path, group.least, group.desired, group.most)]
    sizes += [(f"{path}.schedule[{n}]", later.least, later.desired, later.most)
              for n, later in enumerate(group.schedule)]  # fmt: skip
    largest = CATALOG.autoscaling.max_size
    for where, least, desired, most in sizes:
        if not least <= desired <= most <= largest:
            what = f"least {least}, desired {desired}, most {most}"
            complain(where, what, f"least <= desired <= most <= {largest}")
    for n, step in enumerate(group.steps):
        if step.add == 0:
            complain(f"{path}.steps[{n}].add", "0", "more than none, or fewer")
    for n, track in enumerate(group.tracking):
        if track.metric == "cpu" and track.target > 100:
            complain(f"{path}.tracking[{n}].target", f"{track.target:g}", "1 to 100 percent of CPU")
    if len({track.metric for track in group.tracking}) < len(group.tracking):
        complain(f"{path}.tracking", "a metric twice", "each metric once")


def _check_members(board: Board, complain: Complain) -> None:
    """Instances of the board, each in one group at most, and what that group's are to be."""
    machines = {i.id: i for i in board.instances}
    taken: dict[str, str] = {}
    for index, group in enumerate(board.groups):
        path = f"board.groups[{index}].members"
        if len(group.members) > group.desired:
            expected = f"at most {group.desired}, which are desired"
            complain(path, f"{len(group.members)} members", expected)
        for member in group.members:
            machine = machines.get(member)
            if machine is None:
                complain(path, f"no instance '{member}'", one_of(machines))
                continue
            if member in taken:
                complain(path, f"'{member}' is in '{taken[member]}'", "an instance of no group")
            taken[member] = group.id
            if set(machine.roles) != set(group.roles):
                what = f"'{member}' plays {', '.join(machine.roles)}"
                complain(path, what, f"one that plays {', '.join(group.roles)}")
            if machine.zone not in group.zones:
                what = f"'{member}' is in zone {machine.zone}"
                complain(path, what, f"one in zone {', '.join(group.zones)}")
            if machine.detailed and group.detailed:
                what = f"'{member}' is measured every minute by its group"
                complain(path, what, "detailed = false of one of them")


def _check_alarms(board: Board, complain: Complain) -> None:
    parts = (board.instances, board.databases, board.balancers, board.buckets, board.tables)
    measured = [part.id for kind in parts for part in kind] + _volumes(board)
    for index, alarm in enumerate(board.alarms):
        if alarm.resource not in measured:
            path = f"board.alarms[{index}].resource"
            complain(path, f"nothing is measured of '{alarm.resource}'", one_of(measured))


def _check_homes(board: Board, complain: Complain) -> None:
    """Tables apart from the rest, and shards, lie on masters."""
    masters = [d.id for d in board.databases if d.source is None]
    for table, home in board.homes.items():
        if home not in masters:
            complain(f"board.homes.{table}", f"no master '{home}'", one_of(masters))
    for index, shards in enumerate(board.shards):
        path = f"board.shards[{index}].databases"
        check_unique(list(shards.databases), path, complain)
        for id in shards.databases:
            if id not in masters:
                complain(path, f"no master '{id}'", one_of(masters))


def _check_addresses(board: Board, complain: Complain) -> None:
    players = board.players()
    for role, holder in board.addresses.items():
        if holder not in players:
            complain(f"board.addresses.{role}", f"nothing is called '{holder}'", one_of(players))
        elif role not in players[holder]:
            complain(f"board.addresses.{role}", f"'{holder}' does not play {role}", "one that does")
