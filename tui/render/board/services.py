"""What managed services say below their bars, in lines of their own or by their facts."""

from typing import NamedTuple

from engine.views import Fact
from tui.render.board.lines import Line, Note
from tui.render.board.said import copy_note, lag_note, shard_note
from tui.render.board.things import Kept, Managed
from tui.render.figures import clock, count
from tui.theme import Ink
from tui.words import Words

TIGHT_FROM = 0.75
"""A share of a limit from which it is worth a warning."""

MOST_FACTS = 4
"""Facts of an unknown service that its card shows."""


def service_lines(thing: Managed, detail: int, words: Words) -> list[Line]:
    """The lines of a managed resource that are its service's own."""
    match thing.view.service:
        case "rds":
            return _rds(thing, detail, words)
        case "s3":
            return _s3(thing, detail, words)
        case "dynamodb":
            return _dynamodb(thing, detail, words)
        case "elb":
            return _elb(thing, detail, words)
        case "autoscaling":
            return _group(thing, detail, words)
        case "elasticache":
            return _store(thing, detail, words)
        case _:
            return _facts(thing, words) if detail >= 3 else []


def service_notes(thing: Managed, words: Words) -> list[Note]:
    """The same in a few words, for a line of its own."""
    match thing.view.service:
        case "elb":
            return [note for note in (*_troubles_elb(thing, words), _healthy(thing, words)) if note]
        case "autoscaling":
            size = thing.view.facts
            serving = f"{size.get('in_service')}/{size.get('desired')}"
            notes = [Note(f"{words.say('board.in_service')} {serving}", "text")]
            return notes + [Note(f"{m.label} {m.said}", m.ink) for m in _metrics(thing, words)]
        case "elasticache":
            return list(_looked_up(thing, words))
        case "rds":
            share = shard_note(thing, words, short=True)
            notes = [share] if share else []
            if thing.copy is not None:
                notes = [lag_note(thing.copy, words), copy_note(thing.copy, words), *notes]
            return notes
    return []


def _looked_up(thing: Managed, words: Words) -> tuple[Note, Note]:
    """How many sessions a store has, and how often it is asked for one."""
    sessions = words.say("board.sessions", n=count(thing.number("sessions") or 0.0))
    lookups = words.say("board.lookups", n=count(thing.number("lookups_s") or 0.0))
    return Note(sessions, "text"), Note(lookups, "text")


def _store(thing: Managed, detail: int, words: Words) -> list[Line]:
    """What a session store has; whom it is for; that another one is asked, if one is."""
    sessions, lookups = _looked_up(thing, words)
    lines = [Line(thing.id, (sessions,), (lookups,))]
    return [*lines, Line(thing.id, (Note(words.say("board.for_all")),))] if detail >= 4 else lines


def _healthy(thing: Managed, words: Words) -> Note:
    healthy, all_there_are = thing.number("healthy") or 0.0, thing.number("registered") or 0.0
    ink: Ink = "text" if healthy == all_there_are else "warn"
    ink = "down" if not healthy else ink
    said = words.say("board.healthy", n=count(healthy), m=count(all_there_are))
    return Note(said, ink, ink == "down")


def _troubles_elb(thing: Managed, words: Words) -> list[Note]:
    """What nobody may overlook at a balancer."""
    notes, rejected = [], thing.number("rejected_s") or 0.0
    if thing.view.facts.get("fails_open"):
        notes.append(Note("⊘ " + words.say("board.fails_open"), "down", True))
    if rejected:
        notes.append(Note("✕ " + words.say("board.rejected", n=count(rejected)), "down", True))
    return notes


def _elb(thing: Managed, detail: int, words: Words) -> list[Line]:
    """Its targets, what goes wrong, and how it is set."""
    facts, troubles = thing.view.facts, _troubles_elb(thing, words)
    healthy = thing.number("healthy") or 0.0
    of = Line(
        thing.id, (_healthy(thing, words),),
        share=healthy / max(1.0, thing.number("registered") or 0.0),
        share_ink="ok" if healthy == thing.number("registered") else "down",
    )  # fmt: skip
    lines = [Line(thing.id, (note,)) for note in troubles]
    if detail < 3:
        return [*lines, of] if detail == 2 or not healthy else lines
    most = Note(words.say("board.nodes_max", n=count(thing.number("requests_max_s") or 0.0)))
    units = words.say("board.units", n=f"{thing.number('capacity_units') or 0.0:,.1f}")
    lines += [of, Line(thing.id, (most,), (Note(units),))]
    ends = f"facts.tls_{facts.get('tls')}_short"
    said = [fact_said("algorithm", facts.get("algorithm", ""), words)]
    said += [words.say("facts.sticky")] if facts.get("sticky") else []
    kind = "IPv4+6" if facts.get("ipv6") else "IPv4"
    tls = words.say(ends) if words.knows(ends) else ""
    lines.append(Line(thing.id, tuple(Note(part) for part in said)))
    lines.append(Line(thing.id, tuple(Note(part) for part in (tls, kind) if part)))
    return lines


