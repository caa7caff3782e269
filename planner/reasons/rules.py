"""The rules of a scenario that may be relaxed: each by its stated step, and what it touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from planner.scenario.locks import lock_paths, lock_words, only
from planner.scenario.model import Band, Parallels, Range, Scenario
from planner.territory.territory import Territory

PLACES, COMMUNITIES, SUBDISTRICTS, GRIDS = "places", "communities", "subdistricts", "grids"
JOINT = "joint"
"""Programs that a rule touches; those after it in the run are not asked again."""
_COUNTS = ("new_schools", "expanded_schools", "new_classes", "new_places")
_AMOUNTS = ("land_m2", "cost_yuan")
_LIMITS = ("reach_m", "max_crossings")


@dataclass(frozen=True)
class Relaxed:
    """One rule, relaxed by its step."""

    key: str
    """Dotted key of the scenario."""
    family: str
    """Entry of the scenario's `rules`."""
    rank: str
    now: str
    then: str
    """What it asks now, and relaxed."""
    touches: str
    """`PLACES`, `COMMUNITIES`, `SUBDISTRICTS`, `GRIDS` or `JOINT`."""
    scenario: Scenario


def relaxed_rules(territory: Territory, scenario: Scenario) -> list[Relaxed]:
    """Every rule that is not open already, relaxed alone."""
    return [
        *_totals(scenario),
        *_limits(scenario),
        *_standards(scenario),
        *_locks(territory, scenario),
        *_boundaries(scenario, len(territory.seats)),
        *_crossing(scenario),
    ]


def rank_of(scenario: Scenario, family: str) -> str:
    """The rank of a family of rules."""
    return str(getattr(scenario.rules, family).rank)


def with_programme(scenario: Scenario, **totals: Range) -> Scenario:
    """The scenario with other totals."""
    programme = scenario.programme.model_copy(update=totals)
    return scenario.model_copy(update={"programme": programme})


def with_service(scenario: Scenario, name: str, **values: Any) -> Scenario:
    """The scenario with other values of a service."""
    service = scenario.services[name].model_copy(update=values)
    return scenario.model_copy(update={"services": {**scenario.services, name: service}})


def with_boundaries(scenario: Scenario, **values: Any) -> Scenario:
    """The scenario with other rules of the boundaries."""
    boundaries = scenario.boundaries.model_copy(update=values)
    return scenario.model_copy(update={"boundaries": boundaries})


def range_words(bounds: Range) -> str:
    """A range as a planner would write it."""
    low, high = bounds.min, bounds.max
    if low is None and high is None:
        return "open"
    if low == high:
        return f"{low:,.10g}"
    if low is None:
        return f"≤ {high:,.10g}"
    return f"≥ {low:,.10g}" if high is None else f"{low:,.10g}–{high:,.10g}"


def _totals(scenario: Scenario) -> Iterator[Relaxed]:
    for name in (*_COUNTS, *_AMOUNTS):
        bounds: Range = getattr(scenario.programme, name)
        step = _step(scenario, name)
        if bounds == Range():
            continue
        by = [
            side * step if name in _AMOUNTS else step for side in (bounds.min or 0, bounds.max or 0)
        ]
        wider = Range(
            min=None if bounds.min is None else max(0.0, bounds.min - by[0]),
            max=None if bounds.max is None else bounds.max + by[1],
        )
        yield _relaxed(
            scenario, f"programme.{name}", name, range_words(bounds), range_words(wider), PLACES,
            with_programme(scenario, **{name: wider}),
        )  # fmt: skip


def _limits(scenario: Scenario) -> Iterator[Relaxed]:
    for name, service in scenario.services.items():
        for limit in _LIMITS:
            now = getattr(service, limit)
            if now is None:
                continue
            then = now + _step(scenario, limit)
            then = int(then) if limit == "max_crossings" else then
            yield _relaxed(
                scenario, f"services.{name}.{limit}", limit, f"{now:g}", f"{then:g}", PLACES,
                with_service(scenario, name, **{limit: then}),
            )  # fmt: skip


