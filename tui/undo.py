"""The last command taken back, while the engine still rests at the second it was given.

A simulation cannot be copied, but it can be had again: the run is simulated
anew without that command, up to the same second. Until the new run stands there
nothing of the old one is touched; then the old one becomes it.
"""

from engine.outcomes import Accepted
from tui.desk import Desk
from tui.resume import Rerun
from tui.run import Run, begin_anew
from tui.session import Given, LiveSession

BLINK_S = 0.2
"""Wall time that may pass before a bar shows how far it is."""


def last_done(session: LiveSession) -> int | None:
    """Where in `given` the last command stands that was done, or None."""
    done = (n for n in reversed(range(len(session.given))) if _was_done(session.given[n]))
    return next(done, None)


def hindrance(session: LiveSession) -> str | None:
    """Why nothing can be taken back, as a key of the words table, or None."""
    last = last_done(session)
    if last is None:
        return "undo.nothing"
    return None if session.given[last].second == session.frame.second else "undo.too_late"


class Undo:
    """One command being taken back; `rerun` is the run without it and has to be brought on.

    Only where `hindrance` sees none.
    """

    def __init__(self, desk: Desk, run: Run) -> None:
        last = last_done(run.session)
        assert last is not None
        self.undone = run.session.given[last]
        self._run = run
        moves = [(given.second, given.command) for given in run.session.given[:last]]
        self.rerun = Rerun(begin_anew(desk, run), moves, run.session.frame)

    @property
    def anew(self) -> Run:
        """The run without the command."""
        return self.rerun.run

    def finish(self) -> bool:
        """Let the run become the one without the command; False where it cannot be recorded."""
        was_recorded = self._run.session.trouble is None
        if not (was_recorded and self.anew.session.trouble is not None):
            try:
                self._run.become(self.anew)
            except OSError:
                pass
            else:
                return True
        self.give_up()
        return False

    def give_up(self) -> None:
        """Leave everything as it was."""
        self.anew.discard()


def _was_done(given: Given) -> bool:
    return isinstance(given.outcome, Accepted)
