"""The voice of the command line: text for people on stderr, data on stdout."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from typing import Any

import typer
from rich.console import Console, RenderableType
from rich.status import Status

from planner.errors import ExitCode, Problem

HEADINGS = {
    ExitCode.BUG: "Something went wrong that should not have",
    ExitCode.USAGE: "This cannot be done as asked",
    ExitCode.SCENARIO: "The scenario is not valid",
    ExitCode.DATA: "The data cannot be used as they are",
    ExitCode.INFEASIBLE: "No plan keeps all rules",
    ExitCode.STOPPED_WITHOUT_PLAN: "Stopped before any plan was found",
    ExitCode.INTERRUPTED: "Interrupted before any plan was found",
}
STATUSES = {
    ExitCode.BUG: "ERROR",
    ExitCode.USAGE: "USAGE_ERROR",
    ExitCode.SCENARIO: "INVALID_SCENARIO",
    ExitCode.DATA: "INVALID_DATA",
    ExitCode.INFEASIBLE: "INFEASIBLE",
    ExitCode.STOPPED_WITHOUT_PLAN: "NO_SOLUTION_IN_TIME",
    ExitCode.INTERRUPTED: "INTERRUPTED",
}
WIDTH_OF_FILES = 120
"""Columns of a table where there is no terminal to fit."""


@dataclass(frozen=True)
class Voice:
    """How to speak: `json` adds one object on stdout, `quiet` leaves only errors for people."""

    json: bool = False
    quiet: bool = False
    verbose: bool = False

    def say(self, *parts: RenderableType) -> None:
        """Tell people something, unless they asked for quiet."""
        if not self.quiet:
            for part in parts:
                _people().print(part, markup=False, highlight=False, soft_wrap=True)

    def show(self, table: RenderableType) -> None:
        """Show people a table, fitted to their terminal."""
        if not self.quiet:
            _people().print(table)

    def warn(self, text: str) -> None:
        """Tell people something even if they asked for quiet."""
        _people().print(text, markup=False, highlight=False, soft_wrap=True)

    def emit(self, data: dict[str, Any]) -> None:
        """Print the one object of ``--json``, where it was asked for."""
        if self.json:
            readable = "utf" in (sys.stdout.encoding or "").lower()
            typer.echo(
                json.dumps(finite(data), ensure_ascii=not readable, indent=1, allow_nan=False)
            )

    def fail(
        self,
        code: ExitCode,
        problems: Sequence[Problem],
        *,
        heading: str = "",
        more: dict[str, Any] | None = None,
    ) -> typer.Exit:
        """Tell all problems; returns the exit to raise."""
        self.warn(f"{heading or HEADINGS[code]}:")
        for problem in problems:
            self.warn(f"  {problem.where}: {problem.message}" if problem.where
                      else f"  {problem.message}")  # fmt: skip
            if problem.hint:
                self.warn(f"      {problem.hint}")
        entries = [{**asdict(problem), "ids": list(problem.ids)} for problem in problems]
        self.emit({
            "status": STATUSES[code], "exit_code": int(code), "problems": entries, **(more or {}),
        })  # fmt: skip
        return typer.Exit(int(code))

    def waiting(self) -> AbstractContextManager[Status | None]:
        """A line that tells how work goes on, on a terminal only."""
        console = _people()
        if self.quiet or not console.is_terminal:
            return nullcontext()
        return console.status("")


def finite(value: Any) -> Any:
    """`value` with null for each number that JSON cannot hold."""
    if isinstance(value, dict):
        return {key: finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [finite(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _people() -> Console:
    # Made anew each time: stderr may have been replaced since.
    console = Console(stderr=True)
    if not console.is_terminal:
        console.width = WIDTH_OF_FILES
    return console
