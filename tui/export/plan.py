"""A plan: the commands of a run as steps that `headroom run` gives again at the same seconds."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from engine.complaint import Complaint, printable
from engine.outcomes import Accepted
from engine.recording import CommandLine, Recording
from engine.toml import MAX_BYTES
from tui.export.again import Again, run_again
from tui.render.figures import clock

MAX_STEPS = 500
"""As many as a plan's file may have."""

TIMING = {"at_s", "after_s", "when", "for_s"}
"""What a step says besides its command."""

IN_A_LINE = 60
"""Figures of a long list; more points in a line would not be read again."""

BARE = re.compile(r"[A-Za-z0-9_-]+")


def plan_lines(recording: Recording) -> Iterator[str]:
    """The plan's file; refused commands changed nothing and only stand there as remarks."""
    lines = list(_lines(recording))
    if sum(len(line.encode()) + 1 for line in lines) > MAX_BYTES:
        what = "what was given is too much for a plan's file"
        raise Complaint(recording.header.slug, what, f"at most {MAX_BYTES:,} bytes")
    return iter(lines)


def _lines(recording: Recording) -> Iterator[str]:
    header = recording.header
    done = [line for line in recording.commands if isinstance(line.outcome, Accepted)]
    if len(done) > MAX_STEPS:
        raise Complaint(header.slug, f"{len(done)} commands were given", f"at most {MAX_STEPS}")
    slug = printable(header.slug)
    began = f", begun {printable(header.started_at)}" if header.started_at else ""
    yield f"# What was done in a run of {slug} with seed {header.seed}{began}."
    again = run_again(recording, "THIS-FILE")
    yield f"# {_promise(recording, again)}:"
    yield f"#   {' '.join(again.words)}"
    if header.traces:
        names = ", ".join(printable(name) for name in sorted(header.traces))
        yield f"# Its traffic came from {names}."
    if not done:
        yield "steps = []"
    for line in recording.commands:
        yield ""
        yield from _step(line)


def _promise(recording: Recording, again: Again) -> str:
    """What comes of the command; no more than is known."""
    if again.same:
        ground = ""
    elif again.of_game:
        ground = ", if the level were still as it was then"
    else:
        ground = ", if that file, and the traffic it was played with, are as they were then"
    frames = recording.frames
    if recording.result is None and frames and frames[-1].verdict is None:
        lasted = frames[-1].second
        cut = f"This run was cut off at {clock(lasted)}"
        return f"{cut}. The same again, and on; its first {lasted} s come out the same{ground}"
    return f"The same run again, to the same digest{ground}"


def _step(line: CommandLine) -> Iterator[str]:
    command = {key: value for key, value in line.command.items() if value is not None}
    if TIMING & set(command):
        raise Complaint(f"command at second {line.second}", "is none that a plan can hold")
    if not isinstance(line.outcome, Accepted):
        yield f"# {line.second}: {_toml(command)} was refused, {line.outcome.reason}"
        return
    yield "[[steps]]"
    yield f"at_s = {line.second}"
    for key, value in command.items():
        if isinstance(value, list | tuple) and len(value) > IN_A_LINE:
            yield from _long_list(_key(key), value)
        else:
            yield f"{_key(key)} = {_toml(value)}"


def _long_list(key: str, values: Sequence[Any]) -> Iterator[str]:
    """A list over several lines, as short as it can be: a plan's file has a bound."""
    yield f"{key} = ["
    for start in range(0, len(values), IN_A_LINE):
        yield f"{','.join(map(_toml, values[start : start + IN_A_LINE]))},"
    yield "]"


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _toml(key)


def _toml(value: Any) -> str:
    """A plain value as TOML writes it, on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return f'"{"".join(map(_escaped, value))}"'
        case list() | tuple():
            return f"[{', '.join(_toml(item) for item in value if item is not None)}]"
        case dict():
            pairs = ((key, item) for key, item in value.items() if item is not None)
            return f"{{{', '.join(f'{_key(key)} = {_toml(item)}' for key, item in pairs)}}}"
    raise TypeError(type(value))


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"
