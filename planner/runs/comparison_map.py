"""The page of a comparison, written beside nobody's run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from planner.errors import Problem, UsageError
from planner.maps.comparison_page import MOST, Compared, draw_comparison
from planner.runs.comparing import Comparison


def refuse_page(path: Path, runs: Sequence[Path]) -> None:
    """Raises UsageError for a page that could not be written, before anything is read."""
    if len(runs) > MOST:
        raise UsageError(
            Problem("--map", f"{len(runs)} runs are too many for one page", f"at most {MOST}")
        )
    if path.is_dir():
        raise UsageError(Problem(str(path), "is a folder", "name a file, e.g. comparison.html"))
    if any(path.resolve().is_relative_to(run.resolve()) for run in runs):
        reason = "lies in a run, which would no longer be as recorded"
        raise UsageError(Problem(str(path), reason, "name a file outside it"))


def write_page(comparison: Comparison, path: Path) -> Path:
    """Draw a comparison as one HTML file, in one piece; returns its path.

    Raises UsageError if it cannot be written.
    """
    page = draw_comparison(
        [
            Compared(run.name, run.territory, run.scenario, run.plan, run.broken)
            for run in comparison.runs
        ],
        rows=comparison.indicators,
        differences=comparison.differences,
        asked=comparison.asked,
    )
    whole = path.absolute()
    partial = whole.with_name(f".{whole.name}.{os.getpid()}.partial")
    try:
        whole.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(page, encoding="utf-8", newline="")
        partial.replace(whole)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        reason = f"cannot be written: {error.strerror or error}"
        raise UsageError(Problem(str(whole), reason, "name another file with --map")) from error
    return whole
