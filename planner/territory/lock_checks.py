"""Checks of the locks before anything is planned: ids that exist, and no two that contradict."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from itertools import pairwise

from planner.errors import Problem, ScenarioError
from planner.scenario.keys import nearest
from planner.scenario.locks import Locks
from planner.scenario.model import Scenario
from planner.territory.territory import Territory

Places = Mapping[str, str]
"""Where each value was stated, by dotted key."""


def subdistrict_id(territory: Territory, seat: str) -> str:
    """Id of the subdistrict seated there: today's for an office, else ``N-<seat>``."""
    row = territory.seats.loc[seat]
    return str(row["subdistrict"]) if row["kind"] == "office" else f"N-{seat}"


def check_locks(territory: Territory, scenario: Scenario, places: Places) -> None:
    """Raise ScenarioError for unknown ids (with the nearest known) and for contradictory locks."""
    problems = contradictory_locks(territory, scenario, places)
    if problems:
        raise ScenarioError(problems)


def contradictory_locks(territory: Territory, scenario: Scenario, places: Places) -> list[Problem]:
    """Locks that contradict each other; raises ScenarioError for unknown ids."""
    problems = [*_unknown(territory, scenario, places)]
    if problems:
        raise ScenarioError(problems)
    return [*_contradictory(territory, scenario, places)]


def is_part_of(key: str, communities: Collection[str]) -> bool:
    """Whether a planned community may be called so: ``<community of today>-<number>``."""
    today, _, number = key.rpartition("-")
    return number.isdecimal() and today in communities


def _unknown(territory: Territory, scenario: Scenario, places: Places) -> Iterator[Problem]:
    """Ids that no layer has, and schools that cannot be opened."""
    compounds = {str(key) for key in territory.compounds.index}
    communities = {str(key) for key in territory.communities.index}
    known = {
        "service": set(scenario.services),
        "compound": compounds,
        "school": {str(key) for key in territory.schools.index},
        "community": communities,
        "subdistrict": {subdistrict_id(territory, seat) for seat in territory.seats.index},
        "compound or community": compounds | communities,
    }
    for path, kind, key in _stated(scenario.locks, compounds):
        part = kind in ("community", "compound or community") and is_part_of(key, communities)
        if key not in known[kind] and not part:
            close = _nearest(key, known[kind])
            hint = f"nearest {kind} '{close}'" if close else _some(kind, known[kind])
            message = f"{path}: there is no {kind} '{key}'"
            yield Problem(_place(places, path), message, hint, (key,))
    for key, state in scenario.locks.sites.items():
        if state == "open" and key in known["school"]:
            yield from _cannot_open(territory, places, f"locks.sites.{key}", key)


def _stated(locks: Locks, compounds: set[str]) -> Iterator[tuple[str, str, str]]:
    """Every id in the locks: the dotted key, what kind of thing it should be, and the id."""
    for key in locks.sites:
        yield f"locks.sites.{key}", "school", key
    for name, entries in (("fixed", locks.fixed), ("forbidden", locks.forbidden)):
        for service, by_compound in entries.schools.items():
            path = f"locks.{name}.schools.{service}"
            yield path, "service", service
            for compound, target in by_compound.items():
                yield f"{path}.{compound}", "compound", compound
                for school in (target,) if isinstance(target, str) else target:
                    yield f"{path}.{compound}", "school", school
        for community, target in entries.subdistricts.items():
            path = f"locks.{name}.subdistricts.{community}"
            yield path, "community", community
            for subdistrict in (target,) if isinstance(target, str) else target:
                yield path, "subdistrict", subdistrict
    for number, group in enumerate(locks.together):
        inside = sum(key in compounds for key in group)
        kind = "compound" if inside else "compound or community"
        yield from ((f"locks.together.{number}", kind, key) for key in group)


def _cannot_open(territory: Territory, places: Places, path: str, key: str) -> Iterator[Problem]:
    row = territory.schools.loc[key]
    if row["kind"] != "site" and not row["expandable"]:
        able = territory.schools["expandable"] | (territory.schools["kind"] == "site")
        hint = "these can be opened or expanded: " + ", ".join(territory.schools.index[able])
        yield Problem(_place(places, path), f"{path}: {key} cannot be expanded", hint, (key,))


