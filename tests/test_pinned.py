"""Ten pictures of the game, cell by cell: a change that is seen has to be looked at.

HEADROOM_PIN=1 writes them anew; then look at what has changed in them.
"""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from engine.services.registry import read_command
from levels.campaign import find_level
from levels.level import Level
from levels.sandbox import sandbox
from tests.test_app import LARGE, SMALL, Terminal, home
from tui.screens.play import PlayScreen

__all__ = ["home"]

FOLDER = Path(__file__).with_name("pinned")

Scene = Callable[[Pilot[int], Terminal], Awaitable[None]]

OUT: list[tuple[int, dict[str, Any]]] = [
    (60, {"do": "launch_instance", "type": "m5.large", "roles": ["web", "app"], "name": "web-2"}),
    (60, {"do": "create_balancer", "name": "front"}),
    (320, {"do": "register_target", "balancer": "front", "instance": "web-2"}),
]
"""What is done in the run that is seen: it is on its way to a second server."""


def level(slug: str) -> Level:
    return find_level(slug)


async def played(pilot: Pilot[int], terminal: Terminal, until: int) -> PlayScreen:
    """The run at a second, as it went by itself but for `OUT`."""
    screen = terminal.app.screen
    assert isinstance(screen, PlayScreen)
    steps = list(OUT) if screen.live.frame.second == 0 and not screen.facts.billed_month_s else []
    for _ in range(until):
        while steps and steps[0][0] <= screen.live.frame.second:
            screen.live.send(read_command(steps.pop(0)[1], "a step"))
        screen.take_step()
    screen.show_frame()
    await pilot.pause()
    return screen


def keys(*pressed: str) -> Scene:
    async def scene(pilot: Pilot[int], terminal: Terminal) -> None:
        for key in pressed:
            await pilot.press(key)
            await pilot.pause()

    return scene


def after(until: int, *pressed: str, start: tuple[str, ...] = ("enter",)) -> Scene:
    """Keys at the start, so many seconds, then more keys."""

    async def scene(pilot: Pilot[int], terminal: Terminal) -> None:
        await keys(*start)(pilot, terminal)
        await played(pilot, terminal, until)
        await keys(*pressed)(pilot, terminal)

    return scene


SCENES: dict[str, tuple[str, tuple[int, int], Callable[[], Level | None], Scene]] = {
    "menu-en-120x40": ("en", LARGE, lambda: None, keys("down", "down")),
    "menu-ko-80x24": ("ko", SMALL, lambda: None, keys("down", "down")),
    "briefing-ko-80x24": ("ko", SMALL, lambda: level("second-server"), keys()),
    "play-en-120x40": ("en", LARGE, lambda: level("second-server"), after(420)),
    "play-ko-80x24": ("ko", SMALL, lambda: level("second-server"), after(420)),
    "form-ko-120x40": ("ko", LARGE, lambda: level("second-server"), after(60, "n", "enter")),
    "bill-en-80x24": ("en", SMALL, lambda: level("second-server"), after(420, "b")),
    "cloudwatch-en-120x40": ("en", LARGE, lambda: level("second-server"), after(420, "m")),
    "follow-ko-120x40": ("ko", LARGE, lambda: level("second-server"), after(420, "w")),
    "sandbox-en-80x24": ("en", SMALL, lambda: sandbox("resilient"), after(120, "d", start=())),
}


@pytest.mark.parametrize("name", SCENES)
async def test_a_screen_looks_as_it_did(name: str) -> None:
    language, size, opens, scene = SCENES[name]
    terminal = Terminal(language, opens())
    async with terminal.app.run_test(size=size) as pilot:
        await pilot.pause()
        await scene(pilot, terminal)
        await pilot.pause()
        lines = [line.rstrip() for line in terminal.lines()]
    picture = "\n".join(lines) + "\n"
    path = FOLDER / f"{name}.txt"
    if os.environ.get("HEADROOM_PIN"):
        path.write_text(picture, encoding="utf-8")
    assert picture == path.read_text(encoding="utf-8")


def test_every_picture_has_its_scene() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == SCENES.keys()
