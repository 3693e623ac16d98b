"""The one table of all that a player can do: its key, its words, what handles it, and when.

The keys line, the help screen, the palette and each screen's bindings are made
from it. Whatever the engine offers as a command appears by itself: under "new"
when it makes something, under "change" when it needs something that stands.
"""

from dataclasses import dataclass
from typing import get_type_hints

import msgspec
from textual.binding import Binding, BindingType

from engine.services.command import Command, source_of
from engine.services.registry import COMMANDS

CommandType = type[Command]


@dataclass(frozen=True)
class Action:
    """One thing a player can do on a screen.

    `name` is its key in the words table, `shown` how the keys line writes its keys, `keys`
    are Textual's keys with their handlers. The lower the `rank`, the longer it stays in the
    keys line when the terminal gets narrow; None keeps it out.
    """

    name: str
    shown: str
    keys: tuple[tuple[str, str], ...]
    where: tuple[str, ...]
    rank: int | None = None

    @property
    def handler(self) -> str:
        """What the palette runs for it: what its first key does."""
        return self.keys[0][1]


PLAY = ("play",)
WATCH = ("watch",)
RUN = ("play", "watch")
RUNS = ("runs",)
VIEWS = ("charts", "inspect", "connect", "follow", "bill", "metrics")
LIVE = (*RUN, *VIEWS, "direct")

SANDBOX = "sandbox"
"""Where all can be done that can in play, and what follows here."""

DIRECTING = (
    "set_rate", "take_traffic", "set_share", "start_incident", "set_bill", "set_budget",
)  # fmt: skip
"""Commands of the sandbox that have actions of their own instead of a form."""

