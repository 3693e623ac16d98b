"""One second of a run as the watch screen shows it, without the keys that nobody could press."""

from textual.strip import Strip

from engine.frame import Frame
from engine.recording import Recording
from tui.recorded import recorded_facts
from tui.render.board.draw import draw_board, frame_board
from tui.render.board.picture import Picture
from tui.render.board.scene import scene_of
from tui.render.canvas import Canvas
from tui.render.chart import draw_chart
from tui.render.charts import ChartKind, make_chart
from tui.render.figures import usd_micro
from tui.render.history import History
from tui.render.panels import draw_bill, draw_headroom, draw_news, draw_reasons
from tui.render.status import Pace, draw_status
from tui.theme import Look
from tui.words import Words

WIDE = (110, 34)
"""Columns and rows from which the charts stand beside the board."""

VAST = 150
"""Columns from which they are given more of the width."""

CHART_WINDOW_S = 600

NEWS_ROWS = {True: 11, False: 5}
"""On a wide and on a narrow screen."""

CHART_ROWS = 7
"""Of the charts below the board, on a narrow screen."""

PANEL_ROWS = (6, 6, 7)
"""Of reasons, headroom and bill, beside the board."""


class Screen:
    """Draws seconds of one run, all of one size."""

    def __init__(self, recording: Recording, words: Words, size: tuple[int, int]) -> None:
        self.width, self.height = size
        self._words = words
        self._look = Look()
        self._history = History()
        for frame in recording.frames:
            self._history.add(frame)
        self._facts = recorded_facts(recording)
        self._foot = foot_line(recording, words)
        self._before: Picture | None = None

    def draw(self, frame: Frame, pace: Pace, phase: int | None = None) -> list[Strip]:
        """A second from top to bottom; with a phase, traffic moves on the wires."""
        facts, look, words = self._facts, self._look, self._words
        status = draw_status(self.width, 1, frame, facts, pace, look, words)
        wide = self.width >= WIDE[0] and self.height >= WIDE[1]
        room = self._beside(frame, phase) if wide else self._below(frame, phase)
        foot = Canvas(self.width, 1, look)
        foot.text(1, 0, self._foot, look.ink("dim"), self.width - 2)
        return [*status, *room, *foot.strips()]

    def _beside(self, frame: Frame, phase: int | None) -> list[Strip]:
        """Charts and panels in a column of their own."""
        side = 64 if self.width >= VAST else 44
        width, height = self.width - side, self.height - 2
        news = NEWS_ROWS[True]
        left = [*self._board(frame, phase, width, height - news), *self._news(frame, width, news)]
        charts = height - sum(PANEL_ROWS)
        words, look, history = self._words, self._look, self._history
        reasons, headroom, bill = PANEL_ROWS
        right = [
            *self._chart("rps", frame, side, charts - charts // 2),
            *self._chart("latency", frame, side, charts // 2),
            *draw_reasons(side, reasons, frame, history, self._facts, look, words),
            *draw_headroom(side, headroom, frame, history, look, words),
            *draw_bill(side, bill, frame, look, words),
        ]
        return _beside(left, right)

    def _below(self, frame: Frame, phase: int | None) -> list[Strip]:
        """Two charts in a row below the board."""
        news, half = NEWS_ROWS[False], self.width // 2
        board = self._board(frame, phase, self.width, self.height - 2 - CHART_ROWS - news)
        rps = self._chart("rps", frame, half, CHART_ROWS)
        latency = self._chart("latency", frame, self.width - half, CHART_ROWS)
        return [*board, *_beside(rps, latency), *self._news(frame, self.width, news)]

    def _board(self, frame: Frame, phase: int | None, width: int, height: int) -> list[Strip]:
        scene, look, words = scene_of(frame, self._history), self._look, self._words
        self._before = picture = draw_board(
            width - 2, height - 2, scene, look, words, before=self._before
        )
        cost = words.say("board.a_month", usd=usd_micro(frame.money.rate_month_micro_usd))
        title = words.say("board.title")
        return frame_board(width, height, picture, phase, look, title, cost=cost)

    def _chart(self, kind: ChartKind, frame: Frame, width: int, height: int) -> list[Strip]:
        chart = make_chart(kind, frame, self._history, self._facts, self._words)
        return draw_chart(
            width, height, chart, self._look, until=frame.second,
            window_s=CHART_WINDOW_S, duration_s=self._facts.duration_s,
        )  # fmt: skip

    def _news(self, frame: Frame, width: int, height: int) -> list[Strip]:
        return draw_news(width, height, frame.second, self._history, self._look, self._words)


def foot_line(recording: Recording, words: Words) -> str:
    """Which run it is: the level's title and the seed."""
    header = recording.header
    text = header.text.get(words.language) or next(iter(header.text.values()), None)
    seed = words.say("briefing.seed", seed=header.seed)
    return f"{words.say('game.name')} · {text.title if text else header.slug} · {seed}"


def _beside(left: list[Strip], right: list[Strip]) -> list[Strip]:
    return [Strip.join(pair) for pair in zip(left, right, strict=True)]
