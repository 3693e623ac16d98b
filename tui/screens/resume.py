"""A run is simulated again, under a progress bar, before it is played on."""

from tui.desk import Desk
from tui.render.figures import clock
from tui.resume import Rerun
from tui.screens.work import WorkScreen


class ResumeScreen(WorkScreen):
    """Gives whether the run stands where it was left; False where the player gave up.

    `section` of the words table says what this is for.
    """

    def __init__(self, desk: Desk, rerun: Rerun, section: str = "resume") -> None:
        title, keys = (desk.say(f"{section}.{name}") for name in ("title", "keys"))
        text = desk.say(f"{section}.text", at=clock(rerun.until))
        super().__init__(desk, title, text, rerun, keys)
