"""What can be done before and after a run: the keys of the menu, the briefing and the debrief.

Their bindings and their help are made from this, as those of a run are from its own table.
"""

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from tui.actions import Action

MENU, BRIEFING, DEBRIEF = ("menu",), ("briefing",), ("debrief",)

BESIDE = {
    "endless": "e",
    "daily": "d",
    "sandbox": "s",
    "runs": "r",
    "tour": "t",
    "glossary": "g",
}
"""The ways into the game beside the levels, each with its key."""

WAYS = {**BESIDE, "settings": ",", "quit": "q"}
"""All that the menu lists below the levels."""

FRONT = (
    Action("menu_open", "↑ ↓ enter", (), MENU),
    Action(
        "menu_level",
        "1 … 9",
        tuple((str(number), f"open_level({number - 1})") for number in range(1, 10)),
        MENU,
    ),
    *(Action(f"menu_{way}", key, ((key, f"go('{way}')"),), MENU) for way, key in BESIDE.items()),
    Action("language", "l", (("l", "app.language"),), MENU),
    Action("start", "enter", (("enter,space", "answer(True)"),), BRIEFING),
    Action("scroll", "↑ ↓", (), BRIEFING),
    Action(
        "debrief_pages", "← →", (("left,shift+tab", "turn(-1)"), ("right,tab", "turn(1)")), DEBRIEF
    ),
    Action(
        "debrief_page",
        "1 … 5",
        tuple((str(number), f"open({number - 1})") for number in range(1, 6)),
        DEBRIEF,
    ),
    Action("debrief_list", "↑ ↓", (), DEBRIEF),
    Action("debrief_go", "enter", (("enter", "go('next_level')"),), DEBRIEF),
    Action("debrief_again", "r", (("r", "go('again')"),), DEBRIEF),
    Action("debrief_new_traffic", "n", (("n", "go('new_traffic')"),), DEBRIEF),
    Action("debrief_watch", "w", (("w", "go('watch')"),), DEBRIEF),
    Action("debrief_fork", "f", (("f", "go('fork')"),), DEBRIEF),
    Action("debrief_explain", "e", (("e", "explain"),), DEBRIEF),
    Action("hint", "h", (("h", "hint"),), (*BRIEFING, *DEBRIEF)),
    Action("briefing_card", "k", (("k", "concept"),), BRIEFING),
    Action("debrief_card", "k", (("k", "go('card')"),), DEBRIEF),
    Action("debrief_share", "c", (("c", "share"),), DEBRIEF),
    Action("help", "?", (("question_mark,f1", "help"),), (*MENU, *BRIEFING, *DEBRIEF)),
    Action("palette", "^p", (), (*MENU, *BRIEFING, *DEBRIEF)),
    Action("settings", WAYS["settings"], (), (*MENU, *BRIEFING, *DEBRIEF)),
    Action("menu_quit", WAYS["quit"], ((WAYS["quit"], "go('quit')"), ("escape", "quit")), MENU),
    Action("briefing_back", "esc", (("escape,q", "answer(False)"),), BRIEFING),
    Action("debrief_menu", "m", (("m,escape,q", "go('menu')"),), DEBRIEF),
)
"""Every action of these screens in the order of their help; one without keys is bound elsewhere."""

FIRST = ("debrief_pages",)
"""What a screen does before anything that lies on it may."""


def front_actions(where: str) -> list[Action]:
    """The actions of one of these screens."""
    return [action for action in FRONT if where in action.where]


def front_bindings(where: str) -> list[BindingType]:
    """Textual's bindings for it."""
    return list(_bindings(front_actions(where)))


def _bindings(actions: Iterable[Action]) -> Iterable[BindingType]:
    for action in actions:
        for keys, handler in action.keys:
            first = action.name in FIRST
            yield Binding(keys, handler, action.name, show=False, priority=first)