def _contradictory(territory: Territory, scenario: Scenario, places: Places) -> Iterator[Problem]:
    locks = scenario.locks
    closed = {
        key
        for key, state in locks.sites.items()
        if state == "closed" and territory.schools.at[key, "kind"] == "site"
    }
    compounds = [group for group in locks.together if group[0] in territory.compounds.index]
    communities = [group for group in locks.together if group[0] not in territory.compounds.index]
    for service in scenario.services:
        fixed = {
            key: (school, f"locks.fixed.schools.{service}.{key}")
            for key, school in locks.fixed.schools.get(service, {}).items()
        }
        for key, (school, path) in fixed.items():
            if school in closed:
                yield _against(
                    places, path, f"{key} is fixed to {school}",
                    f"locks.sites.{school}", f"{school} is closed", (key, school),
                )  # fmt: skip
        forbidden = {
            key: (schools, f"locks.forbidden.schools.{service}.{key}")
            for key, schools in locks.forbidden.schools.get(service, {}).items()
        }
        yield from _apart(places, compounds, fixed, forbidden)
    yield from _apart(
        places, communities,
        {k: (v, f"locks.fixed.subdistricts.{k}") for k, v in locks.fixed.subdistricts.items()},
        {k: (v, f"locks.forbidden.subdistricts.{k}")
         for k, v in locks.forbidden.subdistricts.items()},
    )  # fmt: skip


def _apart(
    places: Places,
    together: list[tuple[str, ...]],
    fixed: Mapping[str, tuple[str, str]],
    forbidden: Mapping[str, tuple[tuple[str, ...], str]],
) -> Iterator[Problem]:
    """Units, alone or kept together, that are fixed to two targets, or to one that is forbidden."""
    for group in groups_of(together, [*fixed, *forbidden]):
        bound = [(key, *fixed[key]) for key in group if key in fixed]
        for (a, one, path), (b, other, where) in pairwise(bound):
            if one != other:
                yield _against(
                    places, path, f"{a} is fixed to {one}", where,
                    f"{b}, kept together with it, to {other}", (a, one, b, other),
                )  # fmt: skip
        for key in group:
            barred, where = forbidden.get(key, ((), ""))
            for a, one, path in bound[:1]:
                if one in barred:
                    yield _against(
                        places, path, f"{a} is fixed to {one}", where,
                        f"{one} is forbidden for {key}", (a, one, key),
                    )  # fmt: skip


def groups_of(together: list[tuple[str, ...]], alone: list[str]) -> list[tuple[str, ...]]:
    """Units joined by any chain of lists kept together, and each other unit by itself; sorted."""
    group: dict[str, set[str]] = {}
    for listed in (*together, *((key,) for key in alone)):
        joined = set(listed).union(*(group.get(key, set()) for key in listed))
        group |= dict.fromkeys(joined, joined)
    return sorted({tuple(sorted(members)) for members in group.values()})


def _against(
    places: Places, path: str, what: str, other_path: str, other: str, ids: tuple[str, ...]
) -> Problem:
    where = _place(places, other_path)
    message = f"{path}: {what}, but {other} ({other_path}{f', {where}' if where else ''})"
    return Problem(_place(places, path), message, "take one of the two locks away", ids)


def _place(places: Places, path: str) -> str:
    """Where a value was stated; of a mapping its first entry, of an entry its list."""
    if path in places:
        return places[path]
    inside = next((key for key in places if key.startswith(f"{path}.")), None)
    if inside is not None:
        return places[inside]
    above = path.rpartition(".")[0]
    return _place(places, above) if above else ""


def _nearest(key: str, known: set[str]) -> str | None:
    """The known id nearest to a mistaken one, however short ids are."""
    return nearest(key, sorted(known)) or next(
        iter(get_close_matches(key, sorted(known), n=1, cutoff=0.3)), None
    )


def _some(kind: str, known: set[str]) -> str:
    shown = sorted(known)[:5]
    return f"known, for example: {', '.join(shown)}" if shown else f"there is no {kind} at all"
