"""Hostile files are loaded safely or refused in one clear line, within 2 s and 300 MB.

HEADROOM_HOSTILE=100000 tries so many mutated files in place of a few hundred.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.hostile import MOST_MB

ROOT = Path(__file__).parent.parent

CASES = int(os.environ.get("HEADROOM_HOSTILE", "600"))


def found_by(*arguments: str) -> dict[str, Any]:
    """What a process of its own finds: so its peak of memory is that of the cases alone."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_mutated_files() -> None:
    found = found_by("0", str(CASES))
    assert found["problems"] == []
    assert found["loaded"] + found["refused"] == CASES
    assert min(found["loaded"], found["refused"]) > CASES / 10


def test_bombs() -> None:
    found = found_by("bombs")
    assert found["problems"] == []
    assert found["refused"] > 30
    assert found["peak_mb"] <= MOST_MB
