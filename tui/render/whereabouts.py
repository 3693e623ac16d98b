"""Where tables are, in words: what something answers for, who follows it, which shard it is."""

from engine.frame import Frame
from engine.scenario import ROLES
from engine.views import ResourceView
from tui.render.board.flows import roles_held, shards_of
from tui.render.board.said import lag_note
from tui.render.board.tables import copy_of, shard_of
from tui.render.figures import percent
from tui.render.history import History
from tui.render.sentences import role_words
from tui.words import Words


def held_words(words: Words, frame: Frame, id: str) -> str:
    """The roles and tables that something answers for."""
    held = roles_held(frame, id)
    tables = [role_words(role, words) for role in held if role not in ROLES]
    roles = " ".join(role for role in held if role in ROLES)
    return ", ".join([roles, *tables] if roles else tables)


def tables_rows(
    words: Words, frame: Frame, history: History, view: ResourceView
) -> list[tuple[str, str]]:
    """Who follows it, which shard it is, or whom it is for."""
    rows: list[tuple[str, str]] = []
    for follower in frame.resources:
        copy = copy_of(frame, history, follower)
        if copy is not None and copy.source == view.id:
            rows.append(
                ("" if rows else "replicas", f"{follower.id}: {lag_note(copy, words).text}")
            )
    came: dict[str, float] = {}
    for (_, target), rate in (history.hops(frame.second) or {}).items():
        came[target] = came.get(target, 0.0) + rate
    shard = shard_of(frame, shards_of(frame), came, view.id)
    if shard is not None:
        said = words.say("inspect.shard_of", table=shard.table, n=shard.shards,
                         percent=percent(shard.share))  # fmt: skip
        rows.append(("shard", f"▲ {said}" if shard.hot else said))
    if view.service == "elasticache":
        rows.append(("serves", words.say("board.for_all")))
    return rows
