"""The journal of a run: what was done, and where the time went."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from planner.solving.settings import Progress

Report = Callable[[str, Progress | None], None]
"""Told the step at work, and how its search stands where there is one."""


@dataclass(frozen=True)
class Journal:
    """Lines of the log and the seconds of each step, both in order; only ever added to."""

    report: Report
    began: float = field(default_factory=time.monotonic)
    lines: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began

    @property
    def text(self) -> str:
        """The log so far."""
        return "".join(f"{line}\n" for line in self.lines)

    def note(self, text: str) -> None:
        """Add a line, headed by the seconds since the run began."""
        self.lines.append(f"{self.elapsed_s:8.2f} s  {text}")

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[Progress], None]]:
        """Time a step; yields where its search may report progress."""
        began = time.monotonic()
        self.report(name, None)

        def progress(state: Progress) -> None:
            if not state.what:  # a search inside a search
                return
            self.note(f"{name}: {state.what} best {state.best:.10g}, bound {state.bound:.10g}")
            self.report(name, state)

        yield progress
        self.seconds[name] = time.monotonic() - began
        self.note(f"{name}: {self.seconds[name]:.2f} s")
