"""From YAML files and the command line to one valid `Scenario`, with the origin of each value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import ValidationError

from planner.errors import Problem, ScenarioError, UsageError
from planner.scenario.alternatives import chosen_names, refuse_unknown
from planner.scenario.chain import read_chain
from planner.scenario.dumping import dump_scenario
from planner.scenario.keys import suggestion
from planner.scenario.merging import Merged, default_tree, lay_over, stated
from planner.scenario.messages import find, problems_of
from planner.scenario.model import Scenario
from planner.scenario.overrides import read_sets, resolved
from planner.scenario.positions import KeyPath, Plain, Stated, plain

__all__ = ["LoadedScenario", "dump_scenario", "load_scenario"]

DEFAULT_DATA = Path("..") / "geodata"


@dataclass(frozen=True)
class LoadedScenario:
    """A scenario, the file it was loaded from, and where each of its values comes from."""

    scenario: Scenario
    path: Path
    origins: dict[str, str]
    """Dotted key -> ``file:line``, a flag (``--set``), or ``default``."""
    places: dict[str, str] = field(default_factory=dict)
    """Dotted key -> ``file:line:column`` or flag; only of what is stated."""
    alternatives: tuple[str, ...] = ()
    """Named alternatives that were asked for, in order."""


def load_scenario(
    path: Path | str,
    *,
    alternatives: Sequence[str] = (),
    sets: Sequence[str] = (),
    data: Path | None = None,
) -> LoadedScenario:
    """Load the scenario at `path`; `data` and the layers' files come out absolute.

    Order: defaults < extended files < file < `alternatives` (named in its `scenarios`, in the order
    given; one text may name several, with commas) < `sets`. Raises ScenarioError with all problems,
    each as ``file:line:column: path: message``; UsageError for a `sets` that is not key=value.
    """
    overrides, names = read_sets(sets), chosen_names(alternatives)
    if data is not None and any(override.path[0] == "data" for override in overrides):
        raise UsageError("--data and --set data=… both name the data folder: give one of them")
    path = Path(path)
    chain = read_chain(path)
    tree, merged = default_tree(), Merged()
    known: dict[str, list[Stated]] = {}
    for link in chain:
        tree = lay_over(tree, link.tree, merged)
        for name, alternative in link.scenarios.items():
            known.setdefault(name, []).append(alternative)
    refuse_unknown(names, known, str(path))
    stated_name = tree.entries.get("name")
    for name in names:
        for alternative in known[name]:
            tree = lay_over(tree, alternative, merged)
    tree = _named_after(tree, stated_name, names)
    for override in overrides:
        tree = lay_over(tree, resolved(override, tree), merged)
    tree = _with_data(tree, data, root=chain[0].path.parent)
    scenario = _validated(tree, merged, _misspelt(known))
    origins, places = _origins(scenario, tree), _places(scenario, tree)
    return LoadedScenario(scenario, path.resolve(), origins, places, names)


def _named_after(tree: Stated, before: Stated | None, names: Sequence[str]) -> Stated:
    """The scenario called after its alternatives, unless one of them states a name."""
    name = tree.entries.get("name")
    if not names or name is None or name is not before or not isinstance(name.value, str):
        return tree
    flag = f"--scenario {','.join(names)}"
    called = Stated("-".join((name.value, *names)), flag, flag, "--scenario")
    return replace(tree, value={**tree.entries, "name": called})


def _misspelt(known: Mapping[str, Sequence[Stated]]) -> list[Problem]:
    """Unknown keys in alternatives, used or not: one that is not used today will be."""
    found = []
    for name, trees in known.items():
        for tree in trees:
            for key, entry in tree.entries.items():
                if key not in Scenario.model_fields:
                    hint = suggestion((key,))
                    message = f"scenarios.{name}.{key}: unknown key"
                    found.append(Problem(entry.key_place, message, hint))
    return found


def _with_data(tree: Stated, data: Path | None, *, root: Path) -> Stated:
    if data is not None:
        folder = stated(str(data.resolve()), origin="--data", place="--data")
    elif "data" in tree.entries:
        folder = tree.entries["data"]
    else:
        folder = stated(str((root / DEFAULT_DATA).resolve()), origin="default")
    return replace(tree, value={**tree.entries, "data": folder})


def _validated(tree: Stated, merged: Merged, more: Sequence[Problem]) -> Scenario:
    problems = [*merged.problems, *_unknown_services(tree, merged)]
    try:
        scenario = Scenario.model_validate(plain(tree))
    except ValidationError as error:
        known = [details["type"] == "unknown_service" for details in error.errors()]
        problems += [] if all(known) else problems_of(error, tree)
    told = {problem.where for problem in problems}
    problems += [problem for problem in more if problem.where not in told]
    if problems:
        raise ScenarioError(sorted(problems, key=_reading_order))
    return scenario


def _unknown_services(tree: Stated, merged: Merged) -> list[Problem]:
    """School types that serve no service; found even where other values are wrong."""
    services = tree.entries["services"]
    if not isinstance(services.value, dict):
        return []
    problems = []
    for name, school_type in tree.entries["school_types"].entries.items():
        parallels = school_type.entries.get("parallels")
        for service, entry in (parallels.entries if parallels else {}).items():
            if service not in services.value:
                path = ("school_types", name, "parallels", service)
                taken = merged.removed.get(("services", service))
                where = entry.key_place or (taken.key_place if taken else services.key_place)
                hint = suggestion(("services", service), present=tuple(services.value))
                message = f"{'.'.join(path)}: there is no service '{service}'"
                problems.append(Problem(where, message, hint.replace("known key", "service")))
    return problems


def _reading_order(problem: Problem) -> tuple[str, int, int, str]:
    parts = problem.where.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        return parts[0], int(parts[1]), int(parts[2]), problem.message
    return problem.where, 0, 0, problem.message


def _origins(scenario: Scenario, tree: Stated) -> dict[str, str]:
    return {".".join(path): _origin(tree, path) for path in _leaves(scenario.model_dump())}


def _origin(tree: Stated, path: KeyPath) -> str:
    value, depth = find(tree, path)
    return value.origin if depth == len(path) or not isinstance(value.value, dict) else "default"


def _places(scenario: Scenario, tree: Stated) -> dict[str, str]:
    found = {".".join(path): find(tree, path)[0].place for path in _leaves(scenario.model_dump())}
    return {key: place for key, place in found.items() if place}


def _leaves(value: Plain | tuple[str, ...], path: KeyPath = ()) -> list[KeyPath]:
    if isinstance(value, dict) and value:
        return [leaf for key, entry in value.items() for leaf in _leaves(entry, (*path, key))]
    return [path]
