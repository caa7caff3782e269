"""Neighbourhoods of a large problem: drawn where the plan pays most, two or more at a time.

Kinds of neighbourhoods compete by what they gained for the time they took. Some choose options
around two centres far apart, because the programme's totals are met together: a class given up here
may be built there. Streams work on schools that no other stream has in hand, so that all they find
can be put together.
Sources: Shaw, CP 1998, large neighbourhood search; Ropke and Pisinger, Transportation Science 40
(2006), adaptive choice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from planner.programs.location.problem import Floats, Ints
from planner.programs.priced.ascent import Ascent
from planner.programs.priced.cutting import Joined
from planner.programs.priced.excess import Excess
from planner.programs.priced.layout import Layout
from planner.programs.priced.neighbourhoods import improved, nearness
from planner.programs.priced.plan import Plan, open_pairs, plan_of
from planner.solving.settings import Settings

_GOOD_ARCS, _GOOD_OPTIONS = 60.0, 60.0
"""Pupil-kilometres above the cheapest that arcs and options of a neighbourhood may cost."""
_MEMORY = 0.9
"""What a kind's gains and seconds count for after each further try."""
_ANY_KIND = 0.15
"""Share of neighbourhoods whose kind is drawn blindly."""
_ANYWHERE = 0.3
"""Part of the mean excess that counts for every school when a centre is drawn."""
_TRIES, _TRIED_SECONDS = 3, 2.0
"""Neighbourhoods or seconds that every kind gets before it has to compete."""
_REDRAWS = 30
"""Draws until a neighbourhood is found that has changed since it was last solved in vain."""


@dataclass(frozen=True)
class Kind:
    """A kind of neighbourhood: schools around each centre, and how well it is solved."""

    centres: int
    schools: int
    options: bool
    """Whether the schools choose options; else they share the clients of one service."""
    seconds: float
    gap: float


KINDS = (
    Kind(1, 20, False, 6.0, 2e-3),
    Kind(1, 12, False, 4.0, 5e-4),
    Kind(1, 12, True, 6.0, 2e-3),
    Kind(2, 6, True, 6.0, 2e-3),
    Kind(1, 8, True, 6.0, 5e-4),
    Kind(2, 10, True, 8.0, 2e-3),
    Kind(1, 12, True, 8.0, 5e-4),
    Kind(1, 36, False, 8.0, 2e-3),
    Kind(1, 20, True, 8.0, 2e-3),
)

KINDS_HELD = (
    Kind(1, 8, False, 2.0, 2e-3),
    Kind(1, 12, False, 3.0, 2e-3),
    Kind(1, 20, False, 4.0, 2e-3),
    Kind(1, 6, True, 2.0, 2e-3),
    Kind(1, 10, True, 3.0, 2e-3),
    Kind(2, 4, True, 2.0, 2e-3),
    Kind(2, 7, True, 3.0, 2e-3),
)
"""The same where catchments must hold together, which takes several programs each."""


@dataclass
class _Record:
    """What a kind has gained in which time, the latest counting most."""

    tries: int = 0
    gain: float = 0.0
    seconds: float = 0.0

    def add(self, gain: float, seconds: float) -> None:
        self.tries += 1
        self.gain = _MEMORY * self.gain + gain
        self.seconds = _MEMORY * self.seconds + seconds

    @property
    def rate(self) -> float:
        return self.gain / max(self.seconds, 1e-9)


@dataclass(frozen=True)
class _Draw:
    """A neighbourhood in hand: its kind, schools (sorted), service (None: all), time of drawing."""

    kind: int
    schools: Ints
    service: int | None
    offers: int
    """Plans offered from outside until it was drawn."""
    key: tuple[int, int | None, bytes] = field(repr=False)


