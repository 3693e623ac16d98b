"""The driver of a game that is played on a page; named to Textual by TEXTUAL_DRIVER."""

from textual import messages
from textual.drivers.web_driver import WebDriver


class PageDriver(WebDriver):
    """Leaves the game when its page has gone, even if the server was killed."""

    def run_input_thread(self) -> None:
        """Read until nothing more can come; the run so far is recorded as always."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(messages.ExitApp())
