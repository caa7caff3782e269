"""What is dumped loads back as the same scenario, wherever it lies."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.scenario.loading import dump_scenario, load_scenario
from planner.scenario.model import (
    LAYER_NAMES,
    Boundaries,
    LayerSource,
    Parallels,
    Programme,
    Range,
    Scenario,
    SchoolType,
    Service,
    Solving,
    Text,
    Ways,
)

CONFIGS = Path(__file__).parents[2] / "configs"

ids = st.sampled_from(["primary", "junior", "kindergarten", "clinic_2", "NO", "null", "e1"])
words = st.text(
    st.characters(
        exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\ufeff\ufffe\uffff"
    ),
    min_size=1,
    max_size=12,
)
texts = st.builds(Text, zh=words, en=words)
numbers = st.floats(min_value=0, max_value=1e18, allow_nan=False)
positive = st.floats(min_value=1e-9, max_value=1e18)
counts = st.integers(0, 10**6)


def ranges(values):
    both = st.tuples(values, values).map(lambda pair: Range(min=min(pair), max=max(pair)))
    return both | st.builds(Range, min=st.none() | values) | st.builds(Range, max=values)


parallels = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(
    lambda pair: Parallels(min=min(pair), max=max(pair))
)
services = st.builds(
    Service,
    name=texts,
    grades=st.integers(1, 12),
    radius_m=positive,
    reach_m=st.none() | positive,
    max_crossings=st.none() | st.integers(0, 3),
    pupils_per_1000=st.none() | numbers,
)
sources = st.builds(
    LayerSource,
    file=st.none() | st.just("/somewhere/else.gpkg"),
    layer=st.none() | words,
    columns=st.dictionaries(words, words, max_size=3),
    crs=st.none() | st.just("EPSG:4490"),
    datum=st.sampled_from(["wgs84", "gcj02", "bd09"]),
)
programmes = st.builds(
    Programme,
    new_schools=ranges(counts),
    expanded_schools=ranges(counts),
    new_classes=ranges(counts),
    land_m2=ranges(numbers),
    cost_yuan=ranges(numbers),
)


@st.composite
def scenarios(draw):
    offered = draw(st.dictionaries(ids, services, min_size=1, max_size=4))
    type_ = st.builds(
        SchoolType,
        name=texts,
        parallels=st.dictionaries(st.sampled_from(sorted(offered)), parallels, min_size=1),
    )
    return Scenario(
        name=draw(st.sampled_from(["x", "2017", "1e3", "null", "a.b-c"])),
        title=draw(texts),
        design_year=draw(st.integers(1950, 2150)),
        crs=draw(st.none() | st.just("EPSG:4551")),
        seed=draw(counts),
        layers=draw(st.dictionaries(st.sampled_from(LAYER_NAMES), sources, max_size=3)),
        services=offered,
        school_types=draw(st.dictionaries(ids | st.just("nine_year"), type_, max_size=4)),
        expansion=draw(parallels),
        programme=draw(programmes),
        boundaries=Boundaries(
            subdistricts=draw(st.none() | st.integers(1, 9)), parent_rule=draw(st.booleans())
        ),
        ways=Ways(trunk_classes=tuple(draw(st.lists(words, max_size=3)))),
        solving=Solving(
            tolerance=draw(st.floats(1e-9, 0.5)), time_limit_s=draw(st.none() | positive)
        ),
    )


@settings(max_examples=60, deadline=None)
@given(scenario=scenarios())
def test_what_is_dumped_loads_back_equal(scenario):
    files = {name: f"layers/{name}.gpkg" for name, s in scenario.layers.items() if s.file}
    text = dump_scenario(scenario, data="layers", files=files)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        (folder / "scenario.yaml").write_text(text, encoding="utf-8", newline="")
        loaded = load_scenario(folder / "scenario.yaml")
    assert loaded.scenario == moved(scenario, folder, files)
    assert loaded.origins["seed"].endswith(":" + str(line_of("seed:", text)))


def moved(scenario, folder, files):
    layers = {
        name: source.model_copy(update={"file": str(folder / files[name])})
        if name in files
        else source
        for name, source in scenario.layers.items()
    }
    return scenario.model_copy(update={"data": str(folder / "layers"), "layers": layers})


def line_of(start, text):
    return next(i for i, line in enumerate(text.split("\n"), 1) if line.startswith(start))


@pytest.mark.parametrize("config", ["etdz-2017.yaml", "examples/kindergarten.yaml"])
def test_the_committed_scenarios_survive_a_dump(config, tmp_path):
    scenario = load_scenario(CONFIGS / config).scenario
    (tmp_path / "s.yaml").write_text(dump_scenario(scenario, data="layers", files={}), "utf-8")
    loaded = load_scenario(tmp_path / "s.yaml")
    assert loaded.scenario == moved(scenario, tmp_path, {})
    allowed = {"default", *(f"{tmp_path / 's.yaml'}:{line}" for line in range(1, 200))}
    assert set(loaded.origins.values()) <= allowed
    assert loaded.origins["solving.tolerance"] != "default"


def test_a_dump_is_readable():
    scenario = load_scenario(CONFIGS / "etdz-2017.yaml").scenario
    text = dump_scenario(scenario, data="layers", files={"sites": "layers/sites.geojson"})
    lines = text.splitlines()
    assert lines[0] == "name: etdz-2017"
    assert "  cost_yuan: 1100000000" in lines
    assert "  new_schools: 4" in lines
    assert "    max_crossings: null" in lines
    assert "  sites: {file: layers/sites.geojson}" in lines
    assert str(CONFIGS.parent) not in text
    assert "长春" in text


@pytest.mark.parametrize("name", ["? x", "- a", "a: b", "a #b", "!x", "*x", "'", '"', "%", "~"])
def test_text_with_signs_that_mean_something_in_yaml(name, tmp_path):
    scenario = load_scenario(CONFIGS / "etdz-2017.yaml").scenario
    scenario = scenario.model_copy(update={"title": Text(zh=name, en="A")})
    (tmp_path / "s.yaml").write_text(dump_scenario(scenario, data="d", files={}), "utf-8")
    assert load_scenario(tmp_path / "s.yaml").scenario.title.zh == name


def test_a_layer_left_outside_the_dump_is_refused():
    scenario = load_scenario(
        CONFIGS / "etdz-2017.yaml", sets=["layers.sites.file=/elsewhere/sites.shp"]
    ).scenario
    with pytest.raises(ValueError, match="file of layer sites"):
        dump_scenario(scenario, data="layers", files={})


def test_open_totals_and_extreme_numbers(tmp_path):
    scenario = load_scenario(CONFIGS / "etdz-2017.yaml", sets=[
        "programme.new_places=null",
        "programme.cost_yuan={min: 1e300, max: null}",
        "ranking.way=1e-12",
    ]).scenario  # fmt: skip
    (tmp_path / "s.yaml").write_text(dump_scenario(scenario, data="d", files={}), "utf-8")
    loaded = load_scenario(tmp_path / "s.yaml").scenario
    assert loaded.programme == scenario.programme
    assert loaded.programme.new_places == Range()
    assert math.isclose(loaded.ranking.way, 1e-12, rel_tol=0)
