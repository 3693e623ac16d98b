"""The look: named colours for dark and light, the ramp of load, and glyphs with an ASCII twin.

Colour is never the only sign: whatever has a colour here also has a glyph, a
word or a height. The ramp's order survives in grey.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from rich.style import Style
from textual.theme import Theme

Ink = Literal[
    "text", "strong", "dim", "faint", "line", "title", "accent", "flow",
    "ok", "warn", "full", "down", "money", "p50", "p95", "p99", "area",
]  # fmt: skip
"""What a colour is for; every cell is drawn in one of these or in a step of the load ramp."""


class State(StrEnum):
    """How a thing on the board is doing; each has a word in the words table."""

    OK = "ok"
    WARN = "warn"
    FULL = "full"
    BOOTING = "booting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    DOWN = "down"
    IDLE = "idle"
    CREATING = "creating"
    MODIFYING = "modifying"
    DRAINING = "draining"
    MIGRATING = "migrating"
    FAILING_OVER = "failing_over"
    FAILED = "failed"
    UNCHECKED = "unchecked"
    UNHEALTHY = "unhealthy"
    OTHER = "other"


WARN_FROM = 0.75
"""Utilization from which a station is close to its limit: waiting starts to grow fast here."""

FULL_FROM = 0.95
"""Utilization from which a station has no headroom to speak of."""


def state_of_load(load: float) -> State:
    """OK, WARN or FULL for a utilization in 0..1."""
    if load >= FULL_FROM:
        return State.FULL
    return State.WARN if load >= WARN_FROM else State.OK


STATE_INK: dict[State, Ink] = {
    State.OK: "ok",
    State.WARN: "warn",
    State.FULL: "full",
    State.BOOTING: "flow",
    State.STOPPING: "dim",
    State.STOPPED: "dim",
    State.DOWN: "down",
    State.IDLE: "warn",
    State.CREATING: "flow",
    State.MODIFYING: "accent",
    State.DRAINING: "dim",
    State.MIGRATING: "accent",
    State.FAILING_OVER: "down",
    State.FAILED: "down",
    State.UNCHECKED: "flow",
    State.UNHEALTHY: "down",
    State.OTHER: "text",
}

STATE_GLYPH: dict[State, str] = {
    State.OK: "●",
    State.WARN: "▲",
    State.FULL: "■",
    State.BOOTING: "◔",
    State.STOPPING: "◌",
    State.STOPPED: "○",
    State.DOWN: "✕",
    State.IDLE: "◇",
    State.CREATING: "◔",
    State.MODIFYING: "◑",
    State.DRAINING: "▽",
    State.MIGRATING: "⇢",
    State.FAILING_OVER: "⇄",
    State.FAILED: "✕",
    State.UNCHECKED: "◔",
    State.UNHEALTHY: "⊘",
    State.OTHER: "◈",
}


@dataclass(frozen=True)
class Palette:
    """Colours as #rrggbb; `ramp` are the steps of load from none to full."""

    background: str
    selected: str
    track: str
    inks: tuple[tuple[Ink, str], ...]
    ramp: tuple[str, ...]


DARK = Palette(
    background="#0e131a",
    selected="#1d2a3a",
    track="#232d39",
    inks=(
        ("text", "#c8d3de"),
        ("strong", "#f2f6fa"),
        ("dim", "#8493a3"),
        ("faint", "#56636f"),
        ("line", "#36424f"),
        ("title", "#9db4cc"),
        ("accent", "#f5c56b"),
        ("flow", "#63b8ee"),
        ("ok", "#4fc3a1"),
        ("warn", "#f0c040"),
        ("full", "#ff8552"),
        ("down", "#ff6b81"),
        ("money", "#d9bd7a"),
        ("p50", "#63b8ee"),
        ("p95", "#f0c040"),
        ("p99", "#d58fc0"),
        ("area", "#24567a"),
    ),
    ramp=("#4470b8", "#3a86b4", "#2f9aa8", "#3bb08f", "#7cc36a", "#c9c94a", "#f0c040", "#ff8552"),
)

LIGHT = Palette(
    background="#fbfaf6",
    selected="#e6eef7",
    track="#e3e5e4",
    inks=(
        ("text", "#2b3540"),
        ("strong", "#0b1117"),
        ("dim", "#5d6a76"),
        ("faint", "#8b959e"),
        ("line", "#bcc4ca"),
        ("title", "#33536f"),
        ("accent", "#9a5b00"),
        ("flow", "#0070b0"),
        ("ok", "#007a58"),
        ("warn", "#946200"),
        ("full", "#c24a00"),
        ("down", "#bf1f3a"),
        ("money", "#7a5c12"),
        ("p50", "#0070b0"),
        ("p95", "#946200"),
        ("p99", "#994f86"),
        ("area", "#a8cfe8"),
    ),
    ramp=("#3c62a8", "#2f78a3", "#1f8895", "#1f8a68", "#5a8a2c", "#8a8210", "#946200", "#c24a00"),
)