def _standards(scenario: Scenario) -> Iterator[Relaxed]:
    """Land per place, and the sizes of schools."""
    land = {name: service.land_per_place_m2 for name, service in scenario.services.items()}
    if any(land.values()):
        share = 1 - _step(scenario, "land_per_place_m2")
        lower = scenario
        for name, now in land.items():
            lower = with_service(lower, name, land_per_place_m2=max(0.0, now * share))
        words = [f"{now:g}" for now in land.values()]
        then = [f"{max(0.0, now * share):g}" for now in land.values()]
        yield _relaxed(
            scenario, "services.*.land_per_place_m2", "land_per_place_m2",
            ", ".join(words), ", ".join(then), PLACES, lower,
        )  # fmt: skip
    yield _relaxed(
        scenario, "school_types, expansion", "school_sizes", "parallel classes as stated",
        f"{int(_step(scenario, 'school_sizes'))} more a grade", PLACES, larger_schools(scenario),
    )  # fmt: skip


def larger_schools(scenario: Scenario) -> Scenario:
    """The scenario with the step of `school_sizes` on top of every largest number of classes."""
    more = int(_step(scenario, "school_sizes"))

    def wider(parallels: Parallels) -> Parallels:
        return parallels.model_copy(update={"max": parallels.max + more})

    types = {
        key: kind.model_copy(
            update={"parallels": {s: wider(one) for s, one in kind.parallels.items()}}
        )
        for key, kind in scenario.school_types.items()
    }
    return scenario.model_copy(
        update={"school_types": types, "expansion": wider(scenario.expansion)}
    )


def _locks(territory: Territory, scenario: Scenario) -> Iterator[Relaxed]:
    paths = lock_paths(scenario.locks)
    for path in paths:
        kept = [other for other in paths if other != path]
        freed = scenario.model_copy(update={"locks": only(scenario.locks, kept)})
        touches = SUBDISTRICTS if of_communities(territory, scenario, path) else PLACES
        words = lock_words(scenario.locks, path)
        yield _relaxed(scenario, path, "locks", words, "taken away", touches, freed)


def of_communities(territory: Territory, scenario: Scenario, path: str) -> bool:
    """Whether a lock (by its dotted key) is about communities and not about schools."""
    if ".subdistricts." in path:
        return True
    if not path.startswith("locks.together."):
        return False
    group = scenario.locks.together[int(path.rpartition(".")[2])]
    return group[0] not in territory.compounds.index


def _boundaries(scenario: Scenario, seats: int) -> Iterator[Relaxed]:
    rules = scenario.boundaries
    band = min(1.0, rules.band + _step(scenario, "band"))
    yield _relaxed(
        scenario, "boundaries.band", "band", f"±{rules.band:g}", f"±{band:g}", SUBDISTRICTS,
        with_boundaries(scenario, band=band),
    )  # fmt: skip
    if rules.parent_rule:
        yield _relaxed(
            scenario, "boundaries.parent_rule", "parent_rule", "kept", "taken away", SUBDISTRICTS,
            with_boundaries(scenario, parent_rule=False),
        )  # fmt: skip
    if rules.subdistricts is not None:
        step = int(_step(scenario, "subdistricts"))
        for number in (rules.subdistricts - step, rules.subdistricts + step):
            if 1 <= number <= seats:
                yield _relaxed(
                    scenario, "boundaries.subdistricts", "subdistricts", f"{rules.subdistricts}",
                    f"{number}", SUBDISTRICTS, with_boundaries(scenario, subdistricts=number),
                )  # fmt: skip
    bands: Mapping[str, str] = {"community_households": COMMUNITIES, "grid_households": GRIDS}
    for name, touches in bands.items():
        limits: Band = getattr(rules, name)
        share = _step(scenario, name)
        wider = Band(min=max(0.0, limits.min * (1 - share)), max=limits.max * (1 + share))
        yield _relaxed(
            scenario, f"boundaries.{name}", name, f"{limits.min:g}–{limits.max:g}",
            f"{wider.min:g}–{wider.max:g}", touches, with_boundaries(scenario, **{name: wider}),
        )  # fmt: skip


def _crossing(scenario: Scenario) -> Iterator[Relaxed]:
    now = scenario.joint.max_crossing_share
    if now is not None and now < 1:
        then = min(1.0, now + _step(scenario, "max_crossing_share"))
        joint = scenario.joint.model_copy(update={"max_crossing_share": then})
        yield _relaxed(
            scenario, "joint.max_crossing_share", "max_crossing_share", f"{now:g}", f"{then:g}",
            JOINT, scenario.model_copy(update={"joint": joint}),
        )  # fmt: skip


def _relaxed(
    scenario: Scenario, key: str, family: str, now: str, then: str, touches: str, changed: Scenario
) -> Relaxed:
    return Relaxed(key, family, rank_of(scenario, family), now, then, touches, changed)


def _step(scenario: Scenario, family: str) -> float:
    return float(getattr(scenario.rules, family).step)