ACTIONS = (
    Action("pause", "space", (("space", "toggle_pause"),), LIVE, 0),
    Action("step", "s", (("s", "step"),), LIVE, 5),
    Action("speed", "+ -", (("plus,equals_sign", "speed(1)"), ("minus", "speed(-1)")), LIVE, 1),
    Action("new", "n", (("n", "new"),), PLAY, 1),
    Action("change", "c", (("c,enter", "change"),), PLAY, 1),
    Action("undo", "^z", (("ctrl+z,backspace", "undo"),), (*PLAY, "direct"), 5),
    Action("direct", "d", (("d", "direct"),), (SANDBOX,), 0),
    Action("trouble", "x", (("x", "trouble"),), (SANDBOX, "direct"), 0),
    Action("traffic_file", "f", (("f", "traffic_file"),), (SANDBOX, "direct"), 3),
    Action("save_board", "y", (("y", "save_board"),), (SANDBOX,), 4),
    Action("slider", "↑ ↓", (("down", "slider(1)"), ("up", "slider(-1)")), ("direct",), 0),
    Action(
        "slide",
        "← →",
        (
            ("right", "slide(1)"),
            ("left", "slide(-1)"),
            ("shift+right", "slide(10)"),
            ("shift+left", "slide(-10)"),
        ),
        ("direct",),
        0,
    ),
    Action("type_number", "0-9 enter", (("enter", "take"),), ("direct",), 1),
    Action("own_curve", "o", (("o", "own_curve"),), ("direct",), 3),
    Action("seek", "← →", (("right", "seek(5)"), ("left", "seek(-5)")), WATCH, 1),
    Action(
        "seek_minute",
        "shift ← →",
        (("shift+right", "seek(60)"), ("shift+left", "seek(-60)")),
        WATCH,
        3,
    ),
    Action(
        "seek_second",
        "< >",
        (("greater_than_sign", "seek(1)"), ("less_than_sign", "seek(-1)")),
        WATCH,
        7,
    ),
    Action(
        "to_mark",
        "n p",
        (
            ("n,right_square_bracket,ctrl+right", "to_mark(1)"),
            ("p,left_square_bracket,ctrl+left", "to_mark(-1)"),
        ),
        WATCH,
        1,
    ),
    Action("seek_ends", "home end", (("home", "seek(-86400)"), ("end", "seek(86400)")), WATCH, 6),
    Action(
        "select",
        "↑ ↓ ← →",
        (
            ("down", "move('down')"),
            ("up", "move('up')"),
            ("left", "move('left')"),
            ("right", "move('right')"),
        ),
        PLAY,
        4,
    ),
    Action("select_watched", "↑ ↓", (("down", "move('down')"), ("up", "move('up')")), WATCH, 4),
    Action("zoom", "z", (("z", "zoom"),), RUN, 5),
    Action("unfold", "u", (("u", "unfold"),), RUN, 6),
    Action("page", "pgup pgdn", (("pagedown", "page(1)"), ("pageup", "page(-1)")), RUN),
    Action("ghost", "g", (("g", "ghost"),), WATCH, 3),
    Action("differences", "d", (("d", "differences"),), WATCH, 3),
    Action("fork", "f", (("f", "fork"),), WATCH, 2),
    Action("cursor", "← →", (("right", "cursor(1)"), ("left", "cursor(-1)")), ("charts",), 1),
    Action(
        "cursor_far",
        "shift ← →",
        (("shift+right", "cursor(10)"), ("shift+left", "cursor(-10)")),
        ("charts",),
        5,
    ),
    Action(
        "cursor_ends",
        "home end",
        (("home", "cursor_end(False)"), ("end", "cursor_end(True)")),
        ("charts",),
        6,
    ),
    Action("older", "← →", (("left", "older"), ("right", "newer")), ("follow",), 1),
    Action("hold", "enter", (("enter", "hold"),), ("follow",), 1),
    Action("sought", "t", (("t", "next_sought"),), ("follow",), 1),
    Action(
        "others", "← →", (("right", "move(1)"), ("left", "move(-1)")), ("inspect", "connect"), 1
    ),
    Action(
        "give",
        "1 … 9",
        tuple((str(number), f"give({number})") for number in range(1, 10)),
        ("inspect",),
        1,
    ),
    Action("order", "tab", (("tab", "next_order"),), ("bill",), 1),
    Action("metric", "↑ ↓", (("down", "choose(1)"), ("up", "choose(-1)")), ("metrics",), 1),
    Action(
        "metric_resource",
        "← →",
        (("right", "next_resource(1)"), ("left", "next_resource(-1)")),
        ("metrics",),
        3,
    ),
    Action("compare", "enter", (("enter", "mark"),), ("metrics",), 2),
    Action("span", "a", (("a", "span"),), ("metrics",), 2),
    Action("new_alarm", "n", (("n", "new_alarm"),), ("metrics",), 1),
    Action("delete_alarm", "x", (("x", "delete_alarm"),), ("metrics",), 3),
    Action("detailed", "d", (("d", "detailed"),), ("metrics",), 2),
    Action("explain", "e", (("e", "explain"),), RUN, 2),
    Action("hint", "h", (("h", "hint"),), RUN, 2),
    Action("inspect", "i", (("i", "inspect"),), RUN, 3),
    Action("concept", "k", (("k", "concept"),), RUN, 3),
    Action("connect", "o", (("o", "connect"),), (*RUN, "inspect"), 4),
    Action("charts", "tab", (("tab", "next_charts"),), (*RUN, "charts"), 2),
    Action("large_charts", "v", (("v", "large_charts"),), RUN, 4),
    Action("metrics", "m", (("m", "metrics"),), RUN, 4),
    Action("request_class", "r", (("r", "next_class"),), (*RUN, "charts", "follow"), 5),
    Action("window", "a", (("a", "window"),), (*RUN, "charts"), 5),
    Action("follow", "w", (("w", "follow"),), RUN, 3),
    Action("bill", "b", (("b", "bill"),), RUN, 3),
    Action("news", "l", (("l", "news_log"),), RUN, 4),
    Action("task", "t", (("t", "task"),), PLAY, 6),
    Action("open_run", "enter", (("enter", "open"),), RUNS, 0),
    Action("level_shown", "← →", (("right", "level(1)"), ("left", "level(-1)")), RUNS, 1),
    Action("result_shown", "tab", (("tab", "result(1)"), ("shift+tab", "result(-1)")), RUNS, 1),
    Action("sort_runs", "o", (("o", "sort"),), RUNS, 3),
    Action("mark_run", "space", (("space", "mark"),), RUNS, 3),
    Action("compare_runs", "c", (("c", "compare_runs"),), RUNS, 2),
    Action("delete_run", "del", (("delete,d", "delete_run"),), RUNS, 2),
    Action("run_ends", "home end", (("home", "ends(0)"), ("end", "ends(-1)")), RUNS, 6),
    Action("open_file", "f", (("f", "open_file"),), RUNS, 2),
    Action("help", "?", (("question_mark,f1", "help"),), (*LIVE, *RUNS), 0),
    Action("palette", "^p", (("ctrl+p", "app.command_palette"),), RUN, 5),
    Action("settings", ",", (("comma", "app.settings"),), LIVE, 6),
    Action("leave", "q", (("q,escape", "leave"),), RUN, 0),
    Action("back", "esc", (("escape,q", "leave"),), (*VIEWS, "direct"), 0),
    Action("to_menu", "esc", (("escape,q", "leave"),), RUNS, 0),
)
"""Every action of the screens that show a run or all of them, in the order of the help screen."""


