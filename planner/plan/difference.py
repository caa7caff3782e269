"""The difference of plans: indicators side by side, who moves, and what flows from old to new.

Moves and flows compare two plans unit by unit; a compound weighs its pupils (of the service) and
its people as the later plan's layers state them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from planner.plan.meanings import Meaning, Verdict, meaning_of, verdict_of
from planner.plan.plan import Assignment, Plan, SchoolPlan
from planner.scenario.model import Scenario
from planner.territory.territory import Territory

KINDS = ("school", "community", "subdistrict")
"""What a compound may belong to, in the order in which moves are listed."""
_EQUAL = 1e-9


@dataclass(frozen=True)
class Amounts:
    """What a compound weighs when it moves."""

    pupils: Mapping[str, Mapping[str, float]]
    """In the design year, by service and compound."""
    people: Mapping[str, float]
    """By compound."""


@dataclass(frozen=True)
class IndicatorRow:
    """One figure of all plans; `part` is a service or ``total``, empty where there is only one."""

    key: str
    part: str
    meaning: Meaning
    values: tuple[float | None, ...]
    """By plan; None where a plan does not have it."""
    changes: tuple[float | None, ...]
    """Against the first plan; None where one of the two does not have it."""
    verdicts: tuple[Verdict, ...]
    """Against the first plan."""

    @property
    def name(self) -> str:
        """``key`` or ``key.part``, as gates call it."""
        return f"{self.key}.{self.part}" if self.part else self.key

    @property
    def differs(self) -> bool:
        """Whether the plans do not all agree."""
        return any(verdict is not Verdict.SAME for verdict in self.verdicts)


@dataclass(frozen=True)
class Move:
    """A compound that belongs elsewhere in the later plan."""

    compound: str
    kind: str
    """One of `KINDS`."""
    service: str
    """Of a school; else empty."""
    before: str
    after: str
    amount: float
    """Pupils of the service for a school, else people."""


@dataclass(frozen=True)
class Flow:
    """All compounds that go from one unit of the earlier plan to one of the later."""

    kind: str
    service: str
    before: str
    after: str
    amount: float
    compounds: tuple[str, ...]

    @property
    def stays(self) -> bool:
        """Whether nothing changes for them."""
        return self.before == self.after


@dataclass(frozen=True)
class SchoolChange:
    """A school whose building or places differ; None where it is not in operation."""

    id: str
    before: SchoolPlan | None
    after: SchoolPlan | None


@dataclass(frozen=True)
class Difference:
    """What is otherwise in `after`, unit by unit."""

    schools: tuple[SchoolChange, ...]
    moves: tuple[Move, ...]
    """By kind, service and compound."""
    flows: tuple[Flow, ...]
    """Those who stay included."""
    only_before: tuple[str, ...]
    """Compounds and services (``service:ID``) that the later plan does not have."""
    only_after: tuple[str, ...]

    def moved(self, kind: str, service: str = "") -> float:
        """Pupils (for a service; without one, of all) or people who move."""
        return sum(
            move.amount
            for move in self.moves
            if move.kind == kind and (not service or move.service == service)
        )


def amounts_of(territory: Territory, scenario: Scenario) -> Amounts:
    """What the compounds of a territory weigh."""
    return Amounts(
        pupils={
            service: {
                str(key): float(count)
                for key, count in territory.demand[service][scenario.design_year].items()
            }
            for service in scenario.services
        },
        people={str(k): float(n) for k, n in territory.compounds["population"].items()},
    )


def indicator_rows(plans: Sequence[Plan]) -> tuple[IndicatorRow, ...]:
    """Every indicator of every plan, in the order of the first plan that has it."""
    figures = [dict(_figures(plan.indicators)) for plan in plans]
    names = list(dict.fromkeys(name for known in figures for name in known))
    # parts of one indicator stay together even where only a later plan has them
    order = {key: n for n, key in enumerate(dict.fromkeys(key for key, _ in names))}
    return tuple(
        _row(name, [known.get(name) for known in figures])
        for name in sorted(names, key=lambda name: order[name[0]])
    )


def difference_of(before: Plan, after: Plan, amounts: Amounts) -> Difference:
    """What moves from `before` to `after`; `amounts` are those of the later plan.

    Raises KeyError for a compound or service of `after` that `amounts` do not have.
    """
    old = {entry.compound: entry for entry in before.assignments}
    new = {entry.compound: entry for entry in after.assignments}
    pairs = sorted(
        (link for key in sorted(set(old) & set(new))
         for link in _links(old[key], new[key], amounts)),
        key=lambda link: (KINDS.index(link.kind), _service_order(after, link.service),
                          link.before, link.after, link.compound),
    )  # fmt: skip
    moves = [link for link in pairs if link.before != link.after]
    moves.sort(key=lambda m: (KINDS.index(m.kind), _service_order(after, m.service), m.compound))
    return Difference(
        schools=_school_changes(before, after),
        moves=tuple(moves),
        flows=tuple(_flows(pairs)),
        only_before=_only(before, after),
        only_after=_only(after, before),
    )


def _figures(indicators: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], float]]:
    for key, value in indicators.items():
        parts = value.items() if isinstance(value, Mapping) else (("", value),)
        for part, figure in parts:
            if isinstance(figure, int | float) and not isinstance(figure, bool):
                yield (key, str(part)), figure
        if key == "grids_within_limits" and "grids" in indicators:
            # the number of grids differs from plan to plan: only those outside compare
            yield ("grids_outside_limits", ""), indicators["grids"] - value


def _row(name: tuple[str, str], values: Sequence[float | None]) -> IndicatorRow:
    key, part = name
    meaning, first = meaning_of(key), values[0]
    return IndicatorRow(
        key, part, meaning, tuple(values),
        tuple(None if v is None or first is None else v - first for v in values),
        tuple(verdict_of(meaning.direction, first, v) for v in values),
    )  # fmt: skip


def _links(old: Assignment, new: Assignment, amounts: Amounts) -> Iterator[Move]:
    """Where one compound belongs before and after, moved or not."""
    key = new.compound
    for service, school in new.schools.items():
        if service in old.schools:
            pupils = amounts.pupils[service][key]
            yield Move(key, "school", service, old.schools[service], school, pupils)
    people = amounts.people[key]
    yield Move(key, "community", "", old.community, new.community, people)
    yield Move(key, "subdistrict", "", old.subdistrict, new.subdistrict, people)


def _flows(links: Sequence[Move]) -> Iterator[Flow]:
    """`links` are sorted by what is grouped here."""
    grouped = groupby(links, key=lambda link: (link.kind, link.service, link.before, link.after))
    for (kind, service, before, after), found in grouped:
        members = list(found)
        yield Flow(
            kind, service, before, after, sum(link.amount for link in members),
            tuple(link.compound for link in members),
        )  # fmt: skip


def _school_changes(before: Plan, after: Plan) -> tuple[SchoolChange, ...]:
    old = {school.id: school for school in before.schools}
    new = {school.id: school for school in after.schools}
    changes = (SchoolChange(key, old.get(key), new.get(key)) for key in sorted({*old, *new}))
    return tuple(change for change in changes if not _same(change.before, change.after))


def _same(a: SchoolPlan | None, b: SchoolPlan | None) -> bool:
    if a is None or b is None:
        return a is b
    money = abs(a.cost_yuan - b.cost_yuan) <= _EQUAL * max(1.0, abs(a.cost_yuan))
    built = (a.kind, a.type, a.places, a.land_m2) == (b.kind, b.type, b.places, b.land_m2)
    return built and money


def _only(here: Plan, there: Plan) -> tuple[str, ...]:
    compounds = {e.compound for e in here.assignments} - {e.compound for e in there.assignments}
    services = set(_services(here)) - set(_services(there))
    return (*sorted(compounds), *(f"service:{name}" for name in sorted(services)))


def _services(plan: Plan) -> list[str]:
    return list(plan.assignments[0].schools) if plan.assignments else []


def _service_order(plan: Plan, service: str) -> int:
    services = _services(plan)
    return services.index(service) if service in services else -1
