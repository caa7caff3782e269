"""Checks of a territory: islands, places off or cut off the network, parcels too small."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from planner.scenario.model import Scenario, SchoolType
from planner.territory.assembly import walking_network
from planner.territory.findings import finding
from planner.territory.points import own_points
from planner.territory.reading import Layers
from planner.territory.territory import Finding, Severity, Territory

_OFF_NETWORK_M = 300.0


def territory_findings(
    scenario: Scenario, layers: Layers, territory: Territory
) -> tuple[Finding, ...]:
    """What the checks of a territory found."""
    return (
        *check_islands(territory),
        *(check_parents(territory) if scenario.boundaries.parent_rule else ()),
        *check_cells(territory),
        *check_off_network(layers, territory),
        *check_unreachable(territory),
        *check_parcels(scenario, territory),
    )


def check_islands(territory: Territory) -> list[Finding]:
    """All compounds hang together in the contiguity graph."""
    count, islands = _apart(territory, territory.compounds.index)
    if count == 1:
        return []
    message = (
        f"the compounds fall into {count} parts without a common border;"
        f" {len(islands)} lie apart from the largest: {{ids}}"
    )
    hint = "contiguity is judged in each part alone: close gaps, or draw the street over a barrier"
    return [_warning("islands", "compounds", message, hint, islands)]


def check_parents(territory: Territory) -> list[Finding]:
    """The compounds of each county-level district hang together among themselves."""
    parent = territory.compounds["community"].map(territory.communities["parent"])
    whole = territory.compounds.index[_parts(territory, territory.compounds.index) == 0]
    findings = []
    for name, ids in parent[parent.index.isin(whole)].groupby(parent).groups.items():
        count, islands = _apart(territory, pd.Index(sorted(ids)))
        if count > 1:
            message = (
                f"the compounds of district {name} fall into {count} parts between those of others;"
                f" {len(islands)} lie apart from the largest: {{ids}}"
            )
            hint = (
                "no subdistrict of the district can join them: each part is judged alone; move the"
                " community's line, or set boundaries.parent_rule: false"
            )
            findings.append(_warning("district-islands", "compounds", message, hint, islands))
    return findings


def _apart(territory: Territory, ids: pd.Index) -> tuple[int, list[str]]:
    """Parts of the contiguity graph over some compounds, and who is not in the largest."""
    part = _parts(territory, ids)
    return int(part.max(initial=0)) + 1, ids[part > 0].tolist()


def _parts(territory: Territory, ids: pd.Index) -> np.ndarray:
    """Connected part of each of some compounds in the contiguity graph; 0 is the largest."""
    a, b = (ids.get_indexer(pd.Index(territory.borders[end])) for end in ("a", "b"))
    both = (a >= 0) & (b >= 0)
    edges = coo_array((np.ones(both.sum()), (a[both], b[both])), shape=(len(ids), len(ids)))
    count, component = connected_components(edges, directed=False)
    by_size = np.argsort(-np.bincount(component, minlength=count), kind="stable")
    rank = np.empty(count, np.int64)
    rank[by_size] = np.arange(count)
    return np.asarray(rank[component])


def check_cells(territory: Territory) -> list[Finding]:
    """Every compound has a piece of the study area."""
    ids = territory.cells.index[territory.cells.is_empty].tolist()
    if not ids:
        return []
    message = f"{len(ids)} compounds have no piece of the study area, so no neighbours: {{ids}}"
    hint = "they lie outside every community: move them or extend a community"
    return [_warning("no-cell", "compounds", message, hint, ids)]


def check_off_network(layers: Layers, territory: Territory) -> list[Finding]:
    """Compounds and schools lie near a street."""
    network = walking_network(layers)
    if network is None:
        message = "there are no streets: ways to school are straight lines times a factor"
        hint = "give a layer 'streets', or 'network_nodes' and 'network_edges'"
        return [finding("no-network", Severity.NOTE, "streets", message, hint=hint)]
    tree = shapely.STRtree(network.lines)
    findings = []
    for layer, points in _places(territory):
        shapes = points.to_numpy()
        away = shapely.distance(shapes, network.lines[tree.nearest(shapes)])
        far = away > _OFF_NETWORK_M
        if far.any():
            ids = points.index[far].tolist()
            shown = [f"{key} ({m:.0f} m)" for key, m in zip(ids, away[far].tolist(), strict=True)]
            message = f"{len(ids)} lie more than {_OFF_NETWORK_M:.0f} m from any street: {{ids}}"
            hint = "the way there counts as a straight line: draw the missing street, or move them"
            findings.append(
                finding(
                    "off-network", Severity.WARNING, layer, message,
                    hint=hint, ids=ids, shown=shown,
                )
            )  # fmt: skip
    return findings


def check_unreachable(territory: Territory) -> list[Finding]:
    """Every compound has a way to some school, every school to some compound."""
    reached = pd.DataFrame(np.isfinite(territory.travel.distance_m))
    findings: list[Finding] = []
    if reached.to_numpy().all():
        return findings
    usual = reached.sum(axis=1).max()
    cut = reached.index[reached.sum(axis=1) < usual].tolist()
    if cut:
        message = f"{len(cut)} compounds have no way to some schools on the network: {{ids}}"
        hint = "their streets are not joined to the rest: draw the missing link"
        findings.append(_warning("unreachable", "compounds", message, hint, cut))
    homes = reached.sum(axis=0)
    lost = homes.index[homes < homes.max()]
    for layer, kind in (("schools", "existing"), ("sites", "site")):
        ids = [key for key in lost if territory.schools.at[key, "kind"] == kind]
        if ids:
            message = f"{len(ids)} have no way from most compounds on the network: {{ids}}"
            hint = "their streets are not joined to the rest: draw the missing link"
            findings.append(_warning("unreachable", layer, message, hint, ids))
    return findings


def check_parcels(scenario: Scenario, territory: Territory) -> list[Finding]:
    """Every site has room for the smallest school that it may get."""
    schools, small, shown = territory.schools, [], []
    for site in schools.index[schools["kind"] == "site"]:
        allowed = schools.at[site, "types"]
        named = (
            allowed.split(",") if isinstance(allowed, str) and allowed else scenario.school_types
        )
        kinds = [scenario.school_types.get(name.strip()) for name in named]
        need_m2 = min((smallest_school_m2(scenario, kind) for kind in kinds if kind), default=0.0)
        if schools.at[site, "land_m2"] + 1e-6 < need_m2:
            small.append(site)
            shown.append(f"{site} ({schools.at[site, 'land_m2']:.0f} of {need_m2:.0f} m²)")
    if not small:
        return []
    message = "parcels too small for the smallest school that they may get: {ids}"
    hint = "they are never chosen: enlarge them, allow smaller types, or leave them out"
    return [
        finding(
            "parcel-small", Severity.WARNING, "sites", message, hint=hint, ids=small, shown=shown
        )
    ]


def smallest_school_m2(scenario: Scenario, kind: SchoolType) -> float:
    """Land of the smallest school of a type, in m²."""
    least = {service: parallels.min for service, parallels in kind.parallels.items()}
    if kind.equal:
        least = dict.fromkeys(least, max(1, *least.values()))
    rules = {service: scenario.services[service] for service in least}
    each = {s: r.grades * r.class_size * r.land_per_place_m2 for s, r in rules.items()}
    if not any(least.values()):
        return min(each.values())
    return sum(count * each[service] for service, count in least.items())


def _places(territory: Territory) -> list[tuple[str, gpd.GeoSeries]]:
    schools = territory.schools
    places = [
        ("compounds", own_points(territory.compounds.geometry)),
        ("schools", schools.geometry[schools["kind"] == "existing"]),
        ("sites", schools.geometry[schools["kind"] == "site"]),
    ]
    return [(layer, points) for layer, points in places if len(points)]


def _warning(code: str, layer: str, message: str, hint: str, ids: list[str]) -> Finding:
    return finding(code, Severity.WARNING, layer, message, hint=hint, ids=ids)
