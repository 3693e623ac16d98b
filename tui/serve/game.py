"""The process of one player's game: the app, drawn for a page that the server shows."""

import sys

from tui.app import run_app


def main() -> int:
    """Play from the menu; the language and the driver stand in the environment."""
    return run_app()


if __name__ == "__main__":
    sys.exit(main())
