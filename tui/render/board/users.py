"""The users on the board: their rate and how they fare; and what is tightest, in one line."""

from rich.cells import cell_len

from tui.render.board.scene import Scene
from tui.render.canvas import Canvas
from tui.render.figures import clock, count, headroom_percent, percent
from tui.render.history import Pulse
from tui.render.sentences import place_words
from tui.theme import FULL_FROM, Ink
from tui.words import Words


def shares(pulse: Pulse) -> tuple[tuple[str, float, Ink], ...]:
    """Good, late and failed with their inks; nothing, where nothing has ended yet."""
    if pulse.good is None:
        return ()
    return (
        ("good", pulse.good, "ok"),
        ("late", pulse.late, "warn" if pulse.late else "dim"),
        ("failed", pulse.failed, "down" if pulse.failed else "dim"),
    )


def draw_users(canvas: Canvas, y: int, width: int, scene: Scene, words: Words) -> None:
    """Users, their rate and their shares below each other; `y` is the rate's row."""
    ink, say = canvas.look.ink, words.say
    at = canvas.text(1, y - 1, "◍ ", ink("flow", bold=True))
    canvas.text(at, y - 1, say("board.users"), ink("strong", bold=True), width - 2)
    canvas.text(1, y, say("board.rps", n=count(scene.pulse.rps)), ink("text"), width - 2)
    for row, (name, share, colour) in enumerate(shares(scene.pulse), y + 1):
        style = ink(colour, bold=colour == "down")
        figure = percent(share)
        x = width - 1 - cell_len(figure)
        canvas.text(1, row, say(f"board.{name}"), style, x - 2)
        canvas.text(x, row, figure, style)


def draw_users_line(canvas: Canvas, y: int, scene: Scene, words: Words) -> None:
    """The same in one line."""
    ink, pulse = canvas.look.ink, scene.pulse
    at = canvas.text(1, y, "◍ ", ink("flow", bold=True))
    at = canvas.text(at, y, words.say("board.users"), ink("strong", bold=True))
    at = canvas.text(at + 1, y, words.say("board.rps", n=count(pulse.rps)), ink("text"))
    for name, share, colour in shares(pulse):
        text = f"{words.say(f'board.{name}')} {percent(share)}"
        if at + 3 + cell_len(text) > canvas.width:
            return
        at = canvas.text(at + 3, y, text, ink(colour, bold=colour == "down"))


def draw_foot(canvas: Canvas, y: int, scene: Scene, words: Words) -> None:
    """Zones that are out; that a role has nobody, else which station is tightest and how tight."""
    ink = canvas.look.ink
    canvas.fill(0, y, canvas.width, ink("text"))
    at = 1
    for zone in scene.zones_down:
        said = f"✕ {words.say('board.zone_out', zone=zone)}"
        at = canvas.text(at, y, said, ink("down", bold=True), max(0, canvas.width - at)) + 3
    if scene.unheld and any(scene.tiers):
        roles = " ".join(scene.unheld)
        said = f"✕ {words.say('board.unheld', roles=roles)}"
        canvas.text(at, y, said, ink("down", bold=True), max(0, canvas.width - at))
        return
    tight = scene.tight
    if tight is None:
        return
    at = canvas.text(at, y, "▸ ", ink("accent", bold=True))
    at = canvas.text(at, y, words.say("board.tightest") + " ", ink("dim"))
    place = place_words(tight.station.id, words)
    at = canvas.text(at, y, place, ink("strong", bold=True), max(0, canvas.width - at))
    if tight.load < FULL_FROM:
        said = words.say("board.headroom", percent=headroom_percent(tight.load))
        canvas.text(at, y, ", " + said, ink("text"), max(0, canvas.width - at))
        return
    since = clock(scene.second if tight.since is None else tight.since)
    said = words.say("board.no_headroom", since=since)
    waiting = words.say("board.waiting", n=count(tight.station.waiting_total))
    canvas.text(at, y, f", {said}, {waiting}", ink("full", bold=True), max(0, canvas.width - at))
