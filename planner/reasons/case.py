"""The case in question: a plan over its territory, and how programs are asked about it again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from planner.errors import Problem, UsageError
from planner.plan.plan import Level, Plan
from planner.scenario.keys import nearest
from planner.scenario.model import Scenario
from planner.solving.settings import Progress, Settings
from planner.territory.territory import Territory

ONE_BY_ONE = (
    "The run decided places and boundaries together; answers weigh each of them alone, "
    "unless they say otherwise."
)
Told = Callable[[str], None]
"""Hears what is being solved now."""


def _silent(_: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Asking:
    """How programs are asked: a limit for each re-solve, when to stop, and who hears of it."""

    limit_s: float | None = None
    """Seconds for each re-solve; None: no limit."""
    stop: threading.Event = field(default_factory=threading.Event)
    told: Told = _silent
    report: Callable[[Progress], None] | None = None

    def settings(self, scenario: Scenario, *, tolerance: float | None = None) -> Settings:
        """Settings of one re-solve that begins now, to the scenario's tolerance or a finer one."""
        own = scenario.solving.tolerance
        return Settings(
            solver=scenario.solving.solver,
            threads=scenario.solving.threads,
            tolerance=own if tolerance is None else min(own, tolerance),
            seed=scenario.seed,
            deadline=None if self.limit_s is None else time.monotonic() + self.limit_s,
            stop=self.stop,
            report=self.report,
        )


@dataclass(frozen=True)
class Case:
    """A plan, what was asked, and where."""

    territory: Territory
    scenario: Scenario
    plan: Plan
    asking: Asking = Asking()

    @property
    def against(self) -> str:
        """Whose levels answers are measured against: those of the `run`, or `sequential` ones.

        Programs are asked one by one here. Where the run decided places and boundaries together,
        its levels are of another program; those made one after the other are told beside them.
        """
        return "sequential" if self.plan.sequential else "run"

    def levels(self, program: str) -> list[Level]:
        """The levels of one program that answers are measured against."""
        levels = self.plan.levels
        if self.plan.sequential:
            levels = tuple(Level(**level) for level in self.plan.sequential["levels"])
        return [level for level in levels if level.program == program]

    @property
    def indicators(self) -> dict[str, Any]:
        """The indicators that answers are measured against."""
        known = self.plan.sequential["indicators"] if self.plan.sequential else self.plan.indicators
        return dict(known)

    def name(self, key: str) -> str:
        """A compound, school, community or subdistrict as ``Name (ID)``."""
        planned = {c.id: c.name_en or c.name for c in self.plan.communities}
        planned |= {d.id: d.name_en or d.name for d in self.plan.subdistricts}
        if key in planned:
            return f"{planned[key]} ({key})"
        for frame in (self.territory.compounds, self.territory.schools):
            if key in frame.index:
                row = frame.loc[key]
                word = row["name_en"] if isinstance(row["name_en"], str) else row["name"]
                return f"{word} ({key})" if isinstance(word, str) and word else key
        return key


def known_id(kind: str, key: str, known: list[str]) -> str:
    """`key` itself; raises UsageError with the nearest known one."""
    if key not in known:
        close = nearest(key, known)
        shown = ", ".join(known[:5])
        hint = f"nearest {kind} '{close}'" if close else f"known, for example: {shown}"
        raise UsageError(Problem("", f"there is no {kind} '{key}' in this run", hint, (key,)))
    return key
