"""What managed services say below their bars: RDS and S3 in their own lines, others by facts."""

from engine.frame import Fact
from tui.render.board.lines import Line, Note
from tui.render.board.things import Managed
from tui.render.figures import count
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
        case _:
            return _facts(thing, words) if detail >= 3 else []


def service_title(service: str, words: Words) -> str:
    """A service's full name."""
    key = f"board.service_{service}"
    return words.say(key) if words.knows(key) else service.upper()


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
    if detail < 3:
        return [line for line in lines if (line.share or 0) >= TIGHT_FROM]
    used, gb = thing.number("used_gb"), thing.number("gb")
    if used is not None and gb:
        lines.append(_of_limit(thing, words.say("board.storage"), used, gb, " GB", detail))
    lines += _credits(thing, words)
    return [_engine(thing, facts, words), *lines]


def _engine(thing: Managed, facts: dict[str, Fact], words: Words) -> Line:
    """Engine, zone, standby and backups."""
    said = [Note(engine_name(facts.get("engine", ""), words), "text")]
    if "standby_zone" in facts:
        said.append(Note(words.say("board.standby", zone=facts["standby_zone"]), "ok"))
    if thing.view.zone:
        said.append(Note(words.say("board.zone", zone=thing.view.zone)))
    if facts.get("backup_days") == 0:
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
