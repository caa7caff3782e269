"""The record of a run: when it was made, from what, with which versions, and how long it took."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from planner import __version__
from planner.scenario.loading import LoadedScenario

PACKAGES = ("geopandas", "highspy", "numpy", "pandas", "PuLP", "shapely")
"""Those whose version may change a figure."""


def record_of(loaded: LoadedScenario, out: Path, *, seconds: Mapping[str, float]) -> dict[str, Any]:
    """What is kept beside the plan; `origins` name the source of each value that is no default."""
    return {
        "run_id": out.name,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "scenario": loaded.scenario.name,
        "file": loaded.path.name,
        "origins": {key: value for key, value in loaded.origins.items() if value != "default"},
        "versions": versions(),
        "seconds": {step: round(value, 3) for step, value in seconds.items()},
    }


def versions() -> dict[str, str]:
    """Versions of Planner, Python and the packages that a figure may depend on."""
    packages = {name: version(name) for name in PACKAGES}
    return {"planner": __version__, "Python": platform.python_version(), **packages}
