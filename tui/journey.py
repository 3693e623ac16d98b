"""The way through the game: menu, briefing, play, debrief, watch, and back again."""

from pathlib import Path
from typing import Any

from textual.app import App

from engine.complaint import Complaint
from engine.recording import Recording, read_recording
from levels.campaign import campaign
from levels.level import Level
from tui.desk import Desk
from tui.pages import STARS
from tui.run import Run, begin_run, judge_third_star
from tui.screens.briefing import BriefingScreen
from tui.screens.debrief import DebriefScreen, Next
from tui.screens.menu import MenuScreen, PlayLevel, WatchRun
from tui.screens.play import PlayScreen
from tui.screens.watch import WatchScreen

THIRD_STAR = "third-star"
"""The group of the workers that judge it."""


class Journey:
    """Takes the player from screen to screen; runs as one worker of the app."""

    def __init__(self, app: App[Any], desk: Desk, speed: float | None) -> None:
        self._app = app
        self._desk = desk
        self._speed = speed

    async def from_menu(self) -> None:
        """The menu again and again, until the player leaves."""
        while True:
            choice = await self._app.push_screen_wait(MenuScreen(self._desk, campaign()))
            match choice:
                case PlayLevel(level):
                    await self.play(level, None)
                case WatchRun(path):
                    await self._watch_file(path)
                case None:
                    return

    async def play(self, level: Level, seed: int | None) -> None:
        """A level, as often as the player likes, and the levels after it."""
        chosen: Level | None = level
        while chosen is not None:
            level = chosen
            first_seed = level.scenario.seed if seed is None else seed
            briefing = BriefingScreen(self._desk, level, first_seed)
            if not await self._app.push_screen_wait(briefing):
                return
            chosen = await self._play_until_done(level, first_seed)
            seed = None

    async def _play_until_done(self, level: Level, seed: int) -> Level | None:
        """Runs of one level; gives the next level where the player goes on to it."""
        following = _level_after(level)
        while True:
            run = begin_run(self._desk, level, seed, self._speed)
            ended = await self._app.push_screen_wait(PlayScreen(self._desk, run))
            if not ended:
                return None
            self._judge(run)
            debrief = DebriefScreen(self._desk, run, has_next=following is not None)
            choice = await self._app.push_screen_wait(debrief)
            while choice is Next.WATCH and run.path is not None:
                await self._watch_file(run.path)
                debrief = DebriefScreen(self._desk, run, has_next=following is not None)
                choice = await self._app.push_screen_wait(debrief)
            if choice is Next.NEXT_LEVEL:
                return following
            if choice is Next.MENU:
                return None
            if choice is Next.NEW_TRAFFIC:
                seed = self._desk.new_seed()

    def _judge(self, run: Run) -> None:
        """Keep the result; the third star is judged while the player reads, or goes on."""
        run.keep_result()
        if run.stars == STARS - 1:
            self._app.run_worker(judge_third_star(self._desk, run), group=THIRD_STAR)

    async def _watch_file(self, path: Path) -> None:
        try:
            recording = read_recording(path)
        except Complaint as complaint:
            said = self._desk.say("menu.damaged", why=str(complaint))
            self._app.notify(said, severity="error", markup=False)
            return
        await self.watch(recording)

    async def watch(self, recording: Recording) -> None:
        """A recording, until the player leaves it."""
        await self._app.push_screen_wait(WatchScreen(self._desk, recording))


def _level_after(level: Level) -> Level | None:
    slugs = [one.slug for one in campaign()]
    if level.slug not in slugs:
        return None
    at = slugs.index(level.slug) + 1
    return campaign()[at] if at < len(slugs) else None
