"""News and reasons as sentences; a name that the words table does not know is said plainly."""

from collections.abc import Sequence

from engine.frame import News
from tui.render.figures import clock, millis
from tui.words import Words

INTERNET = "internet"
"""Where what is sent to users goes, on the invoice."""

PARTS = {"cpu": "board.cpu", "io": "board.io", "rate": "board.rate", "nodes": "board.nodes"}


def role_words(role: str, words: Words) -> str:
    """``the table orders`` for ``db/orders``; the four roles as they are."""
    _, slash, table = role.partition("/")
    return words.say("board.the_table", table=table) if slash else role


def place_words(station: str, words: Words) -> str:
    """``web-1 CPU`` for ``web-1/cpu``; the internet by its word; other places as they are."""
    if station == INTERNET:
        return words.say("board.internet")
    resource, slash, part = station.rpartition("/")
    return f"{resource} {words.say(PARTS[part])}" if slash and part in PARTS else station


def part_words(station: str, resource: str | None, words: Words) -> str:
    """``CPU`` for a station of the resource that is spoken of; those of others by their owner."""
    owner, _, part = station.rpartition("/")
    if owner != resource:
        return owner or station
    return words.say(PARTS[part]) if part in PARTS else part


def reason_words(reason: str, words: Words, late_after_ms: float | None = None) -> str:
    """Why a request failed, in a few words; for late ones with the deadline if it is known."""
    if reason == "late" and late_after_ms is not None:
        return words.say("reasons.late_over", ms=millis(late_after_ms))
    key = f"reasons.{reason}"
    return words.say(key) if words.knows(key) else reason.replace("_", " ")


def short_reason(reason: str, words: Words) -> str:
    """The same in one or two words, for legends."""
    key = f"short_reasons.{reason}"
    return words.say(key) if words.knows(key) else reason_words(reason, words)


VERDICTS = {"passed": "verdict_won", "ended": "verdict_ended"}
"""How the news tell of the end; any other cause is a loss."""


OVERTAKEN_BY = {"budget_half": "budget_quarter"}
"""Warnings that a stronger one of the same second makes needless."""

GONE = {"budget_half": "budget_gone", "budget_quarter": "budget_gone", "money_low": "money_gone"}
"""How the news tell of a share that is left once there is less than none."""


def worth_telling(news: Sequence[News]) -> list[News]:
    """The news of one second without the warnings that a stronger one overtakes."""
    kinds = {one.kind for one in news}
    return [one for one in news if OVERTAKEN_BY.get(one.kind) not in kinds]


def news_words(news: News, words: Words) -> str:
    """A line of news."""
    args = dict(news.args)
    if "reason" in args:
        args["reason"] = reason_words(str(args["reason"]), words)
    for name in ("station", "at"):
        if name in args:
            args[name] = place_words(str(args[name]), words)
    if words.knows(reads := f"facts.reads_{args.get('reads')}"):
        args["reads"] = words.say(reads)
    if "role" in args:
        args["role"] = role_words(str(args["role"]), words)
    if isinstance(args.get("at_s"), int):
        args["at_s"] = clock(int(args["at_s"]))
    left = args.get("percent")
    gone = isinstance(left, int | float) and left < 0 and news.kind in GONE
    key = f"news.{GONE[news.kind] if gone else news.kind}"
    if news.kind == "verdict":
        cause = str(args.get("cause", ""))
        key = f"news.{VERDICTS.get(cause, 'verdict_lost')}"
        args["cause"] = reason_words(cause, words)
    if words.knows(key):
        try:
            return words.say(key, **args)
        except (KeyError, ValueError, IndexError):
            pass  # a recording of another version: other figures, so say them plainly
    details = ", ".join(f"{name} {value}" for name, value in args.items())
    return words.say("news.other", kind=news.kind.replace("_", " "), details=details)
