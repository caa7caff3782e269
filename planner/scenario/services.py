"""What places are planned for, and the kinds of schools that may offer them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from planner.scenario.values import Frozen, Line, ordered

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


class Text(Frozen):
    """A name in both languages."""

    zh: Line
    """Chinese."""
    en: Line
    """English."""


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
    demand_factor: float = Field(1.0, gt=0)
    """Factor on pupils from the design year on (births), in whole pupils in each compound."""


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


def national_services() -> dict[str, Service]:
    """The stages of compulsory school, with their national standards."""
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


def national_school_types() -> dict[str, SchoolType]:
    """The kinds of compulsory school, with their usual sizes."""
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
