"""Named alternatives, lists changed on the command line, values typed by the schema, origins."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.errors import ScenarioError, UsageError
from planner.scenario.loading import LoadedScenario, load_scenario

HEAD = "name: x\ntitle: {zh: 甲, en: A}\ndesign_year: 2020\n"
NAMED = """\
programme: {new_schools: 4}
scenarios:
  low-births:
    services: {primary: {demand_factor: 0.8}}
    seed: 1
  no-site-7:
    locks: {sites: {P07: closed}}
    seed: 2
  open:
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def loaded(*names: str, sets: tuple[str, ...] = (), body: str = NAMED) -> LoadedScenario:
    Path("s.yaml").write_text(HEAD + body, encoding="utf-8")
    return load_scenario("s.yaml", alternatives=names, sets=sets)


def complaint(*names: str, sets: tuple[str, ...] = (), body: str = NAMED) -> str:
    with pytest.raises(ScenarioError) as caught:
        loaded(*names, sets=sets, body=body)
    return str(caught.value)


def test_without_a_name_no_alternative_counts() -> None:
    assert loaded().scenario.seed == 0
    assert loaded().scenario.services["primary"].demand_factor == 1


def test_alternatives_combine_in_the_order_given() -> None:
    both = loaded("low-births,no-site-7")
    assert both.scenario.seed == 2
    assert both.scenario.services["primary"].demand_factor == 0.8
    assert both.scenario.locks.sites == {"P07": "closed"}
    assert loaded("no-site-7", "low-births").scenario.seed == 1
    assert both.alternatives == ("low-births", "no-site-7")


def test_a_run_is_called_after_its_alternatives_unless_they_name_it() -> None:
    assert loaded("low-births", "open").scenario.name == "x-low-births-open"
    named = HEAD + "scenarios: {a: {name: own}}\n"
    Path("n.yaml").write_text(named, encoding="utf-8")
    assert load_scenario("n.yaml", alternatives=["a"]).scenario.name == "own"


def test_the_command_line_outweighs_alternatives_and_they_the_file() -> None:
    found = loaded("low-births", sets=("seed=9",))
    assert found.scenario.seed == 9
    assert found.origins["seed"] == "--set"
    assert found.places["seed"] == "--set seed=9"
    assert found.origins["services.primary.demand_factor"] == "s.yaml:7"
    assert found.origins["programme.new_schools.min"] == "s.yaml:4"
    assert found.origins["boundaries.band"] == "default"


def test_alternatives_are_inherited_and_refined() -> None:
    Path("base.yaml").write_text(HEAD + NAMED, encoding="utf-8")
    Path("child.yaml").write_text(
        "extends: base.yaml\nscenarios: {low-births: {seed: 5}, own: {seed: 6}}\n", encoding="utf-8"
    )
    found = load_scenario("child.yaml", alternatives=["low-births"]).scenario
    assert (found.seed, found.services["primary"].demand_factor) == (5, 0.8)
    assert load_scenario("child.yaml", alternatives=["own"]).scenario.seed == 6


def test_paths_in_an_alternative_are_relative_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    text = HEAD + "scenarios: {other: {data: elsewhere}}\n"
    (tmp_path / "sub" / "s.yaml").write_text(text, encoding="utf-8")
    found = load_scenario("sub/s.yaml", alternatives=["other"]).scenario
    assert found.data == str(tmp_path / "sub" / "elsewhere")


@pytest.mark.parametrize(
    ("text", "trunks"),
    [
        ("ways.trunk_classes+=primary", ("trunk", "primary")),
        ("ways.trunk_classes+=[a, b]", ("trunk", "a", "b")),
        ("ways.trunk_classes+=trunk", ("trunk",)),
        ("ways.trunk_classes+=12", ("trunk", "12")),
        ("ways.trunk_classes-=trunk", ()),
    ],
)
def test_lists_are_appended_to_and_taken_from(text: str, trunks: tuple[str, ...]) -> None:
    assert loaded(sets=(text,)).scenario.ways.trunk_classes == trunks


