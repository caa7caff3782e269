"""Extending, overriding, paths and origins."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.scenario.loading import load_scenario
from planner.scenario.model import Range, Scenario, Text

HEAD = "name: x\ntitle: {zh: 甲, en: A}\ndesign_year: 2020\n"
CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(path, text):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def loaded(body, **options):
    write("s.yaml", HEAD + body)
    return load_scenario("s.yaml", **options).scenario


def test_a_bare_scenario_is_all_defaults(tmp_path):
    expected = Scenario(
        name="x",
        title=Text(zh="甲", en="A"),
        design_year=2020,
        data=str(tmp_path.parent / "geodata"),
    )
    assert loaded("") == expected


@pytest.mark.parametrize("written", ["1.1e9", "11e8", "1_100_000_000", "1100000000", "1.1E+9"])
def test_numbers_may_be_written_as_yaml_allows(written):
    assert loaded(f"programme: {{cost_yuan: {written}}}").programme.cost_yuan == Range(max=1.1e9)


@pytest.mark.parametrize(("written", "seed"), [("0x1F", 31), ("0o17", 15), ("012", 12), ("+3", 3)])
def test_whole_numbers_may_be_written_as_yaml_allows(written, seed):
    assert loaded(f"seed: {written}").seed == seed


def test_totals_are_exact_or_at_most_or_open():
    programme = loaded(
        "programme: {new_schools: 4, expanded_schools: {min: 1}, new_classes: null, land_m2: 9}"
    ).programme
    assert programme.new_schools == Range(min=4, max=4)
    assert programme.expanded_schools == Range(min=1, max=None)
    assert programme.new_classes == Range()
    assert programme.land_m2 == Range(min=None, max=9)


def test_part_of_a_default_entry_keeps_the_rest():
    scenario = loaded("services: {primary: {class_size: 40}}\nexpansion: {max: 6}\n")
    assert scenario.services["primary"].class_size == 40
    assert scenario.services["primary"].reach_m == 3000
    assert list(scenario.services) == ["primary", "junior"]
    assert (scenario.expansion.min, scenario.expansion.max) == (1, 6)


def test_null_means_none_for_a_value_and_takes_an_entry_away():
    scenario = loaded(
        "services: {primary: {reach_m: null}}\nschool_types: {nine_year: null, junior: null}\n"
    )
    assert scenario.services["primary"].reach_m is None
    assert list(scenario.school_types) == ["primary"]


def test_chain_merges_mappings_and_replaces_lists():
    write("root/a.yaml", HEAD + "programme: {new_schools: 4, land_m2: 100}\n"
          "ways: {trunk_classes: [a, b], straight_factor: 1.5}\nseed: 1\n")  # fmt: skip
    write("mid/b.yaml", "extends: ../root/a.yaml\nprogramme: {new_schools: {max: 6}}\nseed: 2\n")
    write("c.yaml", "extends: mid/b.yaml\nname: y\nways: {trunk_classes: [c]}\n")
    result = load_scenario("c.yaml", sets=["programme.land_m2.min=50", "seed=3", "seed=4"])
    scenario = result.scenario
    assert scenario.name == "y"
    assert scenario.title.zh == "甲"
    assert scenario.programme.new_schools == Range(min=4, max=6)
    assert scenario.programme.land_m2 == Range(min=50, max=100)
    assert scenario.ways.trunk_classes == ("c",)
    assert scenario.ways.straight_factor == 1.5
    assert scenario.seed == 4
    assert result.path == Path("c.yaml").resolve()


def test_every_value_has_its_origin():
    write("root/a.yaml", HEAD + "programme:\n  new_schools: 4\n  land_m2: {max: 100}\nseed: 1\n")
    write("b.yaml", "extends: root/a.yaml\n\nprogramme:\n  new_schools:\n    max: 6\n"
          "services:\n  primary: {class_size: 40}\n")  # fmt: skip
    origins = load_scenario("b.yaml", sets=["solving.threads=1"], data=Path("d")).origins
    expected = {
        "name": "root/a.yaml:1",
        "title.zh": "root/a.yaml:2",
        "programme.new_schools.min": "root/a.yaml:5",
        "programme.new_schools.max": "b.yaml:5",
        "programme.land_m2.max": "root/a.yaml:6",
        "programme.land_m2.min": "default",
        "programme.new_places.max": "default",
        "seed": "root/a.yaml:7",
        "services.primary.class_size": "b.yaml:7",
        "services.primary.grades": "default",
        "solving.threads": "--set",
        "solving.solver": "default",
        "ways.trunk_classes": "default",
        "layers": "default",
        "data": "--data",
    }
    assert {key: origins[key] for key in expected} == expected


def test_data_lies_beside_the_root_of_the_chain_by_default(tmp_path):
    write("one/configs/root.yaml", HEAD)
    write("two/deep/child.yaml", "extends: ../../one/configs/root.yaml\n")
    result = load_scenario("two/deep/child.yaml")
    assert result.scenario.data == str(tmp_path / "one" / "geodata")
    assert result.origins["data"] == "default"


def test_data_is_relative_to_the_file_that_states_it(tmp_path):
    write("one/root.yaml", HEAD)
    write("two/middle.yaml", "extends: ../one/root.yaml\ndata: layers\n")
    write("child.yaml", "extends: two/middle.yaml\n")
    result = load_scenario("child.yaml")
    assert result.scenario.data == str(tmp_path / "two" / "layers")
    assert result.origins["data"] == "two/middle.yaml:2"


def test_data_of_the_command_line_is_relative_to_here(tmp_path):
    write("one/root.yaml", HEAD + "data: stated\nlayers: {sites: {file: own.gpkg}}\n")
    replaced = load_scenario("one/root.yaml", data=Path("mine"))
    assert replaced.scenario.data == str(tmp_path / "mine")
    assert replaced.scenario.layers["sites"].file == str(tmp_path / "one" / "own.gpkg")
    set_ = load_scenario("one/root.yaml", sets=["data=mine", "layers.schools.file=s.csv"])
    assert set_.scenario.data == str(tmp_path / "mine")
    assert set_.scenario.layers["schools"].file == str(tmp_path / "s.csv")
    assert set_.origins["layers.schools.file"] == "--set"


def test_layer_files_are_relative_to_the_file_that_states_them(tmp_path):
    write(
        "one/root.yaml",
        HEAD + "layers:\n  sites: {file: a.gpkg, layer: s}\n  streets: {crs: EPSG:4490}\n",
    )
    write("child.yaml", "extends: one/root.yaml\nlayers:\n  sites: {columns: {id: ID}}\n"
          "  schools: {file: /abs/b.shp, datum: gcj02}\n  streets: null\n")  # fmt: skip
    layers = load_scenario("child.yaml").scenario.layers
    assert sorted(layers) == ["schools", "sites"]
    assert layers["sites"].file == str(tmp_path / "one" / "a.gpkg")
    assert (layers["sites"].layer, layers["sites"].columns) == ("s", {"id": "ID"})
    assert layers["schools"].file == "/abs/b.shp"


def test_byte_order_mark_and_windows_lines():
    Path("s.yaml").write_bytes(b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode())
    assert load_scenario("s.yaml").origins["design_year"] == "s.yaml:3"


def test_scalar_total_in_a_child_replaces_a_range():
    write("a.yaml", HEAD + "programme: {new_classes: {min: 10, max: 20}}\n")
    write("b.yaml", "extends: a.yaml\nprogramme: {new_classes: 12}\n")
    assert load_scenario("b.yaml").scenario.programme.new_classes == Range(min=12, max=12)


def test_the_mission_in_numbers():
    result = load_scenario(CONFIGS / "etdz-2017.yaml")
    programme, boundaries = result.scenario.programme, result.scenario.boundaries
    totals = (programme.new_schools, programme.expanded_schools, programme.new_classes)
    assert totals == (Range(min=4, max=4), Range(min=1, max=1), Range(min=147, max=147))
    assert programme.new_places == Range(min=6960, max=6960)
    assert programme.land_m2 == Range(max=145_000)
    assert programme.cost_yuan == Range(max=1.1e9)
    assert (boundaries.subdistricts, boundaries.band, boundaries.parent_rule) == (4, 0.25, True)
    assert result.scenario.design_year == 2020
    assert result.scenario.crs == "EPSG:4551"
    assert result.scenario.data == str(CONFIGS.parent / "geodata")


def test_a_kindergarten_is_an_entry():
    scenario = load_scenario(CONFIGS / "examples" / "kindergarten.yaml").scenario
    assert list(scenario.services) == ["kindergarten"]
    assert list(scenario.school_types) == ["kindergarten"]
    service = scenario.services["kindergarten"]
    assert (service.grades, service.class_size) == (3, 30)
    assert service.pupils_per_1000 is not None
    assert scenario.programme.new_schools == Range(min=3, max=3)
    assert scenario.data == str(CONFIGS.parent / "geodata")
