"""What must never creep into the house: the layer rules, as tests over the source text."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("engine", "levels", "tui")

FRONT_DOORS = {
    "engine.simulation", "engine.replay", "engine.recording", "engine.scenario", "engine.catalog",
    "engine.explain", "engine.frame", "engine.views", "engine.outcomes", "engine.complaint",
    "engine.toml", "engine.findings",
    "engine.services.registry", "engine.services.command",
}  # fmt: skip
"""All that anyone outside `engine` may import of it."""

ENTRY_POINTS = {"tui.cli", "tui.serve.game", "tui.serve.driver"}
"""Where everything is reached from."""

NOT_ON_A_CLOCK = {"time", "datetime", "random", "secrets", "uuid"}
"""Modules that would make a run come out otherwise the second time."""


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of the three packages with its syntax tree."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


def of(*packages: str) -> list[str]:
    return [name for name in sources() if any(f"{name}.".startswith(f"{p}.") for p in packages)]


def imports(name: str, *, typing_too: bool = True) -> set[str]:
    """The modules that a module imports, anywhere in it, by full name."""
    found: set[str] = set()
    for statement in _statements(sources()[name], typing_too):
        if isinstance(statement, ast.Import):
            found.update(alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            assert statement.level == 0, f"{name} has a relative import"
            module = statement.module or ""
            inner = {f"{module}.{alias.name}" for alias in statement.names}
            found.update((inner & set(sources())) or {module})
            if inner - set(sources()):
                found.add(module)
    return found


def _statements(tree: ast.AST, typing_too: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        if not typing_too and isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from _statements(child, typing_too)


def top(module: str) -> str:
    return module.partition(".")[0]


@pytest.mark.parametrize("name", of("engine", "levels"))
def test_engine_and_levels_know_no_terminal(name: str) -> None:
    assert not {"textual", "rich", "tui", "typer"} & {top(m) for m in imports(name)}


@pytest.mark.parametrize("name", of("engine"))
def test_engine_knows_no_levels(name: str) -> None:
    assert "levels" not in {top(m) for m in imports(name)}


@pytest.mark.parametrize("name", of("engine.flow"))
def test_flow_knows_no_simpy(name: str) -> None:
    assert "simpy" not in {top(m) for m in imports(name)}


@pytest.mark.parametrize("name", of("levels", "tui"))
def test_only_front_doors_of_the_engine_are_used(name: str) -> None:
    used = {m for m in imports(name) if top(m) == "engine"}
    assert used <= FRONT_DOORS


@pytest.mark.parametrize(
    "name",
    ["engine.frame", "engine.views", "engine.outcomes", "engine.complaint", "engine.recording"],
)
def test_watching_needs_no_engine(name: str) -> None:
    program = f"import sys, {name}; sys.exit(any(m in sys.modules for m in ('numpy', 'simpy')))"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("name", of("engine"))
def test_nothing_in_the_engine_comes_from_outside(name: str) -> None:
    assert not NOT_ON_A_CLOCK & {top(m) for m in imports(name)}
    for node in ast.walk(sources()[name]):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            whole = ast.unparse(node)
            allowed = ("Generator", "PCG64", "SeedSequence")
            assert not whole.startswith("np.random.") or node.attr in allowed, whole


@pytest.mark.parametrize("name", of("engine"))
def test_no_bare_set_is_iterated(name: str) -> None:
    for node in ast.walk(sources()[name]):
        iterated = node.iter if isinstance(node, (ast.For, ast.comprehension)) else None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            iterated = node.args[0] if node.func.id in ("list", "tuple", "enumerate") else None
        assert iterated is None or not _is_set(iterated), ast.unparse(iterated)


def _is_set(node: ast.expr) -> bool:
    if isinstance(node, (ast.Set, ast.SetComp)):
        return True
    if isinstance(node, ast.BinOp):
        return _is_set(node.left) or _is_set(node.right)
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("set", "frozenset")
    )


@pytest.mark.parametrize("name", of("engine", "levels"))
def test_no_broad_except(name: str) -> None:
    for node in ast.walk(sources()[name]):
        if isinstance(node, ast.ExceptHandler):
            caught = "" if node.type is None else ast.unparse(node.type)
            names = set(re.findall(r"\w+", caught))
            assert names, f"bare except in {name}"
            assert not {"Exception", "BaseException"} & names, f"except {caught} in {name}"


def test_every_module_is_reached_from_an_entry_point() -> None:
    reached: set[str] = set()
    waiting = sorted(ENTRY_POINTS)
    while waiting:
        name = waiting.pop()
        if name in reached or name not in sources():
            continue
        reached.add(name)
        parents = [name.rsplit(".", n)[0] for n in range(1, name.count(".") + 1)]
        waiting += [*imports(name), *parents]
    assert not set(sources()) - reached


def test_no_import_cycles() -> None:
    edges = {n: imports(n, typing_too=False) & set(sources()) - {n} for n in sources()}
    while leaves := [name for name, needs in edges.items() if not needs]:
        for leaf in leaves:
            del edges[leaf]
        edges = {name: needs - set(leaves) for name, needs in edges.items()}
    assert not edges, f"in or behind a cycle: {sorted(edges)}"


@pytest.mark.parametrize("name", of("tui"))
def test_no_handler_calls_the_one_that_it_overrides(name: str) -> None:
    """Textual calls those of all classes itself; called again, a timer would run twice."""
    handlers = re.compile(r"super\(\)\.on_(?!event\b)")  # that one hands events out
    assert not handlers.search(ast.unparse(sources()[name]))


ORDINARY_HOSTS = {
    "keepachangelog.com", "github.com", "docs.aws.amazon.com", "json-schema.org", "www.w3.org",
}  # fmt: skip
"""Hosts that a file may name: nothing that packages are fetched from."""

NOBODYS_HOST = re.compile(r"127\.0\.0\.\d|10\.0\.0\.\d|[\w.-]+\.example")
"""This machine, a private network, and the names that stand for any host."""

MACHINE_PATH = re.compile(r"(?<![\w.}*/-])/(?:work|root|home|tmp|mnt|Users|private)/\w")
HOST = re.compile(r"https?://([A-Za-z0-9.-]+)")


def text_files() -> list[Path]:
    hidden = {".git", ".venv", "__pycache__", "build", "dist", ".hypothesis"}
    hidden |= {".mypy_cache", ".ruff_cache", ".pytest_cache"}
    kinds = {".py", ".toml", ".md", ".txt", ".tcss", ".cfg", "", ".yml", ".svg"}
    return [
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file() and not hidden & set(path.relative_to(ROOT).parts)
        and path.suffix in kinds and not path.parent.name.endswith(".egg-info")
    ]  # fmt: skip


@pytest.mark.parametrize("path", text_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_registry_host_or_machine_path(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path != Path(__file__):
        assert not MACHINE_PATH.findall(text)
    hosts = {host for host in HOST.findall(text) if path.suffix != ".svg"}
    named = {host for host in hosts if "." in host and not NOBODYS_HOST.fullmatch(host)}
    assert named <= ORDINARY_HOSTS
    assert "index-url" not in text or path == Path(__file__)


def test_a_screen_s_styles_are_its_own() -> None:
    """What Textual has once read for a screen holds on every screen: an id is not enough."""
    for path in sorted((ROOT / "tui" / "screens").glob("*.tcss")):
        rules = re.sub(r"\{[^}]*\}", "\n", path.read_text("utf-8"))
        selectors = [part.strip() for part in re.split(r"[,\n]", rules) if "#" in part]
        assert [one for one in selectors if not one[0].isupper()] == [], path.name
