"""Assembly: a `Territory` from layers that are fit for it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.scenario.model import Scenario
from planner.territory import frames
from planner.territory.borders import borders_of
from planner.territory.buildings import buildings_of
from planner.territory.cells import cells_of
from planner.territory.crossings import crossings, lines_to_cross
from planner.territory.demand import demand_of
from planner.territory.network import Network, network_of_streets, network_of_tables
from planner.territory.points import own_points
from planner.territory.reading import Layers
from planner.territory.territory import Territory, Travel
from planner.territory.today import today_of
from planner.territory.walking import join, straight_m, walking_m


def assemble(scenario: Scenario, layers: Layers) -> Territory:
    """The territory, with the findings of making it (those of the layers are not repeated).

    The layers must be free of errors.
    """
    communities = frames.communities_of(layers)
    study_area = shapely.union_all(communities.geometry.to_numpy())
    compounds = frames.compounds_of(layers, communities)
    cells = cells_of(compounds.geometry, study_area)
    schools = frames.schools_of(layers, scenario, cells)
    streets, barriers = streets_of(layers), _barriers(layers)
    buildings, findings = buildings_of(compounds, layers.frames.get("buildings"))
    counted = buildings.groupby("compound").size()
    compounds = compounds.assign(buildings=counted.reindex(compounds.index, fill_value=0))
    plain = layers.frames["compounds"].set_index("id").sort_index()
    demand = demand_of(pd.DataFrame(plain), scenario)
    travel = _travel(scenario, layers, compounds, schools, streets=streets, barriers=barriers)
    today, notes = today_of(plain, schools, scenario, demand=demand, distance_m=travel.distance_m)
    return Territory(
        crs=layers.crs,
        study_area=study_area,
        compounds=compounds,
        cells=cells,
        demand=demand,
        today=today,
        buildings=buildings,
        schools=schools,
        communities=communities,
        subdistricts=frames.subdistricts_of(layers, communities),
        seats=frames.seats_of(layers, cells, communities),
        streets=streets,
        barriers=barriers,
        context=frames.with_names(frames.indexed(layers, "context", ("name", "name_en", "kind"))),
        outcome=frames.outcome_of(layers),
        borders=_borders(scenario, layers, compounds, cells, streets=streets, barriers=barriers),
        travel=travel,
        findings=(*findings, *notes),
        modelled=modelled_layers(layers),
    )


def streets_of(layers: Layers) -> gpd.GeoDataFrame:
    """Streets; those without a class count as local."""
    frame = frames.indexed(layers, "streets", ("name", "name_en", "class"))
    return frame.assign(**{"class": frame["class"].fillna("local")})


def walking_network(layers: Layers) -> Network | None:
    """The network of the node and edge tables, else of the streets, else None."""
    if "network_nodes" in layers.frames and "network_edges" in layers.frames:
        return network_of_tables(layers.frames["network_nodes"], layers.frames["network_edges"])
    if "streets" in layers.frames:
        return network_of_streets(layers.frames["streets"].geometry)
    return None


def modelled_layers(layers: Layers) -> tuple[str, ...]:
    """Names of the layers of which something is modelled."""
    return tuple(
        name
        for name, frame in layers.frames.items()
        if "status" in frame and (frame["status"] == "modelled").any()
    )


def _barriers(layers: Layers) -> gpd.GeoDataFrame:
    return frames.indexed(layers, "barriers", ("name", "name_en", "kind"))


def _borders(
    scenario: Scenario,
    layers: Layers,
    compounds: gpd.GeoDataFrame,
    cells: gpd.GeoSeries,
    *,
    streets: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """The contiguity graph; what can be walked crosses a barrier, be it a street or an edge."""
    walked = walking_network(layers) if "network_edges" in layers.frames else None
    edges = np.empty(0, dtype=object) if walked is None else walked.lines
    crossing = np.concatenate([streets.geometry.to_numpy(), edges])
    arterial = streets.geometry[streets["class"].isin(list(scenario.ways.arterial_classes))]
    lines = np.concatenate([arterial.to_numpy(), barriers.geometry.to_numpy()])
    return borders_of(
        compounds.geometry,
        cells,
        barriers=barriers.geometry,
        streets=gpd.GeoSeries(crossing, crs=compounds.crs),
        followed=gpd.GeoSeries(lines, crs=compounds.crs),
    )


def _travel(
    scenario: Scenario,
    layers: Layers,
    compounds: gpd.GeoDataFrame,
    schools: gpd.GeoDataFrame,
    *,
    streets: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
) -> Travel:
    homes = own_points(compounds.geometry)
    away = straight_m(homes, schools.geometry)
    network = walking_network(layers)
    if network is None:
        walked = away * scenario.ways.straight_factor
    else:
        # Places of both kinds are joined at once; their ids may be the same.
        places = pd.concat([homes, schools.geometry], keys=["home", "school"])
        access = join(network, gpd.GeoSeries(places, crs=compounds.crs))
        of_home = pd.MultiIndex.from_product([["home"], homes.index])
        of_school = pd.MultiIndex.from_product([["school"], schools.index])
        ways = walking_m(access, of_home, of_school)
        walked = pd.DataFrame(ways.to_numpy(), index=away.index, columns=away.columns)
    lines = lines_to_cross(streets, barriers, trunk_classes=scenario.ways.trunk_classes)
    return Travel(walked, away, crossings(homes, schools.geometry, lines))
