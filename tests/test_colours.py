"""Every palette is seen as a colour-blind player sees it, and its hues must stay apart."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from tui.colours import PALETTES, Ink, Palette, PaletteName
from tui.theme import HEADROOM_DARK, our_themes
from tui.words import LANGUAGES, Words

Triple = NDArray[np.float64]

SEEN: dict[str, Triple] = {
    "all colours": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
"""What eyes make of linear RGB: Machado, Oliveira and Fernandes (2009), at full severity."""

TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.95047, 1.0, 1.08883])

APART = 24.0
"""CIE 1976 ΔE between two states: ten times what can just be noticed side by side."""

FLOW_APART = 20.0
"""The same between a state and the traffic, or between two lines of a chart."""

EYES: dict[PaletteName, tuple[str, ...]] = {
    "default": ("all colours",),
    "red_green": ("all colours", "protanopia", "deuteranopia"),
    "blue_yellow": ("all colours", "tritanopia"),
    "contrast": tuple(SEEN),
}
"""Whose eyes a palette is for."""

CASES = [
    (name, shade, eyes) for name, shades in EYES.items() for shade in (0, 1) for eyes in shades
]


def linear(colour: str) -> Triple:
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(colour: str, eyes: str) -> Triple:
    """L*a*b* of a colour as these eyes see it."""
    xyz = TO_XYZ @ np.clip(SEEN[eyes] @ linear(colour), 0.0, 1.0) / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one: str, other: str, eyes: str) -> float:
    return float(np.linalg.norm(lab(one, eyes) - lab(other, eyes)))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of the Web Content Accessibility Guidelines."""
    light = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def inks(palette: Palette, *names: Ink) -> list[str]:
    return [dict(palette.inks)[name] for name in names]


@pytest.mark.parametrize(("name", "shade", "eyes"), CASES)
def test_states_stay_apart_for_the_eyes_that_a_palette_is_for(
    name: PaletteName, shade: int, eyes: str
) -> None:
    palette = PALETTES[name][shade]
    for one, other in combinations(inks(palette, "ok", "warn", "full", "down"), 2):
        assert apart(one, other, eyes) >= APART, (one, other)


@pytest.mark.parametrize(("name", "shade", "eyes"), CASES)
def test_traffic_and_lines_of_charts_stay_apart(name: PaletteName, shade: int, eyes: str) -> None:
    palette = PALETTES[name][shade]
    [flow] = inks(palette, "flow")
    for state in inks(palette, "ok", "warn", "full", "down"):
        assert apart(flow, state, eyes) >= FLOW_APART, (flow, state)
    for one, other in combinations(inks(palette, "p50", "p95", "p99"), 2):
        assert apart(one, other, eyes) >= FLOW_APART, (one, other)


def test_the_default_palette_is_not_enough_for_them() -> None:
    """Else there would be no need for the others."""
    ok, down = inks(PALETTES["default"][0], "ok", "down")
    assert apart(ok, down, "deuteranopia") < APART


@pytest.mark.parametrize("name", PALETTES)
@pytest.mark.parametrize("shade", [0, 1])
def test_states_can_be_read_on_their_ground(name: PaletteName, shade: int) -> None:
    palette = PALETTES[name][shade]
    for colour in inks(palette, "text", "strong", "ok", "warn", "full", "down", "flow", "accent"):
        for ground in (palette.background, palette.surface):
            assert contrast(colour, ground) >= 4.0, (colour, ground)


@pytest.mark.parametrize("shade", [0, 1])
def test_high_contrast_has_seven_to_one_for_all_letters(shade: int) -> None:
    palette = PALETTES["contrast"][shade]
    lines = ("line", "area")
    for ink, colour in palette.inks:
        if ink not in lines:
            assert contrast(colour, palette.background) >= 7.0, ink
    for colour in inks(palette, "text", "strong", "dim"):
        assert contrast(colour, palette.panel) >= 7.0
        assert contrast(colour, palette.selected) >= 7.0


@pytest.mark.parametrize("name", PALETTES)
def test_the_last_steps_of_load_are_close_and_full(name: PaletteName) -> None:
    for palette in PALETTES[name]:
        assert palette.ramp[-2:] == tuple(inks(palette, "warn", "full"))
        assert len(palette.ramp) == 8


def test_textuals_part_wears_the_same_colours() -> None:
    for name, palettes in PALETTES.items():
        for theme, palette in zip(our_themes(name), palettes, strict=True):
            assert [theme.success, theme.warning, theme.error] == inks(
                palette, "ok", "warn", "down"
            )
            assert theme.background == palette.background
    assert our_themes()[0] == HEADROOM_DARK


def test_every_palette_has_words() -> None:
    for language in LANGUAGES:
        for name in PALETTES:
            assert Words(language).say(f"settings.palette_{name}")