GROUPS = {
    "time": (
        "pause", "step", "speed", "seek", "seek_second", "to_mark", "seek_minute", "seek_ends",
        "fork",
    ),
    "do": (
        "new", "change", "undo", "direct", "trouble", "traffic_file", "save_board", "slider",
        "slide",
        "type_number", "own_curve", "give", "new_alarm", "delete_alarm", "detailed",
    ),
    "look": (
        "select", "select_watched", "others", "zoom", "unfold", "page", "charts", "request_class",
        "window", "cursor", "cursor_far", "cursor_ends", "older", "hold", "sought", "order",
        "metric", "metric_resource", "compare", "span", "ghost", "differences",
    ),
    "open": (
        "inspect", "connect", "large_charts", "metrics", "follow", "bill", "explain", "hint",
        "concept", "news", "task",
    ),
    "game": (),
}  # fmt: skip
"""What the help puts together; an action that is in none is about the game itself."""


def group_of(action: Action) -> str:
    """Where the help shows an action."""
    return next((group for group, names in GROUPS.items() if action.name in names), "game")


def actions_of(where: str) -> list[Action]:
    """The actions of a screen; in the sandbox those of play as well."""
    places = ("play", SANDBOX) if where == SANDBOX else (where,)
    return [action for action in ACTIONS if not set(places).isdisjoint(action.where)]


def bindings_of(where: str) -> list[BindingType]:
    """Textual's bindings for a screen; the keys line shows them in our own words."""
    return [
        Binding(keys, handler, action.name, show=False)
        for action in actions_of(where)
        for keys, handler in action.keys
        if action.name != "palette"  # which Textual binds
    ]


def name_of(command: CommandType) -> str:
    """A command's name in files and in the words table."""
    return str(command.__struct_config__.tag)


def field_sources(command: CommandType) -> dict[str, str | None]:
    """The fields of a command, each with where its choices come from."""
    hints = get_type_hints(command, include_extras=True)
    fields: tuple[str, ...] = command.__struct_fields__
    return {name: source_of(hints[name]) for name in fields}


STANDING = (
    "instance", "volume", "snapshot", "database", "bucket", "backup", "balancer", "group", "alarm",
    "own_image", "session_store", "dynamodb",
)  # fmt: skip
"""Kinds of things that are on the board already."""

KINDS_OF = {
    "image": ("own_image",),
    "player": ("instance", "database", "bucket", "balancer"),
    "restorable": ("backup", "database"),
    "measured": ("instance", "volume", "database", "bucket", "balancer", "dynamodb"),
}
"""Sources of choices that are of several kinds; any other source is a kind itself."""


def standing_field(command: CommandType, kind: str, *, required: bool = False) -> str | None:
    """The field that names something of a kind that stands already, or None."""
    for info in msgspec.structs.fields(command):
        source = field_sources(command)[info.name]
        if (
            source is not None
            and kind in kinds_of(source)
            and not (required and info.default is not msgspec.NODEFAULT)
        ):
            return info.name
    return None


def kinds_of(source: str) -> tuple[str, ...]:
    """The kinds of things that a field with this source can name."""
    name = source.partition(":")[0]
    return KINDS_OF.get(name, (name,))


def makers() -> list[CommandType]:
    """Commands that need nothing that stands."""
    return [c for c in COMMANDS if not _needs(c) and name_of(c) not in DIRECTING]


def changers() -> list[CommandType]:
    """Commands that change what stands."""
    return [command for command in COMMANDS if _needs(command)]


def commands_on(kind: str) -> list[CommandType]:
    """Commands that something of a kind can be given to.

    What moves data there comes first, then what changes it; what gives it back last.
    """
    possible = [command for command in COMMANDS if standing_field(command, kind)]
    return sorted(possible, key=lambda command: (*_rank(command), not _needs(command)))


def gives_back(command: CommandType) -> bool:
    """Whether it gives back for good what it is about."""
    return name_of(command).startswith(("delete_", "terminate_"))


def _rank(command: CommandType) -> tuple[bool, bool]:
    return gives_back(command), not name_of(command).startswith("move_")


def _needs(command: CommandType) -> bool:
    return any(standing_field(command, kind, required=True) for kind in STANDING)
