"""``planner config``: every effective value, and where it was stated."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.scenario.loading import load_scenario
from tests.cli.calling import ROOT, call

CONFIGS = ROOT / "configs"


def test_every_value_with_its_origin(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        f"extends: {CONFIGS / 'etdz-2017.yaml'}\n"
        "scenarios:\n  fewer:\n    boundaries: {subdistricts: 3}\n",
        encoding="utf-8",
    )
    words = ("config", path, "--scenario", "fewer", "--set", "seed=7",
             "--set", "ways.trunk_classes+=rail")  # fmt: skip
    lines = dict(
        line.split("  # ") for line in call(*words, "--origin").out.splitlines()
    )  # fmt: skip
    lines = {key.strip(): origin for key, origin in lines.items()}
    assert lines["seed = 7"] == "--set seed=7"
    assert lines['ways.trunk_classes = ["trunk", "rail"]'] == "--set ways.trunk_classes+=rail"
    assert lines["boundaries.subdistricts = 3"] == f"{path}:4"
    assert lines["boundaries.band = 0.25"].endswith("etdz-2017.yaml:19")
    assert lines["ranking.way = 0.01"] == "default"
    assert lines['name = "etdz-2017-fewer"'] == "--scenario fewer"
    data = call(*words, "--json").data
    assert data["alternatives"] == ["fewer"]
    assert data["values"]["programme.cost_yuan.max"]["value"] == 1_100_000_000
    assert "#" not in call("config", path).out


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_gallery_is_short_and_valid(path: Path) -> None:
    loaded = load_scenario(path)
    assert loaded.scenario.name == path.stem
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 24


def test_a_wrong_override_exits_with_three() -> None:
    answer = call("config", CONFIGS / "baseline.yaml", "--set", "boundaries.bnd=1", "--json")
    assert answer.code == answer.data["exit_code"] == 3
    assert answer.data["problems"][0]["where"] == "--set boundaries.bnd=1"
    assert answer.data["problems"][0]["hint"] == "nearest known key 'band'"
