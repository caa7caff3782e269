"""The command line as tests call it: in this process, or as a program of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

import planner
from planner.cli.commands import app
from tests.towns import CRS, YEARS, Rows, write_town

ROOT = Path(planner.__file__).parents[1]
SMALL = {"n": 2, "m": 2, "community_blocks": (1, 2)}
"""A town of four compounds in two communities, planned in a second."""


@dataclass(frozen=True)
class Answer:
    """What a command said: exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """The one object of ``--json``."""
        entries: dict[str, Any] = json.loads(self.out)
        return entries


def write_request(
    folder: Path,
    *,
    town: Mapping[str, Any] | None = None,
    edit: Mapping[str, Callable[[Rows], Rows]] | None = None,
    **entries: Any,
) -> Path:
    """Write a town and a scenario beside it; returns the scenario's path."""
    write_town(folder / "geodata", edit=edit, **(SMALL if town is None else town))
    stated = {
        "name": "tiny",
        "title": {"zh": "小城", "en": "Tiny town"},
        "crs": CRS,
        "design_year": YEARS[-1],
        "programme": {"new_schools": 1, "expanded_schools": {"min": 0, "max": 1}},
        "boundaries": {"subdistricts": 2, "band": 0.5},
        "solving": {"threads": 1},
    }
    path = folder / "configs" / "tiny.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(stated | entries, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def call(*words: object) -> Answer:
    """Give a command in this process."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    return Answer(result.exit_code, result.stdout, result.stderr)


def environment(**changes: str) -> dict[str, str]:
    """The environment of a command that is a program of its own."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **changes}


def command(*words: object) -> list[str]:
    """A command as a list of words to start."""
    return [sys.executable, "-m", "planner", *(str(word) for word in words)]


def start(*words: object, cwd: Path, **changes: str) -> Answer:
    """Give a command as a program of its own, and wait for it."""
    done = subprocess.run(
        command(*words), cwd=cwd, env=environment(**changes), check=False, text=True,
        encoding="utf-8", capture_output=True, timeout=300,
    )  # fmt: skip
    return Answer(done.returncode, done.stdout, done.stderr)
