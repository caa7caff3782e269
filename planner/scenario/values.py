"""The kinds of values a scenario is made of, and what makes one of them valid."""

from __future__ import annotations

from typing import Annotated, Protocol, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from pyproj import CRS
from pyproj.exceptions import CRSError


class Frozen(BaseModel):
    """Immutable, unknown keys refused, field docstrings are the schema's descriptions."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]+$"
Line = Annotated[str, Field(pattern=LINE)]
"""Text on one line."""


class Bounds(Protocol):
    """Anything with a least and a most; None leaves a side open."""

    @property
    def min(self) -> float | None:
        """The least."""

    @property
    def max(self) -> float | None:
        """The most."""


Limits = TypeVar("Limits", bound=Bounds)


def ordered(bounds: Limits) -> Limits:
    """Return `bounds` as they are, or refuse a least above the most."""
    if bounds.min is not None and bounds.max is not None and bounds.min > bounds.max:
        raise PydanticCustomError(
            "order",
            "min {least} is larger than max {most}",
            {"least": f"{bounds.min:.15g}", "most": f"{bounds.max:.15g}"},
        )
    return bounds


class Range(Frozen):
    """Bounds of a total; ``null`` leaves a side open."""

    min: float | None = Field(None, ge=0)
    """Smallest allowed value."""
    max: float | None = Field(None, ge=0)
    """Largest allowed value."""

    _ordered = model_validator(mode="after")(ordered)


def readable_crs(value: str) -> str:
    """Return `value`, or refuse what PROJ cannot read as a coordinate reference system."""
    try:
        CRS.from_user_input(value)
    except CRSError:
        raise PydanticCustomError(
            "crs", "is no coordinate reference system (write it like EPSG:4551)"
        ) from None
    return value


def projected_crs(value: str) -> str:
    """Return `value`, or refuse a coordinate reference system that is not in metres."""
    crs = CRS.from_user_input(readable_crs(value))
    if not crs.is_projected or any(axis.unit_name != "metre" for axis in crs.axis_info[:2]):
        raise PydanticCustomError(
            "crs", "is not a projected system in metres (write it like EPSG:4551)"
        )
    return value


def _exact(value: object) -> object:
    return {"min": value, "max": value} if _is_number(value) else _open_range(value)


def _at_most(value: object) -> object:
    return {"max": value} if _is_number(value) else _open_range(value)


def _open_range(value: object) -> object:
    if value is None:
        return {}
    if isinstance(value, dict | Range):
        return value
    raise PydanticCustomError("range_type", "a number or a mapping of min and max")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Range) -> Range:
    for bound in (value.min, value.max):
        if bound is not None and bound != int(bound):
            raise PydanticCustomError(
                "whole", "must be a whole number, not {bound}", {"bound": bound}
            )
    return value


Exactly = Annotated[Range, BeforeValidator(_exact), AfterValidator(_whole)]
"""A count: a number is exact, null leaves it open."""
AtMost = Annotated[Range, BeforeValidator(_at_most)]
"""A resource: a number is its maximum, null leaves it open."""
