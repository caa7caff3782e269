"""The typed request: every field documented by its docstring, with its default and unit."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from planner.scenario.values import (
    AtMost,
    Exactly,
    Frozen,
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
    "LayerSource",
    "Parallels",
    "Programme",
    "Range",
    "Ranking",
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

# Results carry `total` beside the services; the others are columns of the compounds.
RESERVED_SERVICES = ("total", "id", "name", "community", "population", "households", "buildings")


def _free_service_id(value: str) -> str:
    if value in RESERVED_SERVICES:
        raise PydanticCustomError("reserved", "is reserved: call the service something else")
    return value


ServiceId = Annotated[
    str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$"), AfterValidator(_free_service_id)
]
TypeId = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
LayerName = Literal[LAYER_NAMES]  # type: ignore[valid-type]


class Text(Frozen):
    """A name in both languages."""

    zh: str = Field(min_length=1)
    """Chinese."""
    en: str = Field(min_length=1)
    """English."""


class LayerSource(Frozen):
    """Where a layer comes from and how its columns are called."""

    file: str | None = None
    """Path, relative to the scenario file that states it; null: `<layer>.geojson` in `data`."""
    layer: str | None = None
    """Layer inside the file, for GeoPackages."""
    columns: dict[str, str] = {}
    """Mapping `our column: your column`."""
    crs: Annotated[str, AfterValidator(readable_crs)] | None = None
    """Coordinate reference system, where the file does not state it (for example EPSG:4490)."""
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    """Datum of web-map coordinates; GCJ-02 and BD-09 are converted."""


class Service(Frozen):
    """What is planned for; each school stage is a service."""

    name: Text
    """As maps and tables call it."""
    grades: int = Field(1, ge=1)
    """Grades, so that one parallel class is `grades` classes."""
    class_size: int = Field(45, ge=1)
    """Places in a class."""
    radius_m: float = Field(500, gt=0)
    """Service radius in metres, as the crow flies: an indicator and a price, not a prohibition."""
    reach_m: float | None = Field(None, gt=0)
    """Longest way to school in metres along the network; null: no limit."""
    max_crossings: int | None = Field(None, ge=0)
    """Most trunk-road and railway crossings on the way; null: no limit."""
    beyond_radius_surcharge_m: float = Field(500, ge=0)
    """Metres added to the way of each pupil beyond the service radius."""
    crossing_surcharge_m: float = Field(300, ge=0)
    """Metres added to the way of each pupil per trunk-road or railway crossing."""
    land_per_place_m2: float = Field(15, ge=0)
    """Least land per place: limits how large a school fits on its parcel."""
    pupils_per_1000: float | None = Field(None, ge=0)
    """Pupils per 1000 residents, where the layer of compounds has no pupils of its own."""


class Parallels(Frozen):
    """Parallel classes per grade that a school type may have in one service."""

    min: int = Field(1, ge=0)
    """Fewest."""
    max: int = Field(ge=0)
    """Most."""

    _ordered = model_validator(mode="after")(ordered)


class SchoolType(Frozen):
    """A kind of school that may be built on a site."""

    name: Text
    """As maps and tables call it."""
    parallels: dict[str, Parallels] = Field(min_length=1)
    """Parallel classes per grade, by service."""
    equal: bool = False
    """As many parallel classes in every service of the school (nine-year schools)."""

    @model_validator(mode="after")
    def _equal_is_possible(self) -> Self:
        least = max(parallels.min for parallels in self.parallels.values())
        most = min(parallels.max for parallels in self.parallels.values())
        if self.equal and least > most:
            raise PydanticCustomError(
                "equal", "asks for equal parallel classes, but its ranges share no number"
            )
        return self


class Programme(Frozen):
    """What the zone will build: a number is exact, or a maximum for land and money."""

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
    """How far a level may be exceeded for the sake of the levels below it (shares)."""

    places_short: float = Field(0.0, ge=0)
    """Of the pupils: how many more places short than the fewest possible."""
    way: float = Field(0.01, ge=0)
    """Of the shortest total way to school."""
    moves: float = Field(0.0, ge=0)
    """Of the fewest pupils who change school."""
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


class Ways(Frozen):
    """How ways to school are measured."""

    straight_factor: float = Field(1.3, ge=1)
    """Walking distance over straight line, where there is no street network."""
    trunk_classes: tuple[str, ...] = Field(("trunk",), strict=False)
    """Street classes that count as a crossing."""
    arterial_classes: tuple[str, ...] = Field(("trunk", "arterial"), strict=False)
    """Street classes that a good boundary follows."""


class Solving(Frozen):
    """How the programs are solved."""

    solver: Literal["highs", "cbc"] = "highs"
    """HiGHS or CBC."""
    threads: int = Field(2, ge=1)
    """Threads of a solve; the objective is the same under any number."""
    tolerance: float = Field(0.001, gt=0, lt=1)
    """Relative gap within which a level counts as proven."""
    time_limit_s: float | None = Field(None, gt=0)
    """Limit on all programs together, in seconds; null: none."""


def _national_services() -> dict[str, Service]:
    return {
        "primary": Service(
            name=Text(zh="小学", en="Primary school"),
            grades=6, class_size=45, radius_m=500, reach_m=3000,
        ),
        "junior": Service(
            name=Text(zh="初中", en="Junior middle school"),
            grades=3, class_size=50, radius_m=1000, reach_m=4500,
        ),
    }  # fmt: skip


def _national_school_types() -> dict[str, SchoolType]:
    return {
        "primary": SchoolType(
            name=Text(zh="小学", en="Primary school"),
            parallels={"primary": Parallels(min=2, max=6)},
        ),
        "junior": SchoolType(
            name=Text(zh="初中", en="Junior middle school"),
            parallels={"junior": Parallels(min=4, max=10)},
        ),
        "nine_year": SchoolType(
            name=Text(zh="九年一贯制学校", en="Nine-year school"),
            parallels={"primary": Parallels(min=2, max=6), "junior": Parallels(min=2, max=6)},
            equal=True,
        ),
    }


class Scenario(Frozen):
    """What is asked of a zone: programme, boundaries, services, layers and how to solve."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    """Short name; run folders are called after it."""
    title: Text
    """Heads the map and the reports."""
    data: str = Field("../geodata", min_length=1)
    """Folder of the layers, relative to the scenario file that states it."""
    crs: Annotated[str, AfterValidator(projected_crs)] | None = None
    """Projected CRS in which lengths and areas are measured; null: UTM zone of the data."""
    seed: int = Field(0, ge=0)
    """Random seed of the solvers."""
    design_year: int = Field(ge=1950, le=2150)
    """The year whose demand the places are planned for."""
    layers: dict[LayerName, LayerSource] = {}
    """Sources by layer name, where they differ from `<layer>.geojson` / `<layer>.csv` in `data`."""
    outside: Literal["error", "nearest"] = "error"
    """Compounds outside every community: refuse, or count them to the nearest one (reported)."""
    services: dict[ServiceId, Service] = Field(default_factory=_national_services, min_length=1)
    """What places are planned for; merged into the national `primary` and `junior`."""
    school_types: dict[TypeId, SchoolType] = Field(default_factory=_national_school_types)
    """What may be built on a site; merged into `primary`, `junior` and `nine_year`."""
    expansion: Parallels = Parallels(min=1, max=4)
    """Parallel classes per grade that an expansion may add in one service."""
    programme: Programme = Programme()
    """What the zone will build."""
    ranking: Ranking = Ranking()
    """How far each objective may give way to the next."""
    boundaries: Boundaries = Boundaries()
    """What is asked of subdistricts, communities and grids."""
    ways: Ways = Ways()
    """How ways to school are measured."""
    solving: Solving = Solving()
    """How the programs are solved."""
    solve: Literal["sequential"] = "sequential"
    """Places first, then boundaries."""

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
