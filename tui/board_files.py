"""The player's own boards: saved from a sandbox, to be opened again."""

from pathlib import Path

from tui.settings import data_folder

MOST = 99
"""Boards that are kept; who has more may name them himself."""


def boards_folder() -> Path:
    """The folder of saved boards."""
    return data_folder() / "boards"


def saved_boards() -> list[Path]:
    """Every saved board, by name."""
    try:
        return sorted(boards_folder().glob("*.toml"))[:MOST]
    except OSError:
        return []


def save_board(text: str) -> Path | None:
    """Keep a board under the next free name; None where that cannot be done."""
    folder = boards_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, MOST + 1):
            path = folder / f"board-{number:02}.toml"
            try:
                with path.open("x", encoding="utf-8") as file:
                    file.write(text)
            except FileExistsError:
                continue
            return path
    except OSError:
        return None
    return None
