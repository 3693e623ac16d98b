"""A level won from the menu and back, at a keyboard, in the installed program."""

from pathlib import Path

import pytest

from engine.recording import read_recording
from engine.replay import Verified, verify
from levels.campaign import campaign
from tests.terminal import Terminal
from tui.pages import STARS
from tui.words import Words

JOURNEYS: dict[str, tuple[str, tuple[int, int], dict[str, str]]] = {
    "english, small": ("en", (80, 24), {}),
    "english, large": ("en", (120, 40), {}),
    "korean, large": ("ko", (120, 40), {}),
    "korean, small, without colour": ("ko", (80, 24), {"NO_COLOR": "1"}),
}

FIRST_LEVEL = "first-server"

TYPE = "m5.large"
"""What its reference plan launches."""


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_level_is_won_from_the_menu_and_back(name: str, tmp_path: Path) -> None:
    language, size, environment = JOURNEYS[name]
    say, most = Words(language).say, STARS * len(campaign())
    home = {"HEADROOM_HOME": str(tmp_path)}
    with Terminal(size, ["--lang", language], **home, **environment) as terminal:
        terminal.wait_for(say("tour.offer_title"))
        terminal.press("esc")
        terminal.wait_for(say("menu.stars", won=0, most=most))
        terminal.press("1")
        terminal.wait_for(say("briefing.goals"))
        terminal.press("enter")
        terminal.wait_for(say("play.paused_start")[:30])
        launch(terminal, say("commands.launch_instance"))
        terminal.press("+", "+", "+", "space")
        terminal.wait_for(say("play.paused_over")[:30])
        terminal.press("enter")
        terminal.wait_for(say("debrief.won").upper(), "★", say("debrief.what_next"))
        terminal.press("m")
        terminal.wait_for(say("menu.stars", won=1, most=most))
        terminal.press("q")
        assert terminal.wait_for_end() == 0, terminal.text
    assert bool(terminal.hues) != ("NO_COLOR" in environment)
    (path,) = tmp_path.glob("runs/*.headroom")
    recording = read_recording(path)
    assert [line.command["do"] for line in recording.commands] == ["launch_instance"]
    assert recording.commands[0].command["type"] == TYPE
    assert recording.header.slug == FIRST_LEVEL
    assert recording.result is not None
    assert isinstance(verify(recording), Verified)


def launch(terminal: Terminal, title: str) -> None:
    """Rent a machine of the right type, by arrows: to the next one, and back to the first."""
    terminal.press("n")
    terminal.wait_for(title)
    terminal.press("enter")
    first = f" {TYPE} ▸"
    terminal.wait_for(first)
    terminal.press("right")
    terminal.wait_until(lambda: first not in terminal.text, "another type")
    terminal.press("left")
    terminal.wait_for(first)
    terminal.press("enter")
    terminal.wait_for(f"✓ {title}")
