"""Locks out of a layer that a planner edited in a GIS: what was changed, and what was ticked.

A file as ``plan.gpkg`` has beside each column that may be edited (`<service>_school`,
`subdistrict`) what the plan said (`<service>_planned`, `subdistrict_planned`): what differs is a
lock. Any other layer with ids is compared with today. `locked` fixes a row as it stands.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio

from planner.errors import Problem, ScenarioError, UsageError
from planner.scenario.loading import LoadedScenario
from planner.scenario.locks import FixedLocks, Locks, lock_words
from planner.scenario.model import LayerSource, Scenario
from planner.territory.files import read_file
from planner.territory.territory import Territory

LAYERS = ("compounds", "communities", "schools", "sites_not_chosen")
"""Layers of a file that may hold locks; a file with a single layer is judged by its ids."""
ORIGIN = "--locks"
_YES = ("true", "yes", "y", "1", "x", "t", "是", "锁定")


@dataclass(frozen=True)
class Wish:
    """One lock as a cell of the layer states it."""

    path: str
    """Dotted key of the lock, ``locks.sites.P02``."""
    value: str
    place: str
    """``file: layer: id.column``."""


def with_edits(loaded: LoadedScenario, territory: Territory, path: Path) -> LoadedScenario:
    """The scenario with the locks that the layers in `path` state, and where each comes from.

    Raises UsageError for a file that cannot be read, ScenarioError for cells that contradict each
    other or a lock of the scenario.
    """
    wishes = list(_wishes(territory, loaded.scenario, path))
    locks, places = loaded.scenario.locks, dict(loaded.places)
    problems: list[Problem] = []
    for wish in wishes:
        stated = _value(locks, wish.path)
        if stated is not None and stated != wish.value:
            other = places.get(wish.path, "")
            message = f"{wish.path}: is '{wish.value}' here, but '{stated}' in {other}"
            ids = (wish.path.rpartition(".")[2], wish.value, stated)
            problems.append(Problem(wish.place, message, "make the two agree", ids))
            continue
        locks = _added(locks, wish)
        places.setdefault(wish.path, wish.place)
    if problems:
        raise ScenarioError(problems)
    origins = {**dict.fromkeys(places, ORIGIN), **loaded.origins}
    scenario = loaded.scenario.model_copy(update={"locks": locks})
    return replace(loaded, scenario=scenario, places=places, origins=origins)


def edits_told(loaded: LoadedScenario) -> tuple[str, ...]:
    """Every lock that came from a layer, in words, with its cell."""
    return tuple(
        f"{lock_words(loaded.scenario.locks, path)} — {loaded.places[path]}"
        for path, origin in loaded.origins.items()
        if origin == ORIGIN and path in loaded.places
    )


def _wishes(territory: Territory, scenario: Scenario, path: Path) -> Iterator[Wish]:
    tables = _tables(territory, path)
    if not tables:
        kinds = "compounds, communities, schools or sites_not_chosen"
        raise UsageError(Problem(str(path), f"has no layer of {kinds}", "export one of them"))
    readers: dict[str, Callable[[Territory, Scenario, pd.DataFrame, str], Iterator[Wish]]] = {
        "compounds": _of_compounds,
        "communities": _of_communities,
        "schools": _of_schools,
        "sites_not_chosen": _of_schools,
    }
    for layer, table in tables.items():
        where = f"{path.name}: {layer}"
        doubled = sorted(table.index[table.index.duplicated()].unique())
        if doubled:
            message = f"these ids occur twice: {', '.join(doubled)}"
            raise ScenarioError(Problem(where, message, "keep one row each", tuple(doubled)))
        yield from readers[layer](territory, scenario, table, where)


def _tables(territory: Territory, path: Path) -> dict[str, pd.DataFrame]:
    """The tables that may hold locks, by layer, indexed by id."""
    if not path.is_file():
        raise UsageError(Problem(str(path), "no such file", "name the edited layer with --locks"))
    names: list[str] = []
    if path.suffix.lower() not in (".csv", ".txt"):
        try:
            names = [str(row[0]) for row in pyogrio.list_layers(path)]
        except (OSError, ValueError, pyogrio.errors.DataSourceError) as error:
            raise UsageError(Problem(str(path), f"cannot be read: {error}")) from error
    wanted = [name for name in LAYERS if name in names] or ([""] if len(names) <= 1 else [])
    tables = {}
    for name in wanted:
        raw, problems = read_file(path, name or path.stem, LayerSource(layer=name or None))
        if raw is None:
            raise UsageError([Problem(str(path), problem.message) for problem in problems])
        table = pd.DataFrame(raw.table)
        if "id" not in table:
            hint = "keep the column 'id' of the layer that was edited"
            raise UsageError(Problem(f"{path.name}: {name}", "has no column 'id'", hint))
        table = table.set_index(table["id"].map(lambda key: _text(key) or ""))
        kind = name or _kind(territory, table)
        if kind:
            tables[kind] = table.loc[[key for key in table.index if key]]
    return tables


def _kind(territory: Territory, table: pd.DataFrame) -> str:
    """What the rows of a nameless layer are, by most of their ids."""
    known = {
        "compounds": territory.compounds.index,
        "communities": territory.communities.index,
        "schools": territory.schools.index,
    }
    shares = {kind: float(table.index.isin(ids).mean()) for kind, ids in known.items()}
    best = max(shares, key=lambda kind: shares[kind])
    return best if len(table) and shares[best] > 0 else ""


def _of_compounds(
    territory: Territory, scenario: Scenario, table: pd.DataFrame, where: str
) -> Iterator[Wish]:
    home = territory.compounds["community"]
    above = territory.communities["subdistrict"]
    for key, row in table.iterrows():
        compound = str(key)
        for service in scenario.services:
            today = _text(territory.today[service].get(compound))
            for column, school in _changed(row, service, today):
                path = f"locks.fixed.schools.{service}.{compound}"
                yield Wish(path, school, f"{where}: {compound}.{column}")
        community = _text(row.get("community")) or _text(home.get(compound))
        planned = _text(row.get("community_planned")) or community
        if community != planned:
            message = f"{compound} was moved from {planned} to {community}"
            hint = "compounds are not locked to communities: change the subdistrict instead"
            place = f"{where}: {compound}.community"
            raise ScenarioError(Problem(place, message, hint, (compound, planned, community)))
        today = _text(above.get(home.get(compound)))
        for column, subdistrict in _changed(row, "subdistrict", today):
            path = f"locks.fixed.subdistricts.{community}"
            yield Wish(path, subdistrict, f"{where}: {compound}.{column}")


def _of_communities(
    territory: Territory, _scenario: Scenario, table: pd.DataFrame, where: str
) -> Iterator[Wish]:
    above = territory.communities["subdistrict"]
    for key, row in table.iterrows():
        for column, subdistrict in _changed(row, "subdistrict", _text(above.get(str(key)))):
            yield Wish(f"locks.fixed.subdistricts.{key}", subdistrict, f"{where}: {key}.{column}")


def _of_schools(
    territory: Territory, _scenario: Scenario, table: pd.DataFrame, where: str
) -> Iterator[Wish]:
    """Schools that are ticked stay as they are: built or not."""
    able = territory.schools["expandable"] | (territory.schools["kind"] == "site")
    for key, row in table.iterrows():
        if _ticked(row) and bool(able.get(str(key), True)):
            built = _text(row.get("kind")) in ("new", "expanded")
            state = "open" if built else "closed"
            yield Wish(f"locks.sites.{key}", state, f"{where}: {key}.locked")


def _changed(row: pd.Series[Any], name: str, today: str) -> Iterator[tuple[str, str]]:
    """Columns of a decision that differ from the plan (without one: today), or are ticked."""
    columns = [c for c in (name, f"{name}_school") if c in row.index and not _is_number(row[c])]
    planned = _text(row.get(f"{name}_planned"))
    if not planned and columns == [name, f"{name}_school"]:
        planned, columns = _text(row[f"{name}_school"]), [name]
    edited = [(c, text) for c in columns if (text := _text(row[c])) and text != (planned or today)]
    if edited:
        yield from edited
    elif _ticked(row):
        kept = [(c, text) for c in columns if (text := _text(row[c]))]
        yield from kept[:1]


def _ticked(row: pd.Series[Any]) -> bool:
    value = row.get("locked")
    if isinstance(value, str):
        return value.strip().lower() in _YES
    return bool(value) and not (isinstance(value, float) and math.isnan(value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not (isinstance(value, float) and math.isnan(value))


def _text(value: object) -> str:
    """A cell as text; empty where nothing stands in it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).strip()


def _value(locks: Locks, path: str) -> str | None:
    """What is locked at a dotted key; None where nothing is."""
    _, kind, rest = path.split(".", 2)
    if kind == "sites":
        return locks.sites.get(rest)
    family, key = rest.split(".", 1)
    if family == "subdistricts":
        return locks.fixed.subdistricts.get(key)
    service, compound = key.split(".", 1)
    return locks.fixed.schools.get(service, {}).get(compound)


def _added(locks: Locks, wish: Wish) -> Locks:
    _, kind, rest = wish.path.split(".", 2)
    if kind == "sites":
        return locks.model_copy(update={"sites": {**locks.sites, rest: wish.value}})
    family, key = rest.split(".", 1)
    fixed = locks.fixed
    if family == "subdistricts":
        entries: Mapping[str, Any] = {**fixed.subdistricts, key: wish.value}
    else:
        service, compound = key.split(".", 1)
        own = {**fixed.schools.get(service, {}), compound: wish.value}
        entries = {**fixed.schools, service: own}
    changed: FixedLocks = fixed.model_copy(update={family: entries})
    return locks.model_copy(update={"fixed": changed})
