"""The look: named colours for dark and light, the ramp of load, and glyphs with an ASCII twin.

Colour is never the only sign: whatever has a colour here also has a glyph, a
word or a height. The ramp's order survives in grey.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

from tui.colours import DARK as DARK
from tui.colours import LIGHT as LIGHT
from tui.colours import PALETTES
from tui.colours import Ink as Ink
from tui.colours import Palette as Palette


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


def look_for(theme: Theme, colours: str = "default", *, ascii: bool = False) -> Look:
    """The look beside a Textual theme: colours for dark or light, on that theme's background.

    Colours that are not in this version are the default ones.
    """
    dark, light = _palettes(colours)
    palette = dark if theme.dark else light
    ground = theme.background or ""
    if _IS_HEX.fullmatch(ground):
        palette = replace(palette, background=ground)
    return Look(palette, ascii)


def _palettes(colours: str) -> tuple[Palette, Palette]:
    return next((pair for name, pair in PALETTES.items() if name == colours), (DARK, LIGHT))


def our_themes(colours: str = "default") -> tuple[Theme, Theme]:
    """Textual's part of our looks, dark and light, in the colours of a palette."""
    dark, light = _palettes(colours)
    return _theme("headroom-dark", dark, dark=True), _theme("headroom-light", light, dark=False)


def _theme(name: str, palette: Palette, *, dark: bool) -> Theme:
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
        surface=palette.surface,
        panel=palette.panel,
        variables={"footer-key-foreground": ink["accent"], "border": ink["line"]},
    )


HEADROOM_DARK, HEADROOM_LIGHT = our_themes()


def _ascii_table() -> dict[int, str]:
    """Every glyph we draw, to one ASCII character of the same width."""
    pairs = {
        "─━╌┄╍": "-",
        "│┃╏╎┆": "|",
        "═": "=",
        "║": ":",
        "┌┐└┘╭╮╰╯┏┓┗┛├┤┬┴┼┣┫┳┻╋┿╂┝┥┠┨╄╃╆╅╔╗╚╝╠╣╦╩╬╪╫": "+",
        "█▓■▰▮": "#",
        "▁▂▔": "_",
        "▃▄": "-",
        "▅": "=",
        "▆▇": "#",
        "▌▐▎▏▊▋▍▕": "|",
        "░▱▯□": ".",
        "●•◉◷": "o",
        "▪": "*",
        "▀": "#",
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
        "✕×⊘✖": "x",
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
        "∞": "8",
    }  # fmt: skip
    table = {ord(glyph): plain for glyphs, plain in pairs.items() for glyph in glyphs}
    upper, lower = 0x1B, 0xE4
    for bits in range(256):
        plain = " '.:"[bool(bits & upper) + 2 * bool(bits & lower)]
        table[0x2800 + bits] = plain
    return table


ASCII = _ascii_table()
"""For `str.translate`: the board without any glyph beyond ASCII (letters stay as they are)."""

_POOR_TERMINALS = ("linux", "vt100", "vt102", "vt220")
"""Values of TERM whose fonts surely lack most of our glyphs."""


def only_ascii(environ: Mapping[str, str], encoding: str | None) -> bool:
    """Whether a terminal surely cannot draw our glyphs."""
    poor = environ.get("TERM") in _POOR_TERMINALS
    return poor or (encoding is not None and not encoding.lower().startswith("utf"))


class PlainGlyphs(LineFilter):
    """Exchanges every glyph of a line, Textual's own too, for ASCII of its width.

    Letters of any language stay as they are.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same line in plain glyphs."""
        return [Segment(_plain(text), style, control) for text, style, control in segments]


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    if text.isascii():
        return text
    return "".join(
        c if c.isascii() or c.isalnum() else "?" * get_character_cell_size(c)
        for c in text.translate(ASCII)
    )