class Wide:
    """Streams of neighbourhoods that improve one plan together; every call may come from a thread.

    `take` is told of every better plan, in turn.
    """

    def __init__(
        self,
        layout: Layout,
        known: Joined,
        ascent: Ascent,
        settings: Settings,
        *,
        streams: int,
        plan: Plan,
        take: Callable[[Plan], None],
    ) -> None:
        self._layout, self._known, self._ascent, self._settings = layout, known, ascent, settings
        self._plan, self._take, self._streams = plan, take, streams
        self._near = nearness(layout)
        self._excess = Excess(layout, known)
        self._random = np.random.default_rng(settings.seed)
        self._kinds = KINDS if layout.problem.graph is None else KINDS_HELD
        self._records = [_Record() for _ in self._kinds]
        self._busy = np.zeros(layout.schools, bool)
        self._changed = np.zeros(layout.schools, np.int64)
        self._vain: dict[tuple[int, int | None, bytes], int] = {}
        self._turn = self._offers = 0
        self._lock = Lock()

    def improve(self) -> None:
        """Solve the next neighbourhood and put what it finds into the plan."""
        layout = self._layout
        with self._lock:
            draw, before = self._draw(), self._plan
            self._busy[draw.schools] = True
        kind, best = self._kinds[draw.kind], self._ascent.best
        options = np.zeros(len(layout.option_school), bool)
        if kind.options:
            options = best.extra <= _GOOD_OPTIONS
        began = time.thread_time()
        try:
            found = improved(
                layout, self._known, before, draw.schools, self._settings,
                arcs=self._ascent.above_cheapest() <= _GOOD_ARCS, options=options,
                seconds=kind.seconds, service=draw.service, gap=kind.gap,
            )  # fmt: skip
        finally:
            with self._lock:
                self._busy[draw.schools] = False
        with self._lock:
            self._merge(draw, before, found, time.thread_time() - began)

    def offer(self, plan: Plan) -> None:
        """Go on from a plan found elsewhere if it is better than what was found here."""
        with self._lock:
            if plan.value < self._plan.value:
                self._plan = plan
                self._turn += 1
                self._offers += 1
                self._changed[:] = self._turn
                self._take(plan)

    def _merge(self, draw: _Draw, before: Plan, found: Plan, seconds: float) -> None:
        self._records[draw.kind].add(before.value - found.value, seconds)
        self._turn += 1
        if found.value >= before.value:
            self._vain[draw.key] = self._turn
            return
        plan = None
        if draw.offers == self._offers:
            plan = merged(self._layout, self._plan, before, found)
        if plan is None or plan.value >= self._plan.value:
            return
        self._plan = plan
        self._changed[draw.schools] = self._turn
        self._take(plan)

    def _draw(self) -> _Draw:
        """A neighbourhood of schools that no stream has in hand."""
        kind = self._kind()
        odds = self._excess.by_school(self._plan, self._ascent.best)
        odds = np.where(self._busy, 0.0, odds + _ANYWHERE * max(float(odds.mean()), 1e-9))
        odds /= odds.sum()
        for _ in range(_REDRAWS):
            draw = self._drawn(kind, odds)
            if self._vain.get(draw.key, -1) <= self._changed[draw.schools].max():
                break
            kind = self._kind()
        return draw

    def _kind(self) -> int:
        for i, record in enumerate(self._records):
            if record.tries < _TRIES and record.seconds < _TRIED_SECONDS:
                return i
        rates = [record.rate for record in self._records]
        if self._random.random() < _ANY_KIND or max(rates) <= 0:
            return int(self._random.integers(len(self._kinds)))
        return int(np.argmax(rates))

    def _drawn(self, of: int, odds: Floats) -> _Draw:
        layout, kind = self._layout, self._kinds[of]
        service = None if kind.options else int(self._random.integers(layout.services))
        may = ~self._busy
        if service is not None:
            is_open = open_pairs(layout, self._plan.option).reshape(layout.schools, -1)
            may = may & is_open[:, service]
        chosen = np.zeros(layout.schools, bool)
        share = max(1, layout.schools // (self._streams * kind.centres))  # leaves some to others
        for centre in self._random.choice(layout.schools, kind.centres, p=odds).tolist():
            order = np.argsort(self._near[centre], kind="stable")
            own = order[may[order]][: min(kind.schools, share)]
            chosen[own if len(own) else centre] = True
        schools = np.flatnonzero(chosen)
        return _Draw(of, schools, service, self._offers, (of, service, schools.tobytes()))


def merged(layout: Layout, plan: Plan, before: Plan, found: Plan) -> Plan | None:
    """`plan` with what turned `before` into `found`; None if the totals then break.

    The two may differ from `before` in different schools only.
    """
    if plan is before:
        return found
    moved, chosen = found.arc != before.arc, found.option != before.option
    option = np.where(chosen, found.option, plan.option)
    taken = layout.amounts[option[option >= 0]].sum(0)
    slack = 1e-6 * np.maximum(1.0, np.abs(taken))
    if (taken < layout.least - slack).any() or (taken > layout.most + slack).any():
        return None
    return plan_of(layout, np.where(moved, found.arc, plan.arc), option)