Tint = Literal["selected"]


@lru_cache(maxsize=512)
def _style(colour: str, background: str, bold: bool) -> Style:
    """One Style object per look, so that runs of equal cells are found by identity."""
    return Style(color=colour, bgcolor=background, bold=bold)


@dataclass(frozen=True)
class Look:
    """What a drawing needs to know of looks: a palette, and whether only ASCII may be drawn."""

    palette: Palette = DARK
    ascii: bool = False

    def ink(self, name: Ink, *, bold: bool = False, selected: bool = False) -> Style:
        """The style of an ink, on the background or on that of the selected thing."""
        return _style(_hex(self.palette, name), self._ground(selected), bold)

    def load(self, share: float, *, selected: bool = False) -> Style:
        """The step of the ramp for a utilization in 0..1; its last two steps are WARN and FULL."""
        ramp = self.palette.ramp
        if share >= FULL_FROM:
            step = len(ramp) - 1
        elif share >= WARN_FROM:
            step = len(ramp) - 2
        else:
            step = int(max(0.0, share) / WARN_FROM * (len(ramp) - 2))
        return _style(ramp[step], self._ground(selected), False)

    def track(self, name: Ink) -> Style:
        """An ink on the ground of a bar's unfilled part."""
        return _style(_hex(self.palette, name), self.palette.track, False)

    def _ground(self, selected: bool) -> str:
        return self.palette.selected if selected else self.palette.background


@lru_cache(maxsize=128)
def _hex(palette: Palette, name: Ink) -> str:
    return dict(palette.inks)[name]


_IS_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def look_for(theme: Theme, *, ascii: bool = False) -> Look:
    """The look beside a Textual theme: ours by dark or light, on that theme's own background."""
    palette = DARK if theme.dark else LIGHT
    ground = theme.background or ""
    if _IS_HEX.fullmatch(ground):
        palette = replace(palette, background=ground)
    return Look(palette, ascii)


def _theme(name: str, palette: Palette, *, dark: bool, surface: str, panel: str) -> Theme:
    ink = dict(palette.inks)
    return Theme(
        name=name,
        dark=dark,
        primary=ink["flow"],
        secondary=ink["title"],
        accent=ink["accent"],
        success=ink["ok"],
        warning=ink["warn"],
        error=ink["down"],
        foreground=ink["text"],
        background=palette.background,
        surface=surface,
        panel=panel,
        variables={"footer-key-foreground": ink["accent"], "border": ink["line"]},
    )


HEADROOM_DARK = _theme("headroom-dark", DARK, dark=True, surface="#141b24", panel="#1b2430")
HEADROOM_LIGHT = _theme("headroom-light", LIGHT, dark=False, surface="#f2f1ec", panel="#e8e8e3")


def _ascii_table() -> dict[int, str]:
    """Every glyph we draw, to one ASCII character of the same width."""
    pairs = {
        "─━╌┄╍▔": "-",
        "│┃╏╎┆": "|",
        "═": "=",
        "║": ":",
        "┌┐└┘╭╮╰╯┏┓┗┛├┤┬┴┼┣┫┳┻╋┿╂┝┥┠┨╄╃╆╅╔╗╚╝╠╣╦╩╬╪╫": "+",
        "█▓■▰▮": "#",
        "▁▂": "_",
        "▃▄": "-",
        "▅": "=",
        "▆▇": "#",
        "▌": "|",
        "░▱▯□": ".",
        "●•◉": "o",
        "▪": "*",
        "◍": "@",
        "▣": "#",
        "▭▤": "=",
        "▶▷▸›⇢": ">",
        "◀◁◂": "<",
        "▲△▴": "^",
        "▼▽▾": "v",
        "◆": "*",
        "◔◑◌○": "~",
        "◇◈": "?",
        "✕×⊘": "x",
        "✓": "v",
        "★": "*",
        "☆": ".",
        "⇄": "=",
        "…": "~",
        "↯": "!",
        "·": ".",
        "˙": "'",
        "↑": "^",
        "↓": "v",
        "←": "<",
        "→": ">",
        "–—": "-",
        "’‘": "'",
        "“”": '"',
    }  # fmt: skip
    table = {ord(glyph): plain for glyphs, plain in pairs.items() for glyph in glyphs}
    upper, lower = 0x1B, 0xE4
    for bits in range(256):
        plain = " '.:"[bool(bits & upper) + 2 * bool(bits & lower)]
        table[0x2800 + bits] = plain
    return table


ASCII = _ascii_table()
"""For `str.translate`: the board without any glyph beyond ASCII (letters stay as they are)."""
