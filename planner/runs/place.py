"""The place of a run: refused before any work where nothing can be kept, numbered if unnamed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from planner.errors import Problem, UsageError
from planner.store.run_folder import next_run_dir

RUNS = "runs"
"""Folder of the runs that nobody named, beside where the command was given."""


def refuse_unusable(out: Path | None) -> None:
    """Raise UsageError unless a run can be kept in `out` (None: under ``runs/``)."""
    hint = "name a new or an empty folder with --out"
    folder = (Path(RUNS) if out is None else out).absolute()
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(Problem(str(folder), "is no folder", hint))
    if out is not None and folder.is_dir() and any(folder.iterdir()):
        raise UsageError(Problem(str(folder), "is not empty", hint))
    above = folder if out is None else folder.parent
    while not above.exists():
        above = above.parent
    if not (above.is_dir() and os.access(above, os.W_OK | os.X_OK)):
        raise UsageError(Problem(str(folder), f"cannot be made: {above} cannot be written", hint))


def keep(out: Path | None, *, name: str, write: Callable[[Path], Path]) -> Path:
    """Have `write` keep a run in `out`, or in the first ``runs/<name>-<n>`` that is free.

    A number taken by another run meanwhile is passed over: a finished plan is never lost to it.
    """
    if out is not None:
        return write(out.absolute())
    while True:
        folder = next_run_dir(Path.cwd() / RUNS, name)
        try:
            return write(folder)
        except UsageError:
            if not folder.exists():
                raise
