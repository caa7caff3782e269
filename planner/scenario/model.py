"""The typed request: every field documented by its docstring, with its default and unit."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from planner.scenario.locks import Locks
from planner.scenario.rules import Rules
from planner.scenario.services import (
    Parallels,
    SchoolType,
    Service,
    ServiceId,
    Text,
    TypeId,
    national_school_types,
    national_services,
)
from planner.scenario.values import (
    AtMost,
    Exactly,
    Frozen,
    Line,
    Range,
    ordered,
    projected_crs,
    readable_crs,
)

__all__ = [
    "LAYER_NAMES",
    "AtMost",
    "Band",
    "Boundaries",
    "BoundaryPrices",
    "Exactly",
    "Frozen",
    "Joint",
    "LayerSource",
    "Locks",
    "Parallels",
    "Privacy",
    "Programme",
    "Range",
    "Ranking",
    "Rules",
    "Scenario",
    "SchoolType",
    "Service",
    "Solving",
    "Text",
    "Ways",
]

LAYER_NAMES = (
    "compounds",
    "buildings",
    "schools",
    "sites",
    "communities",
    "subdistricts",
    "seats",
    "streets",
    "network_nodes",
    "network_edges",
    "barriers",
    "context",
    "outcome",
)

LayerName = Literal[LAYER_NAMES]  # type: ignore[valid-type]


class LayerSource(Frozen):
    """Where a layer comes from and how its columns are called."""

    file: Line | None = None
    """Path, relative to the scenario file that states it; null: the layer's own name in `data`."""
    layer: Line | None = None
    """Layer inside the file, for GeoPackages."""
    columns: dict[Line, Line] = Field(default_factory=dict)
    """Mapping `our column: your column`."""
    crs: Annotated[str, AfterValidator(readable_crs)] | None = None
    """Coordinate reference system, where the file does not state it (for example EPSG:4490)."""
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    """Datum of web-map coordinates; GCJ-02 and BD-09 are converted."""


class Programme(Frozen):
    """What the zone will build: a number is exact (a maximum for land and money), null is open."""

    new_schools: Exactly = Range(min=0, max=0)
    """Sites opened."""
    expanded_schools: Exactly = Range(min=0, max=0)
    """Existing schools expanded."""
    new_classes: Exactly = Range()
    """Classes added, over all services."""
    new_places: Exactly = Range()
    """Places added, over all services."""
    land_m2: AtMost = Range()
    """Parcels of opened sites and expansions, in square metres."""
    cost_yuan: AtMost = Range()
    """Money, in yuan."""


class Ranking(Frozen):
    """How far a level may be exceeded for the sake of the levels below it (shares).

    For places short, way and moves this is granted to each service alone: later levels keep,
    service by service, what the level's best plan has there and the share of it on top.
    """

    places_short: float = Field(0.0, ge=0)
    """Of a service's pupils: how many more places short (whole pupils) than in the plan with the
    fewest. Where no service is granted any, the fewest in all are kept, in whichever services."""
    way: float = Field(0.01, ge=0)
    """Of a service's total way to school in the plan with the shortest way."""
    joint: float = Field(0.002, ge=0)
    """Of ways and crossings in the best joint value, instead of `way` where `solve` is joint: what
    deciding together gains is little, and shall not go to the levels below."""
    moves: float = Field(0.0, ge=0)
    """Of a service's pupils who change school in the plan with the fewest."""
    deviation: float = Field(0.01, ge=0)
    """Of the mean population: added to the smallest largest deviation of a subdistrict."""
    compactness: float = Field(0.05, ge=0)
    """Of the best population-weighted squared distance to the seat."""


class Band(Frozen):
    """Least and most of something, both inclusive."""

    min: float = Field(ge=0)
    """Least."""
    max: float = Field(ge=0)
    """Most."""

    _ordered = model_validator(mode="after")(ordered)


class BoundaryPrices(Frozen):
    """What the last level of the subdistricts weighs against each other."""

    border_m: float = Field(1.0, ge=0)
    """Per metre of border that follows no arterial road or barrier."""
    crossing_pupil: float = Field(1.0, ge=0)
    """Per pupil whose school lies in another subdistrict."""
    moved_person: float = Field(0.1, ge=0)
    """Per person who changes subdistrict."""


class Boundaries(Frozen):
    """What is asked of subdistricts, communities and grids."""

    subdistricts: int | None = Field(None, ge=1)
    """Number of subdistricts; null: as many as today."""
    band: float = Field(0.25, gt=0, le=1)
    """Largest deviation of a subdistrict's population from the mean of all, as a fraction."""
    parent_rule: bool = True
    """A subdistrict never crosses the line of its county-level district (`parent`)."""
    community_households: Band = Band(min=1000, max=5000)
    """Households of a community; a single larger compound is excepted."""
    grid_households: Band = Band(min=300, max=500)
    """Households of a grid."""
    prices: BoundaryPrices = BoundaryPrices()


