"""The table of a sweep: one row a run, its figures side by side, and which runs are efficient."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

JUDGED = (
    "places_short.total", "way_pupil_m", "cost_yuan", "pupils_changing_school",
    "people_changing_subdistrict", "max_population_deviation",
)  # fmt: skip
"""A run is efficient if none is as good in all of these and better in one; less is better."""
_SAME = 1e-9


@dataclass(frozen=True)
class SweepRow:
    """One run: what was asked, how it ended, and its figures (none without a plan)."""

    id: str
    values: Mapping[str, str]
    status: str
    exit_code: int
    gap: float | None
    seconds: float
    run_dir: str
    problem: str
    """What is in the way, where there is no plan that keeps its promises."""
    figures: Mapping[str, float]
    efficient: bool


@dataclass(frozen=True)
class SweepTable:
    """All runs of a sweep in the order of its grid."""

    keys: tuple[str, ...]
    """The keys that were swept."""
    figures: tuple[str, ...]
    """Names of the indicators, ``name`` or ``name.part``."""
    rows: tuple[SweepRow, ...]


def table_of(results: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> SweepTable:
    """The table of recorded results."""
    figures = [dict(_flat(result["indicators"])) for result in results]
    sound = [bool(own) and result["status"] != "BROKEN" for own, result in
             zip(figures, results, strict=True)]  # fmt: skip
    best = efficient([own if ok else {} for own, ok in zip(figures, sound, strict=True)])
    rows = tuple(
        SweepRow(
            id=result["id"], values=result["values"], status=result["status"],
            exit_code=result["exit_code"], gap=result["gap"], seconds=result["seconds"],
            run_dir=result["run_dir"] or "", problem=_problem(result), figures=own, efficient=good,
        )
        for result, own, good in zip(results, figures, best, strict=True)
    )  # fmt: skip
    names = dict.fromkeys(name for own in figures for name in own)
    return SweepTable(tuple(keys), tuple(names), rows)


def efficient(figures: Sequence[Mapping[str, float]]) -> list[bool]:
    """Which runs none is better than: as good in every judged figure, and better in one.

    A run without a judged figure is not efficient; figures that no run has are left out.
    """
    names = [name for name in JUDGED if any(name in own for own in figures)]
    points = [[own[n] for n in names] if all(n in own for n in names) else None for own in figures]
    return [
        point is not None
        and bool(names)
        and not any(_dominates(other, point) for other in points if other is not None)
        for point in points
    ]


def table_text(table: SweepTable) -> str:
    """The table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    ends = ("status", "exit_code", "gap", "seconds", "efficient")
    writer.writerow(["id", *table.keys, *ends, *table.figures, "run_dir", "problem"])
    for row in table.rows:
        writer.writerow([
            row.id, *(row.values.get(key, "") for key in table.keys), row.status, row.exit_code,
            _cell(row.gap), row.seconds, "yes" if row.efficient else "no",
            *(_cell(row.figures.get(name)) for name in table.figures), row.run_dir, row.problem,
        ])  # fmt: skip
    return text.getvalue()


def _dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    slack = [_SAME * max(1.0, abs(b)) for b in other]
    as_good = all(a <= b + s for a, b, s in zip(one, other, slack, strict=True))
    return as_good and any(a < b - s for a, b, s in zip(one, other, slack, strict=True))


def _flat(indicators: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for key, value in indicators.items():
        if isinstance(value, Mapping):
            yield from ((f"{key}.{part}", figure) for part, figure in value.items())
        elif isinstance(value, int | float):
            yield key, value


def _problem(result: Mapping[str, Any]) -> str:
    told = (
        f"{problem['where']}: {problem['message']}" if problem["where"] else problem["message"]
        for problem in result["problems"]
    )  # fmt: skip
    return "; ".join(told)


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"