class Metric(NamedTuple):
    """What a group measures: its newest point beside the bound, and the point as a share."""

    label: str
    said: str
    share: float | None
    ink: Ink


def _metrics(thing: Managed, words: Words) -> list[Metric]:
    """Each policy's metric with its newest point and its bound."""
    found = []
    for name in thing.view.facts:
        kind, _, metric = name.partition("_")
        bound = thing.number(name)
        if kind not in ("track", "step") or not bound:
            continue
        point = thing.number(f"point_{metric}")
        unit = "%" if metric == "cpu" else ""
        said = f"{'–' if point is None else count(point)}{'→' if kind == 'track' else '>'}"
        share = None if point is None else point / (100 if metric == "cpu" else 2 * bound)
        ink: Ink = "text" if point is None or point <= bound else "warn"
        label = words.say(f"board.metric_{metric}")
        found.append(Metric(label, f"{said}{count(bound)}{unit}", share, ink))
    return found


def _group(thing: Managed, detail: int, words: Words) -> list[Line]:
    """How many are in service of those desired, and its metrics against their bounds."""
    serving, desired = thing.number("in_service") or 0.0, thing.number("desired") or 0.0
    ink: Ink = "ok" if serving == desired else "warn"
    figure = Note(f"{count(serving)}/{count(desired)}", "text" if ink == "ok" else ink)
    label = Note(words.say("board.in_service"))
    lines = [Line(thing.id, (label,), (figure,), share=serving / max(1.0, desired), share_ink=ink)]
    for metric in _metrics(thing, words):
        lines.append(
            Line(
                thing.id, (Note(metric.label),), (Note(metric.said, metric.ink),),
                share=metric.share, share_ink="warn" if metric.ink == "warn" else "ok",
            )
        )  # fmt: skip
    if detail >= 3:
        sizes = {name: count(thing.number(name) or 0.0) for name in ("least", "most")}
        said = [Note(words.say("board.sizes", **sizes))]
        at = thing.number("scheduled_s")
        said += [] if at is None else [Note(words.say("board.scheduled", at=clock(at)), "accent")]
        lines.append(Line(thing.id, tuple(said)))
    return lines


def fact_said(name: str, fact: Fact, words: Words) -> str:
    """A fact that is one of a few words, as people call it."""
    key = f"facts.{name}_{fact}"
    return words.say(key) if words.knows(key) else str(fact)


def service_title(service: str, words: Words) -> str:
    """A service's full name."""
    key = f"board.service_{service}"
    return words.say(key) if words.knows(key) else service.upper()


def kept_title(kept: Kept, words: Words) -> str:
    """What stands in a frame with a thing that no request reaches."""
    key = {"image": "board.images", "alarm": "board.alarms"}.get(kept.kind, "board.snapshots")
    return words.say(key)


def engine_name(engine: Fact, words: Words) -> str:
    """``MySQL``: a database engine's name without what it costs."""
    key = f"facts.engine_{engine}"
    return words.say(key).partition(",")[0] if words.knows(key) else str(engine)


def _rds(thing: Managed, detail: int, words: Words) -> list[Line]:
    facts, lines = thing.view.facts, []
    connections, most = thing.number("connections"), thing.number("connections_max")
    if connections is not None and most:
        lines.append(
            _of_limit(thing, words.say("board.connections"), connections, most, "", detail)
        )
    lag = _lag(thing, detail, words)
    if detail < 3:
        return [*lag, *(line for line in lines if (line.share or 0) >= TIGHT_FROM)]
    used, gb = thing.number("used_gb"), thing.number("gb")
    if used is not None and gb:
        lines.append(_of_limit(thing, words.say("board.storage"), used, gb, " GB", detail))
    lines += _credits(thing, words)
    if "reads" in facts:
        lag = [Line(thing.id, (Note(words.say(f"board.reads_{facts['reads']}"), "text"),))]
    return [*lag, _engine(thing, facts, words), *lines]


