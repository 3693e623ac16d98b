"""The way through the game: menu, briefing, play, debrief, watch, and back again."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from textual.app import App

from engine.complaint import Complaint
from engine.recording import Recording, read_recording
from levels.campaign import campaign
from levels.growth import with_seed
from levels.level import Level
from levels.sandbox import is_sandbox, sandbox
from levels.tour import tour
from tui.contender import Contender, Reading
from tui.desk import Desk
from tui.ending import Next
from tui.hints import Hints
from tui.pages import STARS
from tui.render.figures import clock
from tui.resume import Rerun, recorded_level, recorded_moves
from tui.run import Run, begin_run, judge_third_star
from tui.screens.briefing import BriefingScreen
from tui.screens.debrief import DebriefScreen
from tui.screens.debrief import Place as DebriefPlace
from tui.screens.menu import (
    MenuChoice,
    MenuScreen,
    OpenBoard,
    OpenRuns,
    PlayLevel,
    TakeTour,
)
from tui.screens.play import PlayScreen
from tui.screens.runs import CompareRuns, Place, ResumeRun, RunsScreen, WatchRun
from tui.screens.sandbox import SandboxScreen
from tui.screens.tour import TourOffer, TourScreen
from tui.screens.watch import WatchScreen
from tui.screens.work import WorkScreen, work_until
from tui.shelf import read_run

THIRD_STAR = "third-star"
"""The group of the workers that judge it."""


class Journey:
    """Takes the player from screen to screen; runs as one worker of the app."""

    def __init__(self, app: App[Any], desk: Desk, speed: float | None) -> None:
        self._app = app
        self._desk = desk
        self._speed = speed
        self._last = ""

    async def offer_tour(self) -> None:
        """Ask whoever is here for the first time whether to be shown round."""
        self._desk.settings.toured = True
        self._desk.keep_settings()
        if await self._app.push_screen_wait(TourOffer(self._desk)):
            await self._take_tour()

    async def _take_tour(self) -> None:
        """The tour, of which nothing is kept; then the first level, if the player likes."""
        run = begin_run(self._desk, tour(), None, None, kept=False)
        if await self._app.push_screen_wait(TourScreen(self._desk, run)):
            await self.play(campaign()[0], None)

    async def from_menu(self) -> None:
        """The menu again and again, until the player leaves."""
        while True:
            choice = await self._app.push_screen_wait(
                MenuScreen(self._desk, campaign(), self._last)
            )
            if choice is None:
                return
            await self._set_out(choice)

    async def _set_out(self, choice: MenuChoice) -> None:
        """To where the player wants to go, and back again."""
        match choice:
            case PlayLevel(level):
                await self.play(level, None)
            case OpenRuns():
                await self._from_runs()
            case OpenBoard(board):
                await self._open_board(board)
            case TakeTour():
                await self._take_tour()

    async def _from_runs(self) -> None:
        """The saved runs again and again, until the player leaves them or plays one on."""
        place = Place()
        while True:
            match await self._app.push_screen_wait(RunsScreen(self._desk, place)):
                case WatchRun(path):
                    played = await self._watch_file(path)
                case ResumeRun(path):
                    played = await self._resume_file(path)
                case CompareRuns(path, against):
                    played = await self._watch_file(path, against)
                case None:
                    return
            if played:
                return

    async def go(self, choice: MenuChoice) -> None:
        """Straight to where the menu would lead, then to the menu."""
        await self._set_out(choice)
        await self.from_menu()

    async def _open_board(self, board: str) -> None:
        """A sandbox on a board of the game, or on one of the player's own."""
        try:
            level = sandbox(board)
        except Complaint as complaint:
            self._complain("sandbox.damaged", complaint)
            return
        await self.play(level, self._desk.new_seed())

    async def play(self, level: Level, seed: int | None) -> None:
        """A level, as often as the player likes, and the levels after it."""
        chosen: Level | None = level
        while chosen is not None:
            level = chosen
            self._last = level.slug
            first_seed = level.scenario.seed if seed is None else seed
            hints = Hints()
            briefing = BriefingScreen(self._desk, level, first_seed, hints)
            if not is_sandbox(level) and not await self._app.push_screen_wait(briefing):
                return
            run = begin_run(self._desk, level, first_seed, self._speed)
            run.hints = hints
            chosen = await self._play_until_done(run)
            seed = None

    async def _play_until_done(self, run: Run) -> Level | None:
        """Runs of one level; gives the next level where the player goes on to it."""
        level, seed = run.level, run.seed
        following = _level_after(level)
        while True:
            screen = SandboxScreen if is_sandbox(level) else PlayScreen
            ended = await self._app.push_screen_wait(screen(self._desk, run))
            if not ended:
                return None
            self._judge(run)
            choice = await self._debrief(run, has_next=following is not None)
            if choice is Next.NEXT_LEVEL:
                return following
            if choice is Next.MENU:
                return None
            if choice is Next.NEW_TRAFFIC:
                seed = self._desk.new_seed()
                level = with_seed(level, seed)
            run = begin_run(self._desk, level, seed, self._speed)

    async def _debrief(self, run: Run, *, has_next: bool) -> Next:
        """The debrief, as often as the player comes back to it from watching the run."""
        place = DebriefPlace()
        while True:
            screen = DebriefScreen(self._desk, run, has_next=has_next, place=place)
            choice = await self._app.push_screen_wait(screen)
            place = screen.place
            if run.path is None or choice.next not in (Next.WATCH, Next.FORK):
                return choice.next
            recording = self._read(run.path)
            if recording is None:
                continue
            if choice.next is Next.FORK and choice.second is not None:
                forked = await self.resume(recording, choice.second)
            else:
                forked = await self.watch(recording, choice.second)
            if forked:  # the player went another way with it, and has left that
                return Next.MENU

    def _judge(self, run: Run) -> None:
        """Keep the result; the third star is judged while the player reads, or goes on."""
        run.keep_result()
        if run.stars == STARS - 1 and not run.facts.scored:
            self._app.run_worker(judge_third_star(self._desk, run), group=THIRD_STAR)

    def _read(self, path: Path) -> Recording | None:
        try:
            return read_recording(path)
        except Complaint as complaint:
            self._complain("menu.damaged", complaint)
            return None

    def _complain(self, key: str, complaint: Complaint) -> None:
        said = self._desk.say(key, why=str(complaint))
        self._app.notify(said, severity="error", markup=False)

    async def _watch_file(self, path: Path, against: Path | None = None) -> bool:
        sides = [self._contender(one) for one in (path, against) if one is not None]
        if None in sides:
            return False
        watched, other = (*sides, None)[:2]
        assert watched is not None
        return await self._watch(watched, None, other)

    def _contender(self, path: Path) -> Contender | None:
        """A recording with the stars that the list of runs shows, if it knows the run."""
        recording, ending = self._read(path), read_run(path).ending
        stars = None if ending is None else ending.stars
        return None if recording is None else Contender(recording, stars)

    async def watch(
        self, recording: Recording, second: int | None = None, against: Recording | None = None
    ) -> bool:
        """A recording from a second on, until the player leaves it; whether he took over."""
        other = None if against is None else Contender(against)
        return await self._watch(Contender(recording), second, other)

    async def _watch(
        self, watched: Contender, second: int | None, against: Contender | None
    ) -> bool:
        """The same of runs of which the course may still have to be read."""
        reading = Reading([watched] if against is None else [watched, against])
        if not work_until(reading, self._desk):
            title, text = (self._desk.say(f"watch.{key}") for key in ("reading", "reading_text"))
            opening = WorkScreen(self._desk, title, text, reading)
            if not await self._app.push_screen_wait(opening):
                return False
        screen = WatchScreen(self._desk, watched, second, against)
        fork = await self._app.push_screen_wait(screen)
        return fork is not None and await self.resume(watched.recording, fork)

    async def _resume_file(self, path: Path) -> bool:
        recording = self._read(path)
        if recording is None:
            return False
        last = recording.frames[-1]
        if last.verdict is None:
            return await self.resume(recording, last.second)
        return await self.watch(recording)  # killed between its verdict and its result

    async def resume(self, recording: Recording, second: int) -> bool:
        """A recorded run, played on from a second in a new recording; then as any other.

        Gives whether it was played on.
        """
        with TemporaryDirectory() as folder:
            try:
                level = recorded_level(recording, Path(folder))
                moves = recorded_moves(recording)
                run = begin_run(self._desk, level, recording.header.seed, self._speed)
            except Complaint as complaint:
                self._complain("resume.cannot", complaint)
                return False
            recorded = next(f for f in reversed(recording.frames) if f.second <= second)
            rerun = Rerun(run, moves, recorded)
            text = self._desk.say("resume.text", at=clock(rerun.until))
            again = WorkScreen(self._desk, self._desk.say("resume.title"), text, rerun)
            if not await self._app.push_screen_wait(again):
                run.discard()
                return False
            if rerun.differs:
                said = self._desk.say("resume.differs")
                self._app.notify(said, severity="warning", markup=False, timeout=10)
            following = await self._play_until_done(run)
        if following is not None:
            await self.play(following, None)
        return True


def _level_after(level: Level) -> Level | None:
    slugs = [one.slug for one in campaign()]
    if level.slug not in slugs:
        return None
    at = slugs.index(level.slug) + 1
    return campaign()[at] if at < len(slugs) else None