def test_lists_of_lists_take_one_list_as_one_item() -> None:
    sets = ("locks.together+=[a, 07]", "locks.together+=[[c, d], [e]]", "locks.together-=[c, d]")
    assert loaded(sets=sets).scenario.locks.together == (("a", "07"), ("e",))


def test_values_are_text_where_the_schema_wants_text() -> None:
    sets = ("name=2017", "locks.fixed.subdistricts.K01=0220", "layers.sites.layer=true")
    found = loaded(sets=sets).scenario
    assert found.name == "2017"
    assert found.locks.fixed.subdistricts == {"K01": "0220"}
    assert found.layers["sites"].layer == "true"


WRONG_VALUES = {
    "boundaries.band=wide": "--set boundaries.band=wide: boundaries.band: must be a number",
    "boundaries.subdistricts=3.5": "must be a whole number",
    "boundaries.bnd=0.1": "boundaries.bnd: unknown key — nearest known key 'band'",
    "programme.new_scools=3": "nearest known key 'new_schools'",
    "solving.solver=hihgs": "nearest known value 'highs'",
    "seed+=1": "seed: is no list: += changes lists",
    "ways.trunk_clases+=a": "ways.trunk_clases: unknown key — nearest known key 'trunk_classes'",
    "ways.trunk_classes-=trunc": "nearest entry 'trunk'",
    "locks.sites.P07=shut": "must be one of open, closed, not the text 'shut'",
    "scenarios.a=1": "scenarios: can only be stated in a scenario file",
    "seed=[": "not readable as YAML",
}


@pytest.mark.parametrize("text", WRONG_VALUES)
def test_wrong_overrides_name_the_flag_and_the_nearest(text: str) -> None:
    told = complaint(sets=(text,))
    assert told.startswith(f"--set {text}: ")
    assert WRONG_VALUES[text] in told


WRONG_FILES = {
    "scenarios: [a]\n": "s.yaml:4:1: scenarios: must be a mapping of names, not a list",
    "scenarios:\n  a: 3\n": "s.yaml:5:6: scenarios.a: must be a mapping of a scenario's keys",
    "scenarios:\n  a:\n    extends: b.yaml\n": "s.yaml:6:5: scenarios.a.extends: cannot stand",
    "scenarios:\n  a:\n    sed: 1\n": "s.yaml:6:5: scenarios.a.sed: unknown key — nearest known",
    "scenarios:\n  'a,b': {seed: 1}\n": "s.yaml:5:3: scenarios.a,b: a name must not hold a comma",
    "locks:\n  sites: [P07]\n": "s.yaml:5:3: locks.sites: must be a mapping, not a list",
    "locks:\n  sites: {P07: shut}\n": "s.yaml:5:16: locks.sites.P07: must be one of open, closed",
    "locks:\n  fixed: {school: {}}\n": "s.yaml:5:11: locks.fixed.school: unknown key — nearest",
    "locks:\n  together: [[]]\n": "s.yaml:5:14: locks.together.0: must not be empty",
    "locks:\n  together: [[1, 2]]\n": "s.yaml:5:15: locks.together.0.0: must be text",
}


@pytest.mark.parametrize("body", WRONG_FILES)
def test_wrong_files_are_told_at_their_place(body: str) -> None:
    assert WRONG_FILES[body] in complaint(body=body)


def test_a_wrong_value_in_a_chosen_alternative_is_told_at_its_place() -> None:
    body = "scenarios:\n  a:\n    boundaries: {band: wide}\n"
    assert loaded(body=body).scenario.seed == 0
    told = complaint("a", body=body)
    assert told == "s.yaml:6:24: boundaries.band: must be a number, not the text 'wide'"


def test_unknown_alternatives_are_refused_with_the_nearest() -> None:
    assert complaint("low-birth") == (
        "--scenario low-birth: scenarios: there is no alternative 'low-birth' in s.yaml — "
        "nearest alternative 'low-births'"
    )
    assert "it has low-births, no-site-7, open" in complaint("q")


@pytest.mark.parametrize("names", [("low-births,",), ("open", "open")])
def test_names_that_say_nothing_are_usage_errors(names: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        loaded(*names)