def _lag(thing: Managed, detail: int, words: Words) -> list[Line]:
    """How far behind a replica is; at the least that it falls further back."""
    copy = thing.copy
    if copy is None or (detail == 1 and not copy.is_late):
        return []
    lag = lag_note(copy, words)
    if detail < 3:
        # The first of the notes stays where there is no room for the other.
        return [Line(thing.id, (lag, copy_note(copy, words)))]
    return [Line(thing.id, (lag,), (Note(words.say("board.unapplied", n=f"{copy.unapplied:,}")),))]


def _engine(thing: Managed, facts: dict[str, Fact], words: Words) -> Line:
    """Engine, zone, standby and backups."""
    said = [Note(engine_name(facts.get("engine", ""), words), "text")]
    if "standby_zone" in facts:
        ready = facts.get("standby_ready", True)
        key = "board.standby" if ready else "board.standby_not_ready"
        said.append(Note(words.say(key, zone=facts["standby_zone"]), "ok" if ready else "warn"))
    if thing.view.zone:
        said.append(Note(words.say("board.zone", zone=thing.view.zone)))
    if facts.get("backup_days") == 0 and thing.copy is None:
        said.append(Note(words.say("board.no_backups"), "warn"))
    return Line(thing.id, tuple(said))


def _credits(thing: Managed, words: Words) -> list[Line]:
    credits, most = thing.number("credits"), thing.number("credits_max")
    if credits is None or not most:
        return []
    share = credits / most
    ink: Ink = "ok" if share > 1 - TIGHT_FROM else "warn"
    label, figure = (Note(words.say("board.credits")),), (Note(count(credits), "text"),)
    return [Line(thing.id, label, figure, share=share, share_ink=ink)]


def _of_limit(
    thing: Managed, label: str, value: float, most: float, unit: str, detail: int
) -> Line:
    """A figure that has a limit, in small steps."""
    share = value / most
    ink: Ink = "down" if share >= 1 else "warn" if share >= TIGHT_FROM else "ok"
    figure = Note(f"{count(value)}/{count(most)}{unit}", ink if ink != "ok" else "text")
    return Line(thing.id, (Note(label),), (figure,), share=share, share_ink=ink)


def _s3(thing: Managed, detail: int, words: Words) -> list[Line]:
    reads, writes = thing.number("reads_s") or 0.0, thing.number("writes_s") or 0.0
    slowed, prefixes = thing.number("slowed_s") or 0.0, thing.number("prefixes")
    trouble = Note("✕ " + words.say("board.slowed", n=count(slowed)), "down", True)
    if detail < 3:
        return [Line(thing.id, (trouble,))] if slowed else []
    rates = [
        Note(words.say("board.reads", n=count(reads)), "text"),
        Note(words.say("board.writes", n=count(writes)), "text"),
    ]
    stored = [Note(f"{count(thing.number('used_gb') or 0.0)} GB", "text")]
    if prefixes is not None:
        stored.append(Note(words.say("board.prefixes", n=count(prefixes))))
    first = (trouble, *rates) if slowed else tuple(rates)
    return [Line(thing.id, first), Line(thing.id, tuple(stored))]


def _dynamodb(thing: Managed, detail: int, words: Words) -> list[Line]:
    """Units of what it may be asked, what it throttles, and where its keys lie."""
    throttled, hot = thing.number("throttled_s") or 0.0, thing.number("hot_s") or 0.0
    said = "board.throttled_hot" if 2 * hot > throttled else "board.throttled_s"
    trouble = Line(thing.id, (Note("✕ " + words.say(said, n=count(throttled)), "down", True),))
    lines = [trouble] if throttled else []
    if detail < 3:
        return lines
    for unit in ("rcu", "wcu"):
        used, most = thing.number(f"used_{unit}"), thing.number(unit)
        if used is not None and most:
            lines.append(_of_limit(thing, words.say(f"board.{unit}"), used, most, "", detail))
    stored = f"{count(thing.number('used_gb') or 0.0)} GB"
    parts = words.say("board.partitions", n=count(thing.number("partitions") or 1.0))
    mode = fact_said("mode", thing.view.facts.get("mode", ""), words)
    return [*lines, Line(thing.id, (Note(mode, "text"), Note(parts), Note(stored)))]


def _facts(thing: Managed, words: Words) -> list[Line]:
    """The first figures of a service that has no lines of its own, by their names."""
    named = [
        (words.say(f"facts.{name}"), fact)
        for name, fact in thing.view.facts.items()
        if words.knows(f"facts.{name}")
    ]
    return [
        Line(thing.id, (Note(label),), (Note(_figure(fact), "text"),))
        for label, fact in named[:MOST_FACTS]
    ]


def _figure(fact: Fact) -> str:
    if isinstance(fact, bool):
        return "✓" if fact else "–"
    return fact if isinstance(fact, str) else count(fact)
