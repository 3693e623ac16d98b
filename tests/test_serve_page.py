"""The real page in a real browser: a level, a place for each player, and no other host."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.recording import Recording, read_recording
from tests.browser import PATIENCE_S, Tab, find_browser, open_browser
from tui.words import Words

ROOT = Path(__file__).parent.parent
BROWSER = find_browser()

PROGRAM = [
    sys.executable,
    "-c",
    # Tests that run in the background hand on that Ctrl-C is ignored.
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from tui.cli import main; main()",
]

CONTROL = re.compile(r"\x1b(?:\[[?<]?[\d;]*\$?[A-Za-z]|\][^\x07]*\x07)")

EVERYTHING_DRAWN = """[...document.querySelectorAll("canvas")].some((canvas) => {
  const layer = canvas.getContext("2d");
  return layer?.getImageData(0, 0, canvas.width, canvas.height).data.some((part) => part > 0);
})"""

WATCH_KEYS = """{
  window.kept = [];
  const keep = (event) => setTimeout(() => event.defaultPrevented && kept.push(event.key));
  for (const kind of ["keydown", "keypress"]) addEventListener(kind, keep, true);
}"""

pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium here; Debian's package chromium has one"
)


@asynccontextmanager
async def server(home: Path, *arguments: str) -> AsyncIterator[str]:
    """`headroom serve` on a free port, its address; at the end Ctrl-C, which ends it well."""
    home.mkdir()
    (home / "settings.json").write_text('{"toured": true}')  # or the tour is offered first
    quiet = {"NO_COLOR", "HEADROOM_LANG", "TEXTUAL_THEME"}
    inherited = {name: value for name, value in os.environ.items() if name not in quiet}
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, "serve", "--port", "0", *arguments,
        env=inherited | {"HEADROOM_HOME": str(home)}, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            said = (await process.stdout.readline()).decode()
        found = re.search(r"http://\S+", said)
        assert found is not None, said
        yield found.group()
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE_S):
            assert [await process.wait(), await process.stdout.read()] == [0, b""]
    finally:
        if process.returncode is None:
            process.kill()
        _, errors = await process.communicate()
    assert errors == b""


def drawn(tab: Tab) -> str:
    """All text that a game has ever drawn on a page."""
    return CONTROL.sub("", tab.drawn.decode("utf-8", errors="ignore"))


def boots_in(tab: Tab) -> int:
    """The fewest seconds that an instance was ever shown to need for its boot."""
    return min(map(int, re.findall(r"booting, (\d+) s to go", drawn(tab))), default=999)


async def until_drawn(tab: Tab, text: str) -> None:
    await tab.until(lambda: text in drawn(tab))


def the_run(home: Path) -> Recording:
    (path,) = (home / "runs").glob("*.headroom")
    return read_recording(path)


async def test_a_level_is_played_on_the_page_and_nothing_else_is_asked_for(tmp_path: Path) -> None:
    assert BROWSER is not None
    english, korean = Words("en"), Words("ko")
    async with (
        open_browser(BROWSER, tmp_path / "profile") as browser,
        server(tmp_path / "home", "--players", "2") as url,
    ):
        one, two, three = [await browser.tab() for _ in range(3)]
        for tab in (one, two, three):
            await tab.size(1160, 800)

        await one.open(f"{url}/?lang=en")
        await one.until_state("playing")
        await until_drawn(one, english.say("menu.runs"))
        await one.value(WATCH_KEYS)
        await one.press("Enter")
        await until_drawn(one, english.say("briefing.goals"))
        await one.press("Enter")
        await until_drawn(one, english.say("board.nothing"))
        await one.press("n")
        await until_drawn(one, english.say("commands.launch_instance"))
        await one.press("Enter")
        await until_drawn(one, english.say("fields.type"))
        await one.press("Enter")
        await one.until(lambda: boots_in(one) < 999)
        boot_s = boots_in(one)
        await one.press(" ")
        await one.until(lambda: boots_in(one) < boot_s - 2)
        await one.press(" ")
        assert await one.value(EVERYTHING_DRAWN) is True

        await two.open(f"{url}/?lang=ko&ping=http://evil.example&delay=1")
        await two.until_state("playing")
        await until_drawn(two, korean.say("menu.runs"))
        await three.open(f"{url}/?lang=ko")
        await three.until_state("full")
        await two.press("q")
        await two.until_state("over")
        await three.press("Enter")
        await three.until_state("playing")

        await one.front()
        for key in ("Tab", "F1", "Escape"):
            await one.press(key)
        await one.press("p", ctrl=True)
        await until_drawn(one, english.say("palette.glossary_help"))
        assert await one.value("kept.join()") == "Enter,Enter,n,Enter,Enter, , ,Tab,F1,Escape,p"
        await one.close()

        for tab in (one, two, three):
            own = (url, url.replace("http", "ws"), "data:")
            assert [asked for asked in tab.requests if not asked.startswith(own)] == []
            assert tab.problems == []
    run = the_run(tmp_path / "home")
    assert [given.command.get("do") for given in run.commands] == ["launch_instance"]
    assert run.frames[-1].second >= 2
