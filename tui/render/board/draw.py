"""The whole board: as much is said of each thing as the room allows, or as the player wants."""

from rich.segment import Segment
from textual.strip import Strip

from tui.render.board.choice import AUTOMATIC, choose, plan_for, shape_of
from tui.render.board.deck import draw_deck
from tui.render.board.minis import draw_minis
from tui.render.board.picture import Picture
from tui.render.board.rows import draw_rows
from tui.render.board.scene import Scene
from tui.render.board.users import draw_foot
from tui.render.board.view import Choice, Level, View
from tui.render.canvas import Canvas
from tui.theme import Look
from tui.words import Words


def draw_board(
    width: int, height: int, scene: Scene, look: Look, words: Words,
    selected: str | None = None, view: View = AUTOMATIC, before: Picture | None = None,
) -> Picture:  # fmt: skip
    """The board in `width` × `height` cells, without a frame round it.

    A picture drawn `before` saves working out how much there is room to say.
    """
    room = _room(height)
    shape = (shape_of(scene), width, height, selected, view.level)

    def drawn(choice: Choice) -> Picture:
        picture = Picture(Canvas(width, height, look), room, scene.order, choice, shape)
        _draw(picture, scene, words, selected, view)
        return picture

    if before is not None and before.shape == shape:
        picture = drawn(before.choice)
        if view.unfolded or picture.highest_top <= before.highest_top:
            return picture
    return drawn(choose(width, room, scene, words, selected, view))


def _draw(picture: Picture, scene: Scene, words: Words, selected: str | None, view: View) -> None:
    choice, canvas = picture.choice, picture.canvas
    if choice.level is Level.ROWS:
        draw_rows(picture, scene, words, selected, view)
    elif choice.level is Level.MINIS:
        draw_minis(picture, scene, words, selected, view)
    else:
        for unfolding in (view, AUTOMATIC):
            plan = plan_for(canvas.width, scene, words, selected, unfolding, alike=choice.alike)
            if plan is not None:
                draw_deck(picture, plan, choice.detail, scene, words, selected, view)
                break
    _draw_foot(canvas, _room(canvas.height), scene, words)


def _room(height: int) -> int:
    """Rows for the board itself, above the line of what is tightest."""
    return max(0, height - (0 if height < 3 else 2 if height >= 10 else 1))


def _draw_foot(canvas: Canvas, room: int, scene: Scene, words: Words) -> None:
    """What is tightest, below everything; whatever the board left there goes."""
    for y in range(room, canvas.height):
        canvas.fill(0, y, canvas.width, canvas.look.ink("text"))
    if room < canvas.height:
        draw_foot(canvas, canvas.height - 1, scene, words)


def frame_board(
    width: int, height: int, picture: Picture, phase: int | None, look: Look,
    title: str, hint: str = "", cost: str = "",
) -> list[Strip]:  # fmt: skip
    """The picture in a frame; with a phase, traffic moves on the wires.

    Where only a part of the board is seen, the right edge shows which.
    """
    canvas = Canvas(width, height, look)
    canvas.frame(title, right=cost, hint=hint)
    if width < 2 or height < 2:
        return canvas.strips()
    line = look.ink("line")
    left = Strip([Segment("|" if look.ascii else "│", line)], 1)
    thumb = Strip([Segment("#" if look.ascii else "┃", look.ink("title"))], 1)
    seen = range(0)
    if picture.highest_top and picture.room:
        size = max(1, picture.room * picture.room // picture.height)
        start = round(picture.top / picture.highest_top * (picture.room - size))
        seen = range(start, start + size)
    inner = [
        Strip.join([left, row, thumb if y in seen else left])
        for y, row in enumerate(picture.strips(phase))
    ]
    return [canvas.strip(0), *inner, canvas.strip(height - 1)]
