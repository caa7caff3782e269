"""One tree of stated values laid over another: defaults, extended files, file, overrides."""

from __future__ import annotations

from dataclasses import dataclass, field

from planner.errors import Problem
from planner.scenario.keys import bounds_of, is_open, suggestion
from planner.scenario.model import Scenario
from planner.scenario.positions import KeyPath, Plain, Stated


@dataclass(frozen=True)
class Merged:
    """What came of the merging so far; grows with every layer laid over it."""

    problems: list[Problem] = field(default_factory=list)
    removed: dict[KeyPath, Stated] = field(default_factory=dict)
    """Entries taken away by a null, and where it stands."""


def lay_over(base: Stated | None, over: Stated, merged: Merged, path: KeyPath = ()) -> Stated:
    """`over` laid over `base`: mappings entry by entry, all else replaced.

    A null takes an entry of the user's own away (a service, a school type, a layer).
    """
    if not isinstance(over.value, dict):
        return over
    entries = dict(_base_entries(base, path))
    for key, value in over.value.items():
        here = (*path, key)
        if value.value is None and is_open(path):
            _remove(entries, value, merged, here)
        else:
            entries[key] = lay_over(entries.get(key), value, merged, here)
    # A key that `--set` adds to a mapping does not move the mapping away from its file.
    kept = base if base and base.entries and base.place and over.origin == "--set" else over
    return Stated(entries, kept.place, kept.key_place, kept.origin)


def default_tree() -> Stated:
    """The defaults that a scenario is laid over.

    `programme` is left out: a total that is stated replaces its default as a whole. `data` is
    left out because its default depends on where the scenario lies.
    """
    fields = Scenario.model_fields
    defaults = {
        name: info.get_default(call_default_factory=True, validated_data={})
        for name, info in fields.items()
        if not info.is_required() and name not in ("programme", "data")
    }
    bare = Scenario.model_construct(**defaults).model_dump(mode="json", include=set(defaults))
    return stated(bare, origin="default")


def stated(value: Plain, *, origin: str, place: str = "") -> Stated:
    """A bare value as a tree, all of it from one `origin`."""
    if isinstance(value, dict):
        entries = {key: stated(entry, origin=origin, place=place) for key, entry in value.items()}
        return Stated(entries, place, place, origin)
    if isinstance(value, list):
        items = [stated(item, origin=origin, place=place) for item in value]
        return Stated(items, place, place, origin)
    return Stated(value, place, place, origin)


def _base_entries(base: Stated | None, path: KeyPath) -> dict[str, Stated]:
    if base is None:
        return {}
    number = base.value
    if isinstance(number, int | float) and not isinstance(number, bool) and number >= 0:
        bounds = bounds_of(path, number) or {}
        return {
            key: stated(bound, origin=base.origin, place=base.place)
            for key, bound in bounds.items()
        }
    return base.entries


def _remove(entries: dict[str, Stated], null: Stated, merged: Merged, path: KeyPath) -> None:
    if path[-1] in entries:
        del entries[path[-1]]
        merged.removed[path] = null
        return
    hint = suggestion(path, present=tuple(entries))
    message = f"{'.'.join(path)}: there is nothing of that name to take away"
    merged.problems.append(Problem(null.key_place, message, hint))
