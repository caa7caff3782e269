"""Findings: how checks word what they found, and how errors among them are raised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from planner.errors import DataError, Problem
from planner.territory.territory import Finding, Severity

_NAMED = 5


def named(ids: Iterable[str]) -> str:
    """The first five ids, and how many more there are."""
    ordered = list(ids)
    first = ", ".join(ordered[:_NAMED])
    return first if len(ordered) <= _NAMED else f"{first} and {len(ordered) - _NAMED} more"


def finding(
    code: str,
    severity: Severity,
    layer: str,
    message: str,
    *,
    hint: str = "",
    ids: Iterable[str] = (),
    shown: Sequence[str] | None = None,
) -> Finding:
    """A finding; ``{ids}`` in the message is replaced by the first five of `shown` (the ids)."""
    found = tuple(ids)
    text = message.replace("{ids}", named(found if shown is None else shown))
    return Finding(code, severity, layer, text, hint, found)


def row_names(frame: pd.DataFrame, rows: Iterable[bool], *, key: str = "id") -> list[str]:
    """Ids of the marked rows; a row without one is named by its number in the file, from 1."""
    keys = frame[key].tolist() if key in frame else [None] * len(frame)
    return [
        own if isinstance(own, str) else f"row {row + 1}"
        for own, row, marked in zip(keys, frame.index.tolist(), rows, strict=True)
        if marked
    ]


def errors_in(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that stop a run."""
    return [found for found in findings if found.severity is Severity.ERROR]


def raise_errors(findings: Sequence[Finding], *, files: Mapping[str, tuple[Path, ...]]) -> None:
    """Raise one DataError with a problem for each error among the findings, if there is any."""
    problems = []
    for found in errors_in(findings):
        paths = files.get(found.layer, ())
        where = f"{found.layer} ({paths[0].name})" if paths else found.layer
        problems.append(Problem(where, found.message, found.hint, found.ids))
    if problems:
        raise DataError(problems)
