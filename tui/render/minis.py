"""The board with a cell for each machine, for more machines than there are lines."""

from tui.render.canvas import Canvas
from tui.render.cards import state_words
from tui.render.figures import count, whole_percent
from tui.render.picture import Picture, Spot
from tui.render.rows import draw_users_line
from tui.render.scene import Machine, Scene
from tui.theme import STATE_GLYPH, STATE_INK, state_of_load
from tui.words import Words

HEIGHTS = "▁▂▃▄▅▆▇"


def draw_minis(
    picture: Picture, scene: Scene, words: Words, selected: str | None, height: int
) -> None:
    """The users' line, then each kind of machine with its numbers and a cell for each one.

    The selected machine's own line stands at the end. What does not fit is counted.
    """
    canvas = picture.canvas
    draw_users_line(canvas, 0, scene, words)
    chosen = next((m for m in scene.machines if m.id == selected), None)
    stop = height - 1 if chosen is not None and height > 3 else height
    y = 1
    for key, machines in _kinds(scene):
        if y >= stop:
            break
        y = _kind(picture, words, key, machines, y, stop, selected)
    left = len(scene.machines) - sum(m.id in picture.spots for m in scene.machines)
    if left and stop > 1:
        style = canvas.look.ink("dim")
        said = " " + words.say("board.more", n=count(left))
        canvas.text(max(0, canvas.width - 1 - len(said)), stop - 1, said, style)
    if chosen is not None and stop < height:
        _chosen_line(canvas, stop, chosen, words)


def _kinds(scene: Scene) -> list[tuple[str, list[Machine]]]:
    """Machines by the roles they play, those nothing points to apart under ""."""
    kinds: dict[str, list[Machine]] = {}
    for machine in scene.machines:
        key = " ".join(machine.holds)
        kinds.setdefault(key, []).append(machine)
    return list(kinds.items())


def _kind(
    picture: Picture, words: Words, key: str, machines: list[Machine], y: int, stop: int,
    selected: str | None,
) -> int:  # fmt: skip
    canvas = picture.canvas
    ink = canvas.look.ink
    title = key or words.say("board.spare")
    left = 3 if len(machines) == 1 else 1
    at = canvas.text(left, y, f"{title} ", ink("title", bold=True), max(0, canvas.width - left))
    at = canvas.text(at, y, f"× {len(machines)}", ink("text"), max(0, canvas.width - at))
    running = [m for m in machines if m.runs]
    if running:
        worst = max(running, key=lambda m: (m.load, m.waiting))
        mean = sum(m.load for m in running) / len(running)
        said = words.say(
            "board.kind", mean=whole_percent(mean), id=worst.id, worst=whole_percent(worst.load)
        )
        state = state_of_load(worst.load)
        canvas.text(at + 2, y, said, ink(STATE_INK[state]), max(0, canvas.width - at - 2))
    if len(machines) == 1:
        _cell(picture, machines[0], 1, y, machines[0].id == selected)
        return y + 1
    y += 1
    per_row = max(1, canvas.width)
    for index, machine in enumerate(machines):
        row, column = divmod(index, per_row)
        if y + row >= stop:
            return stop
        _cell(picture, machine, column, y + row, machine.id == selected)
    return y + (len(machines) - 1) // per_row + 1


def _cell(picture: Picture, machine: Machine, x: int, y: int, chosen: bool) -> None:
    look = picture.canvas.look
    picture.spots[machine.id] = Spot(x, y, 1, 1)
    if machine.runs:
        glyph = HEIGHTS[min(6, int(max(0.0, machine.load) * 7))]
        style = look.load(machine.load, selected=chosen)
    else:
        glyph = STATE_GLYPH[machine.state]
        style = look.ink(STATE_INK[machine.state], selected=chosen)
    if chosen:
        glyph, style = "◆", look.ink("accent", bold=True, selected=True)
    picture.canvas.put(x, y, glyph, style)


def _chosen_line(canvas: Canvas, y: int, machine: Machine, words: Words) -> None:
    ink = canvas.look.ink
    at = canvas.text(1, y, f"◆ {machine.id} ", ink("accent", bold=True))
    at = canvas.text(at, y, machine.view.type, ink("dim"))
    if machine.runs:
        state = state_of_load(machine.load)
        said = f"{whole_percent(machine.load)} {words.say(f'board.state_{state}')}"
        at = canvas.text(at + 2, y, said, ink(STATE_INK[state]))
        canvas.text(at + 2, y, words.say("board.queue", n=count(machine.waiting)), ink("text"))
    else:
        said = state_words(machine, words)
        canvas.text(at + 2, y, said, ink(STATE_INK[machine.state]), max(0, canvas.width - at - 2))
