"""Locks: decisions that a planner has made, as data that every program honours."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from planner.scenario.values import Frozen, Line


def _not_empty(ids: tuple[str, ...]) -> tuple[str, ...]:
    # a length of the field's own would be told of wrong items too
    if not ids:
        raise PydanticCustomError("empty", "must not be empty")
    return ids


Ids = Annotated[
    tuple[Line, ...],
    Field(strict=False, json_schema_extra={"minItems": 1}),
    AfterValidator(_not_empty),
]


class FixedLocks(Frozen):
    """Pairs that must be in the plan."""

    schools: dict[Line, dict[Line, Line]] = Field(default_factory=dict)
    """By service: `compound: school`."""
    subdistricts: dict[Line, Line] = Field(default_factory=dict)
    """`community: subdistrict`; a subdistrict seated at a candidate seat is called `N-<seat>`."""


class ForbiddenLocks(Frozen):
    """Pairs that must not be in the plan."""

    schools: dict[Line, dict[Line, Ids]] = Field(default_factory=dict)
    """By service: `compound: [schools]`."""
    subdistricts: dict[Line, Ids] = Field(default_factory=dict)
    """`community: [subdistricts]`."""


class Locks(Frozen):
    """Decisions that the programs must keep.

    A lock on a community of today holds for all that is split from it, save for parts that have a
    lock of their own (`K08-2`).
    """

    sites: dict[Line, Literal["open", "closed"]] = Field(default_factory=dict)
    """By site: a school is built there, or none; by existing school: it is expanded, or not."""
    fixed: FixedLocks = FixedLocks()
    """Pairs that must be in the plan."""
    forbidden: ForbiddenLocks = ForbiddenLocks()
    """Pairs that must not be in the plan."""
    together: Annotated[tuple[Ids, ...], Field(strict=False)] = ()
    """Units kept together: compounds go to one school a service, communities to one subdistrict."""

    @property
    def empty(self) -> bool:
        """Whether nothing is locked."""
        return self == Locks()


def lock_paths(locks: Locks) -> tuple[str, ...]:
    """Every single lock by its dotted key, in the order of the schema."""
    pairs = (("fixed", locks.fixed), ("forbidden", locks.forbidden))
    return (
        *(f"locks.sites.{key}" for key in locks.sites),
        *(
            f"locks.{name}.schools.{service}.{compound}"
            for name, entries in pairs
            for service, by_compound in entries.schools.items()
            for compound in by_compound
        ),
        *(
            f"locks.{name}.subdistricts.{community}"
            for name, entries in pairs
            for community in entries.subdistricts
        ),
        *(f"locks.together.{number}" for number in range(len(locks.together))),
    )


def only(locks: Locks, paths: Collection[str]) -> Locks:
    """The locks named by `paths` (of `lock_paths`), without the others."""
    left = {key: v for key, v in locks.sites.items() if f"locks.sites.{key}" in paths}
    groups = enumerate(locks.together)
    together = tuple(group for n, group in groups if f"locks.together.{n}" in paths)
    return Locks(
        sites=left,
        fixed=locks.fixed.model_copy(update=_kept(locks.fixed, "locks.fixed", paths)),
        forbidden=locks.forbidden.model_copy(
            update=_kept(locks.forbidden, "locks.forbidden", paths)
        ),
        together=together,
    )


def lock_words(locks: Locks, path: str) -> str:
    """One lock as a planner would say it."""
    _, kind, *rest = path.split(".", 2)
    tail = rest[0]
    if kind == "sites":
        return f"{tail} is {locks.sites[tail]}"
    if kind == "together":
        return f"{', '.join(locks.together[int(tail)])} are kept together"
    verb = "is fixed to" if kind == "fixed" else "must not go to"
    entries = locks.fixed if kind == "fixed" else locks.forbidden
    family, key = tail.split(".", 1)
    if family == "subdistricts":
        return f"{key} {verb} {_listed(entries.subdistricts[key])}"
    service, compound = key.split(".", 1)
    return f"{compound} {verb} {_listed(entries.schools[service][compound])} ({service})"


def _kept(
    entries: FixedLocks | ForbiddenLocks, path: str, paths: Collection[str]
) -> dict[str, dict[str, Any]]:
    return {
        "schools": {
            service: {
                key: target
                for key, target in by_compound.items()
                if f"{path}.schools.{service}.{key}" in paths
            }
            for service, by_compound in entries.schools.items()
        },
        "subdistricts": {
            key: target
            for key, target in entries.subdistricts.items()
            if f"{path}.subdistricts.{key}" in paths
        },
    }


def _listed(target: str | tuple[str, ...]) -> str:
    return target if isinstance(target, str) else " or ".join(target)
