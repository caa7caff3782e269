"""The run folder: written in one piece, self-contained, and read back with what is wrong in it."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from planner.errors import Problem, UsageError
from planner.plan.codec import plan_from_json, plan_to_json
from planner.plan.plan import Plan
from planner.plan.verification import Verification
from planner.scenario.loading import dump_scenario, load_scenario
from planner.scenario.model import Scenario
from planner.store.assignments import assignments_csv
from planner.store.geopackage import write_geopackage
from planner.territory.layers import Layers, read_layers
from planner.territory.territory import Territory

SCENARIO, LAYERS, RECORD, PLAN = "scenario.yaml", "layers", "record.json", "plan.json"
LOG, MAP, TABLE, PACKAGE = "run.log", "map.html", "assignments.csv", "plan.gpkg"
FILES = (SCENARIO, PLAN, PACKAGE, TABLE, LOG, MAP)
"""What every run holds beside its layers and record."""
_NO_LAYER = "none"

T = TypeVar("T")


@dataclass(frozen=True)
class StoredRun:
    """A run as its folder holds it; what could not be read is None and told in `problems`."""

    path: Path
    scenario: Scenario | None
    layers: Layers | None
    plan_json: Any
    plan: Plan | None
    record: dict[str, Any]
    problems: tuple[str, ...]


def write_run(
    out: Path,
    *,
    scenario: Scenario,
    layers: Layers,
    territory: Territory,
    plan: Plan,
    verification: Verification,
    log: str,
    map_html: str,
    record: Mapping[str, Any],
) -> Path:
    """Write a run folder in one piece and return its absolute path.

    Everything is written beside `out` first and then renamed: stopped half way, nothing is left.
    Raises UsageError unless `out` is new or an empty folder that can be written.
    """
    out = out.absolute()
    _refuse_occupied(out)
    partial = out.parent / f".{out.name}.{os.getpid()}.partial"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        _write_inputs(partial, scenario, layers)
        _write_json(partial / PLAN, plan_to_json(plan))
        write_geopackage(partial / PACKAGE, territory, plan)
        _write_text(partial / TABLE, assignments_csv(territory, plan))
        _write_text(partial / LOG, log)
        _write_text(partial / MAP, map_html)
        checks = [asdict(check) for check in verification.checks]
        entries = {**record, "verification": checks, "sha256": hashes(partial)}
        _write_json(partial / RECORD, entries)
        if out.exists():
            out.rmdir()
        partial.rename(out)
    except OSError as error:
        raise UsageError(
            Problem(str(out), f"cannot be written: {error.strerror or error}",
                    "name another folder with --out")
        ) from error  # fmt: skip
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return out


def replace_map(path: Path, map_html: str) -> None:
    """Replace the map of a run and its hash in the record."""
    record = json.loads((path / RECORD).read_text(encoding="utf-8"))
    record["sha256"][MAP] = sha256(map_html.encode()).hexdigest()
    for name, text in ((MAP, map_html), (RECORD, _json(record))):
        partial = path / f".{name}.{os.getpid()}.partial"
        _write_text(partial, text)
        partial.replace(path / name)


def next_run_dir(base: Path, name: str) -> Path:
    """The first unused folder ``<base>/<name>-<n>`` after all used ones."""
    pattern = re.compile(re.escape(name) + r"-(\d+)")
    used = [entry.name for entry in base.iterdir()] if base.is_dir() else []
    numbers = [int(match.group(1)) for key in used if (match := pattern.fullmatch(key))]
    return base / f"{name}-{max(numbers, default=0) + 1}"


def read_run(path: Path) -> StoredRun:
    """Read a run; a part that is missing or unreadable becomes one of its problems.

    Raises UsageError if `path` is no folder.
    """
    if not path.is_dir():
        raise UsageError(Problem(str(path), "is no run folder", "name the folder of a run"))
    path = path.absolute()
    problems: list[str] = []

    def attempt(what: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except Exception as error:  # noqa: BLE001
            problems.append(f"{what}: {_reason(error)}")
            return None

    record = attempt(RECORD, lambda: _object(path / RECORD))
    scenario = attempt(SCENARIO, lambda: load_scenario(path / SCENARIO).scenario)
    layers = None
    if scenario is not None:
        known = scenario
        layers = attempt(LAYERS, lambda: read_layers(known))
    plan_json = attempt(PLAN, lambda: _object(path / PLAN))
    plan = None if plan_json is None else attempt(PLAN, lambda: plan_from_json(plan_json))
    return StoredRun(path, scenario, layers, plan_json, plan, record or {}, tuple(problems))


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in a run but its record, by path; hidden files are passed over."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    names = {file.relative_to(folder).as_posix(): file for file in files}
    return {
        name: sha256(file.read_bytes()).hexdigest()
        for name, file in names.items()
        if name != RECORD and not any(part.startswith(".") for part in name.split("/"))
    }


def _refuse_occupied(out: Path) -> None:
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise UsageError(Problem(str(out), "is no folder", "name a new one with --out"))
    if out.is_dir() and any(out.iterdir()):
        raise UsageError(
            Problem(str(out), "is not empty", "name a new or an empty folder with --out")
        )


def _write_inputs(folder: Path, scenario: Scenario, layers: Layers) -> None:
    """Copies of the layers' files, byte by byte, and the scenario that names them."""
    (folder / LAYERS).mkdir()
    files = dict.fromkeys(map(str, scenario.layers), _NO_LAYER)
    for name, paths in layers.files.items():
        for path in paths:
            # Sidecars share the stem of the main file, whatever follows it.
            suffix = path.name.removeprefix(paths[0].stem)
            (folder / LAYERS / f"{name}{suffix}").write_bytes(path.read_bytes())
        files[name] = f"{LAYERS}/{name}{paths[0].suffix}"
    _write_text(folder / SCENARIO, dump_scenario(scenario, data=LAYERS, files=files))


def _object(path: Path) -> dict[str, Any]:
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError(f"expected an object, found {type(data).__name__}")
    return data


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "is missing"
    return str(error) or type(error).__name__


def _write_json(path: Path, data: Mapping[str, Any]) -> None:
    _write_text(path, _json(data))


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
