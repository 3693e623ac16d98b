"""The colours: for the eyes that most people have, for colour-blind ones, and in high contrast.

The hues of the colour-blind palettes start from Okabe and Ito's set ("Color Universal
Design", 2008): blue against yellow and orange where red and green look alike, teal against
red where blue and yellow do. How far apart the states stay is measured: a test sees each
palette as a dichromat does, by the matrices of Machado, Oliveira and Fernandes (2009).
"""

from dataclasses import dataclass, replace
from typing import Literal

Ink = Literal[
    "text", "strong", "dim", "faint", "line", "title", "accent", "flow",
    "ok", "warn", "full", "down", "money", "p50", "p95", "p99", "area",
]  # fmt: skip
"""What a colour is for; every cell is drawn in one of these or in a step of the load ramp."""


@dataclass(frozen=True)
class Palette:
    """Colours as #rrggbb; `ramp` are the steps of load from none to full.

    `surface` lies behind pages and lists, `panel` behind the line of keys.
    """

    background: str
    surface: str
    panel: str
    selected: str
    track: str
    inks: tuple[tuple[Ink, str], ...]
    ramp: tuple[str, ...]


DARK = Palette(
    background="#0e131a",
    surface="#141b24",
    panel="#1b2430",
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
    surface="#f2f1ec",
    panel="#e8e8e3",
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


PaletteName = Literal["default", "red_green", "blue_yellow", "contrast"]
"""Whom a palette is for; each has its words in the words table."""


def _like(palette: Palette, steps: str, **inks: str) -> Palette:
    """A palette with other inks; the last two of the ramp's steps are WARN and FULL."""
    changed = tuple((ink, inks.get(ink, colour)) for ink, colour in palette.inks)
    return replace(palette, inks=changed, ramp=(*steps.split(), inks["warn"], inks["full"]))


RED_GREEN = (
    _like(
        DARK,
        "#35609f #3b79b8 #5b93c2 #86a9b8 #b0bf9c #d8d774",
        ok="#3fa2e6", warn="#f5ea5c", full="#d08a00", down="#e58a97", flow="#c3cdf2",
        p50="#3fa2e6", p95="#f5ea5c", p99="#e58a97", area="#24507a",
    ),
    _like(
        LIGHT,
        "#4a86c8 #4680b4 #4c7da0 #55798a #5f7670 #6e7550",
        ok="#0a6fc2", warn="#7d7300", full="#a8506e", down="#520a00", flow="#1d2a6b",
        accent="#6b5a00", p50="#0a6fc2", p95="#7d7300", p99="#520a00",
    ),
)  # fmt: skip
"""For protanopia and deuteranopia: ok is blue, what is wrong is yellow, brown and pale red."""

BLUE_YELLOW = (
    _like(
        DARK,
        "#1d6f86 #1f8490 #1f9a98 #2fb5a0 #7cc89a #c4d67c",
        ok="#1fc8b4", warn="#f3e36b", full="#d98c86", down="#f2382e", flow="#7d9ccb",
        p50="#1fc8b4", p95="#f3e36b", p99="#d98c86", area="#1c5a63",
    ),
    _like(
        LIGHT,
        "#3a9c90 #2c917f #2f8670 #447b58 #556e3c #625f20",
        ok="#00806f", warn="#6b5200", full="#d2281f", down="#7a1238", flow="#0b3f8f",
        p50="#00806f", p95="#6b5200", p99="#d2281f", area="#a5d8cf",
    ),
)  # fmt: skip
"""For tritanopia: ok is teal, what is wrong is on the way to red."""

CONTRAST = (
    replace(
        _like(
            DARK,
            "#7fa8ff #8fc0ff #9fd8ff #a8f0e0 #c0f8b0 #e0ff80",
            text="#ffffff", strong="#ffffff", dim="#d6dde4", faint="#aeb8c2", line="#8d99a5",
            title="#ffffff", accent="#ffe08a", ok="#55b878", warn="#ffff30", full="#cf9a1c",
            down="#ff79e0", flow="#b0f5ff", money="#ffe08a",
            p50="#b0f5ff", p95="#ffff30", p99="#ff79e0", area="#2d6ea8",
        ),
        background="#000000", surface="#000000", panel="#1c1c1c", selected="#003a66",
        track="#2b2b2b",
    ),
    replace(
        _like(
            LIGHT,
            "#2a4fd0 #2450b0 #205090 #205470 #305840 #485820",
            text="#000000", strong="#000000", dim="#2e363d", faint="#4a545d", line="#5f6a73",
            title="#000000", accent="#5c3800", ok="#0a4fb8", warn="#655600", full="#3a1200",
            down="#93285f", flow="#14106a", money="#4d3900",
            p50="#14106a", p95="#655600", p99="#93285f", area="#8fbfe0",
        ),
        background="#ffffff", surface="#ffffff", panel="#e6e6e6", selected="#cfe6ff",
        track="#dcdcdc",
    ),
)  # fmt: skip
"""All letters at 7:1 on their ground or above, and states that every eye tells apart."""

PALETTES: dict[PaletteName, tuple[Palette, Palette]] = {
    "default": (DARK, LIGHT),
    "red_green": RED_GREEN,
    "blue_yellow": BLUE_YELLOW,
    "contrast": CONTRAST,
}
"""Each palette for the dark and for the light."""
