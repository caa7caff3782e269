"""Checks: one promise of a plan each, kept (a tick) or broken (a cross), with its figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SHOWN = 5
RELATIVE = 1e-6
"""Figures recomputed by other means agree within this share."""


OF_FILES = "run-"
"""Codes of checks of a run's files start so; all others are promises of the plan."""


@dataclass(frozen=True)
class Check:
    """One promise: whether it is kept, its name in two languages, and what was counted."""

    code: str
    ok: bool
    title_en: str
    title_zh: str
    figures: str


@dataclass(frozen=True)
class Verification:
    """All checks of a plan, in a fixed order."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every promise is kept."""
        return all(check.ok for check in self.checks)

    @property
    def broken(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if not check.ok)


@dataclass(frozen=True)
class Tally:
    """How many promises of the plan are kept, and how many checks of the run's files."""

    plan_kept: int
    plan: int
    files_kept: int
    files: int

    @property
    def ok(self) -> bool:
        """Whether nothing is broken."""
        return (self.plan_kept, self.files_kept) == (self.plan, self.files)


def tally(checks: Iterable[tuple[str, bool]]) -> Tally:
    """Count checks, each given as its code and whether it is kept."""
    of_files: dict[bool, list[bool]] = {True: [], False: []}
    for code, kept in checks:
        of_files[code.startswith(OF_FILES)].append(kept)
    plan, files = of_files[False], of_files[True]
    return Tally(sum(plan), len(plan), sum(files), len(files))


def promise(
    code: str, title_en: str, title_zh: str, *, broken: Sequence[str], figures: str
) -> Check:
    """A check that is kept if `broken` is empty; else its figures name the first of them."""
    if not broken:
        return Check(code, True, title_en, title_zh, figures)
    shown = "; ".join(broken[:_SHOWN])
    more = f" and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
    return Check(code, False, title_en, title_zh, f"{figures} — {shown}{more}")


def same(a: float, b: float, *, absolute: float = 1e-6) -> bool:
    """Whether two figures agree within 1e-6 of the larger one, or within `absolute`."""
    return math.isclose(a, b, rel_tol=RELATIVE, abs_tol=absolute)


def number(value: float) -> str:
    """A figure as text: whole numbers plain, others with up to six digits."""
    if not math.isfinite(value):
        return str(value)
    return str(round(value)) if abs(value - round(value)) < 1e-9 else f"{value:.6g}"
