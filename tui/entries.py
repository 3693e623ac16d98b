"""All that the palette finds: what can be done on a screen, what can be read, where one can go."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol

from textual.screen import Screen

from levels.campaign import campaign
from levels.level import Level
from levels.sandbox import BOARDS
from tui.actions import Action, actions_of
from tui.concepts import CONCEPTS, MODEL, concept_title, deck
from tui.desk import Desk
from tui.glossary import glossary
from tui.orders import Order, new_orders, other_orders
from tui.palette import Entry
from tui.screens.concept import ConceptScreen
from tui.screens.glossary import GlossaryPage
from tui.screens.live import LiveScreen
from tui.screens.menu import MenuChoice, OpenBoard, OpenRuns, PlayLevel, TakeTour
from tui.screens.play import PlayScreen
from tui.screens.running import RunningScreen
from tui.screens.sandbox import SandboxScreen
from tui.standing import stands
from tui.trouble import KINDS
from tui.words import Words


class Ways(Protocol):
    """What the app does for the palette."""

    def everywhere(self) -> dict[str, Callable[[], Any]]:
        """What can be done on every screen, by its key in the words table."""

    def go(self, choice: MenuChoice) -> None:
        """To a level, to a board, or to the menu, once it is safe to leave."""

    def read(self, page: Screen[Any]) -> None:
        """Something to read, over whatever is seen."""


def all_entries(app: Ways, desk: Desk, screen: Screen[Any]) -> list[Entry]:
    """Everything over a screen: what can be done first, what cannot be done now last."""
    run = screen.run if isinstance(screen, LiveScreen) else screen
    orders = list(_order_entries(run)) if isinstance(run, PlayScreen) else []
    entries = [entry for possible, entry in orders if possible]
    if isinstance(screen, LiveScreen | RunningScreen):
        entries += _action_entries(screen)
    entries += _game_entries(app.everywhere())
    if isinstance(run, SandboxScreen):
        entries += _trouble_entries(run)
    entries += [*_place_entries(app), *_reading_entries(app, desk)]
    return entries + [entry for possible, entry in orders if not possible]


def _order_entries(run: PlayScreen) -> Iterator[tuple[bool, Entry]]:
    """Every command that there is here, and whether it can be given now."""
    if run.live.over:
        return
    standing = stands(run.frame, run.selected())
    for kind, orders in (
        ("new", new_orders(run.live)), ("change", other_orders(run.live, standing)),
    ):  # fmt: skip
        for order in orders:
            give = partial(run.open_form, order.command, order.resource)
            said = _said(f"actions.{kind}"), _name_of(order), _note_of(order)
            entry = Entry(*said, give, _detail_of(order))
            yield order.possible, entry


def _trouble_entries(run: SandboxScreen) -> Iterator[Entry]:
    """Every kind of trouble that can be let loose."""
    for kind in KINDS:
        name, note = _said(f"sandbox.{kind}"), _said(f"sandbox.{kind}_what")
        yield Entry(_said("actions.trouble"), name, note, partial(run.let_loose, kind))


def _action_entries(screen: LiveScreen | RunningScreen[Any]) -> Iterator[Entry]:
    """Every action of a screen by its name; its key is shown beside it."""
    for action in actions_of(screen.WHERE):
        if not action.handler.startswith("app."):  # those are there on every screen
            name, note = _said(f"actions.{action.name}"), _said(f"help.{action.name}")
            do = partial(screen.run_action, action.handler)
            yield Entry(_said("palette.here"), name, note, do, _key(action))


def _game_entries(everywhere: dict[str, Callable[[], Any]]) -> Iterator[Entry]:
    for key, do in everywhere.items():
        name, note = _said(f"palette.{key}"), _said(f"palette.{key}_help")
        yield Entry(_said("palette.game"), name, note, do)


def _place_entries(app: Ways) -> Iterator[Entry]:
    """The saved runs, the tour, every level, and every board of the sandbox."""
    runs = partial(app.go, OpenRuns())
    yield Entry(_said("palette.game"), _said("menu.runs"), _said("menu.runs_what"), runs)
    tour = partial(app.go, TakeTour())
    yield Entry(_said("palette.tour"), _said("menu.tour"), _said("menu.tour_what"), tour)
    for number, level in enumerate(campaign(), 1):
        go = partial(app.go, PlayLevel(level))
        yield Entry(_said("palette.level"), _title(number, level), _summary(level), go)
    for name in BOARDS:
        note = _said(f"sandbox.board_{name.replace('-', '_')}")
        yield Entry(_said("palette.board"), _just(name), note, partial(app.go, OpenBoard(name)))


def _reading_entries(app: Ways, desk: Desk) -> Iterator[Entry]:
    """Every concept card; and every word of the glossary, once one is sought."""
    for name in (MODEL, *CONCEPTS):

        def read(name: str = name) -> None:
            app.read(ConceptScreen(desk, deck((name,)) if name != MODEL else (name,)))

        yield Entry(
            _said("palette.card"), partial(_card, name), _said("palette.card_help"), read, read=True
        )
    for key in glossary("en"):

        def look_up(key: str = key) -> None:
            app.read(GlossaryPage(desk, key))

        word, meaning = partial(_word, key), partial(_meaning, key)
        yield Entry(_said("palette.word"), word, meaning, look_up, browsed=False, read=True)


def _said(key: str) -> Callable[[Words], str]:
    return lambda words: words.say(key)


def _just(name: str) -> Callable[[Words], str]:
    return lambda words: name


def _key(action: Action) -> Callable[[Words], str]:
    return lambda words: f"  ({action.shown})"


def _name_of(order: Order) -> Callable[[Words], str]:
    mark = "" if order.possible else "✕ "
    return lambda words: mark + words.say(f"commands.{order.name}")


def _detail_of(order: Order) -> Callable[[Words], str]:
    """To what it is given, and what it adds to the bill."""
    about = f" · {order.resource}" if order.resource else ""
    return lambda words: about + (f"  ({price})" if (price := order.price(words)) else "")


def _note_of(order: Order) -> Callable[[Words], str]:
    return lambda words: order.why_not(words) or words.say(f"commands.{order.name}_help")


def _title(number: int, level: Level) -> Callable[[Words], str]:
    return lambda words: f"{number}  {level.words(words.language).title}"


def _summary(level: Level) -> Callable[[Words], str]:
    return lambda words: level.words(words.language).summary


def _card(name: str, words: Words) -> str:
    return concept_title(name, words.language)


def _word(key: str, words: Words) -> str:
    return glossary(words.language)[key].word


def _meaning(key: str, words: Words) -> str:
    return glossary(words.language)[key].meaning