class Joint(Frozen):
    """What is weighed where places and boundaries are decided together (`solve: joint`)."""

    crossing_price_km: float = Field(0.2, ge=0)
    """Kilometres that count for a pupil whose school lies in another subdistrict."""
    max_crossing_share: float | None = Field(None, ge=0, le=1)
    """Of all pupils, at most so many may have their school in another subdistrict, whatever the
    price; null: no limit. Only where `solve` is joint."""
    boundary_price_km: float = Field(0.2, ge=0)
    """Kilometres that count for one unit of `boundaries.prices`: border and people who change."""


class Ways(Frozen):
    """How ways to school are measured."""

    straight_factor: float = Field(1.3, ge=1)
    """Walking distance over straight line, where there is no street network."""
    trunk_classes: tuple[Line, ...] = Field(("trunk",), strict=False)
    """Street classes that count as a crossing."""
    arterial_classes: tuple[Line, ...] = Field(("trunk", "arterial"), strict=False)
    """Street classes that a good boundary follows."""


class Privacy(Frozen):
    """What public pages may tell of few children."""

    min_children: int = Field(5, ge=0)
    """Pupils of a compound are withheld from maps, reports and notices where they are fewer than
    this, and where they could be worked out from a school's total; 0: nothing is withheld."""


class Solving(Frozen):
    """How the programs are solved."""

    solver: Literal["highs", "cbc", "scip", "gurobi", "cplex"] = "highs"
    """HiGHS; or CBC, SCIP, Gurobi, CPLEX where they are installed."""
    threads: int = Field(2, ge=1)
    """Threads that searches share; under any number the plan is the same. Hard ones may use two."""
    tolerance: float = Field(0.001, gt=0, lt=1)
    """Relative gap within which a level counts as proven."""
    time_limit_s: float | None = Field(None, gt=0)
    """Limit on all programs together, in seconds; null: none."""


class Scenario(Frozen):
    """What is asked of a zone: programme, boundaries, services, layers and how to solve."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    """Short name; run folders are called after it."""
    title: Text
    """Heads the map and the reports."""
    data: Line = "../geodata"
    """Folder of the layers, relative to the scenario file that states it."""
    crs: Annotated[str, AfterValidator(projected_crs)] | None = None
    """Projected CRS in which lengths and areas are measured; null: UTM zone of the data."""
    seed: int = Field(0, ge=0)
    """Random seed of the solvers."""
    design_year: int = Field(ge=1950, le=2150)
    """The year whose demand the places are planned for."""
    layers: dict[LayerName, LayerSource] = Field(default_factory=dict)
    """Sources by layer name, where they differ from `<layer>.geojson` / `<layer>.csv` in `data`."""
    outside: Literal["error", "nearest"] = "error"
    """Compounds outside every community: refuse, or count them to the nearest one (reported)."""
    services: dict[ServiceId, Service] = Field(default_factory=national_services, min_length=1)
    """What places are planned for; merged into the national `primary` and `junior`."""
    school_types: dict[TypeId, SchoolType] = Field(default_factory=national_school_types)
    """What may be built on a site; merged into `primary`, `junior` and `nine_year`."""
    expansion: Parallels = Parallels(min=1, max=4)
    """Parallel classes per grade that an expansion may add in one service."""
    programme: Programme = Programme()
    """What the zone will build."""
    ranking: Ranking = Ranking()
    """How far each objective may give way to the next."""
    boundaries: Boundaries = Boundaries()
    """What is asked of subdistricts, communities and grids."""
    locks: Locks = Locks()
    """Decisions already made, which the plan must keep."""
    rules: Rules = Rules()
    """Which rules give way first where not all can be kept, and the steps of their prices."""
    ways: Ways = Ways()
    """How ways to school are measured."""
    privacy: Privacy = Privacy()
    """What public pages may tell of few children."""
    solving: Solving = Solving()
    """How the programs are solved."""
    solve: Literal["sequential", "joint"] = "sequential"
    """Places first, then boundaries; or both together, from that plan on."""
    joint: Joint = Joint()
    """What is weighed where both are decided together."""

    @model_validator(mode="after")
    def _limit_is_kept(self) -> Self:
        if self.solve != "joint" and self.joint.max_crossing_share is not None:
            raise PydanticCustomError(
                "limit_not_kept",
                "is kept only where solve is joint (set solve: joint, or take the limit away)",
            )
        return self

    @model_validator(mode="after")
    def _types_serve_known_services(self) -> Self:
        for name, school_type in self.school_types.items():
            for service in school_type.parallels:
                if service not in self.services:
                    raise PydanticCustomError(
                        "unknown_service",
                        "school_types.{name} serves '{service}', which is no service",
                        {"name": name, "service": service},
                    )
        return self
