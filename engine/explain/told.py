"""What was told: the newest of some kinds of news."""

from collections.abc import Sequence

from engine.frame import Frame, News


def newest(frames: Sequence[Frame], last: int, kinds: tuple[str, ...]) -> tuple[int, News] | None:
    """The newest of some kinds of news up to second `last`, with its second."""
    for frame in reversed(frames):
        for news in reversed(frame.news) if frame.second <= last else ():
            if news.kind in kinds:
                return frame.second, news
    return None
