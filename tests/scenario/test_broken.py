"""Broken scenarios: every problem at its place, with the nearest known key."""

from __future__ import annotations

import pytest

from planner.errors import ExitCode, ScenarioError, UsageError
from planner.scenario.loading import load_scenario

HEAD = "name: x\ntitle: {zh: 甲, en: A}\ndesign_year: 2020\n"


def complaints(folder, text, **options):
    """What loading `text` as ``s.yaml`` complains about."""
    (folder / "s.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ScenarioError) as caught:
        load_scenario("s.yaml", **options)
    assert caught.value.exit_code == ExitCode.SCENARIO
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


# The body begins in line 4, after HEAD.
BROKEN = {
    "unknown key": (
        "programm:\n  new_schools: 4\n",
        "s.yaml:4:1: programm: unknown key — nearest known key 'programme'",
    ),
    "unknown key below": (
        "programme:\n  new_scools: 4\n",
        "s.yaml:5:3: programme.new_scools: unknown key — nearest known key 'new_schools'",
    ),
    "misspelt extends": (
        "extend: a.yaml\n",
        "s.yaml:4:1: extend: unknown key — nearest known key 'extends'",
    ),
    "key at the wrong place": (
        "band: 0.1\n",
        "s.yaml:4:1: band: unknown key — nearest known key 'boundaries.band'",
    ),
    "key like nothing known": (
        "expansion: {qqq: 1}\n",
        "s.yaml:4:13: expansion.qqq: unknown key — known keys are min, max",
    ),
    "unknown key of a total": (
        "programme:\n  land_m2: {maximum: 9}\n",
        "s.yaml:5:13: programme.land_m2.maximum: unknown key — nearest known key 'max'",
    ),
    "unknown key of a service": (
        "services:\n  primary:\n    radius: 500\n",
        "s.yaml:6:5: services.primary.radius: unknown key — nearest known key 'radius_m'",
    ),
    "unknown key of a school type": (
        "school_types:\n  junior: {equals: true}\n",
        "s.yaml:5:12: school_types.junior.equals: unknown key — nearest known key 'equal'",
    ),
    "unknown key of parallels": (
        "school_types:\n  junior:\n    parallels:\n      junior: {maxi: 3}\n",
        (
            "s.yaml:7:16: school_types.junior.parallels.junior.maxi: unknown key"
            " — nearest known key 'max'"
        ),
    ),
    "unknown layer": (
        "layers:\n  compound: {file: a.gpkg}\n",
        "s.yaml:5:3: layers.compound: unknown key — nearest known key 'compounds'",
    ),
    "unknown key of a layer": (
        "layers:\n  sites:\n    files: a.gpkg\n",
        "s.yaml:6:5: layers.sites.files: unknown key — nearest known key 'file'",
    ),
    "merge key": (
        "<<: {seed: 1}\n",
        (
            "s.yaml:4:1: <<: unknown key — known keys are name, title, data, crs, seed,"
            " design_year, layers, outside, services, school_types, expansion, programme, ranking,"
            " boundaries, locks, rules, ways, privacy, solving, solve, joint, extends, scenarios"
        ),
    ),
    "text for a number": (
        'boundaries:\n  band: "0.25"\n',
        "s.yaml:5:9: boundaries.band: must be a number, not the text '0.25'",
    ),
    "text for a total": (
        "programme:\n  new_schools: four\n",
        (
            "s.yaml:5:16: programme.new_schools: must be a number or a mapping of min and max,"
            " not the text 'four'"
        ),
    ),
    "truth for a total": (
        "programme: {new_schools: true}\n",
        (
            "s.yaml:4:26: programme.new_schools: must be a number or a mapping of min and max,"
            " not true"
        ),
    ),
    "truth for a number": (
        "boundaries: {band: true}\n",
        "s.yaml:4:20: boundaries.band: must be a number, not true",
    ),
    "truth for a whole number": (
        "seed: false\n",
        "s.yaml:4:7: seed: must be a whole number, not false",
    ),
    "number for truth": (
        "boundaries: {parent_rule: 1}\n",
        "s.yaml:4:27: boundaries.parent_rule: must be true or false, not the number 1",
    ),
    "YAML 1.1 truth": (
        "boundaries: {parent_rule: yes}\n",
        "s.yaml:4:27: boundaries.parent_rule: must be true or false, not the text 'yes'",
    ),
    "fraction for a whole number": (
        "solving: {threads: 1.5}\n",
        "s.yaml:4:20: solving.threads: must be a whole number, not the number 1.5",
    ),
    "half a school": (
        "programme: {new_schools: 3.5}\n",
        "s.yaml:4:26: programme.new_schools: must be a whole number, not 3.5",
    ),
    "number for text": (
        "data: 2017\n",
        "s.yaml:4:7: data: must be text, not the number 2017 — put it in quotes",
    ),
    "number in a list of texts": (
        "ways:\n  trunk_classes:\n    - trunk\n    - 4\n",
        "s.yaml:7:7: ways.trunk_classes.1: must be text, not the number 4 — put it in quotes",
    ),
    "text for a list": (
        "ways: {trunk_classes: trunk}\n",
        "s.yaml:4:23: ways.trunk_classes: must be a list, not the text 'trunk'",
    ),
    "list for a mapping": (
        "programme:\n  - new_schools\n",
        "s.yaml:4:1: programme: must be a mapping, not a list",
    ),
    "mapping for a number": (
        "seed:\n  is: 3\n",
        "s.yaml:4:1: seed: must be a whole number, not a mapping",
    ),
    "null for a mapping": ("solving:\n", "s.yaml:4:1: solving: must be a mapping, not null"),
    "empty text": ("data: ''\n", "s.yaml:4:7: data: must not be empty"),
    "not finite": (
        "ranking: {way: .inf}\n",
        "s.yaml:4:16: ranking.way: must be a finite number, not the number inf",
    ),
    "too small": ("seed: -1\n", "s.yaml:4:7: seed: must be at least 0, not the number -1"),
    "not above zero": (
        "boundaries: {band: 0}\n",
        "s.yaml:4:20: boundaries.band: must be greater than 0, not the number 0",
    ),
    "a percentage for a fraction": (
        "boundaries: {band: 25}\n",
        "s.yaml:4:20: boundaries.band: must be at most 1, not the number 25",
    ),
    "negative total": (
        "programme: {cost_yuan: -1}\n",
        "s.yaml:4:24: programme.cost_yuan: must be at least 0, not the number -1",
    ),
    "wrong choice": (
        "solving: {solver: hihgs}\n",
        (
            "s.yaml:4:19: solving.solver: must be one of highs, cbc, scip, gurobi, cplex, "
            "not the text 'hihgs' — nearest known value 'highs'"
        ),
    ),
    "wrong datum": (
        "layers: {sites: {datum: GCJ-02}}\n",
        (
            "s.yaml:4:25: layers.sites.datum: must be one of wgs84, gcj02, bd09,"
            " not the text 'GCJ-02'"
            " — nearest known value 'gcj02'"
        ),
    ),
    "crs that is none": (
        "crs: EPSG:455100\n",
        "s.yaml:4:6: crs: is no coordinate reference system (write it like EPSG:4551)",
    ),
    "crs in degrees": (
        "crs: EPSG:4490\n",
        "s.yaml:4:6: crs: is not a projected system in metres (write it like EPSG:4551)",
    ),
    "min above max in a programme": (
        "programme:\n  new_schools:\n    min: 5\n    max: 3\n",
        "s.yaml:5:3: programme.new_schools: min 5 is larger than max 3",
    ),
    "min above the default max": (
        "expansion: {min: 7}\n",
        "s.yaml:4:1: expansion: min 7 is larger than max 4",
    ),
    "min above max in a band": (
        "boundaries:\n  grid_households: {min: 501}\n",
        "s.yaml:5:3: boundaries.grid_households: min 501 is larger than max 500",
    ),
    "equal parallels that never are": (
        (
            "school_types:\n  nine_year:\n    parallels: {primary: {min: 2, max: 3},"
            " junior: {min: 4, max: 6}}\n"
        ),
        (
            "s.yaml:5:3: school_types.nine_year: asks for equal parallel classes,"
            " but its ranges share no number"
        ),
    ),
    "type for no service": (
        (
            "school_types:\n  middle:\n    name: {zh: 乙, en: B}\n    parallels:\n"
            "      junor: {max: 4}\n"
        ),
        (
            "s.yaml:8:7: school_types.middle.parallels.junor: there is no service 'junor'"
            " — nearest service 'junior'"
        ),
    ),
    "nothing to take away": (
        "services:\n  primry: null\n",
        (
            "s.yaml:5:3: services.primry: there is nothing of that name to take away"
            " — nearest known key 'primary'"
        ),
    ),
    "entry without what it needs": (
        (
            "services:\n  clinic: {name: {zh: 诊所, en: Clinic, fr: Clinique}, class_size: '4'}\n"
            "school_types:\n  clinic: {parallels: {clinic: {max: 1}}}\n"
        ),
        "s.yaml:5:39: services.clinic.name.fr: unknown key — known keys are zh, en",
        "s.yaml:5:66: services.clinic.class_size: must be a whole number, not the text '4'",
        "s.yaml:7:3: school_types.clinic.name: is missing",
    ),
    "reserved service": (
        "services: {total: {name: {zh: 丙, en: C}}}\n",
        "s.yaml:4:12: services.total: is reserved: call the service something else",
    ),
    "service that is no name": (
        "services: {day-care: {name: {zh: 丙, en: C}}}\n",
        (
            "s.yaml:4:12: services.day-care: must be letters, digits and underscores,"
            " a letter first, not the text 'day-care'"
        ),
    ),
    "stated twice": (
        "seed: 1\nprogramme: {new_schools: 1}\nseed: 2\n",
        "s.yaml:6:1: seed: is stated twice, first at s.yaml:4:1",
    ),
    "stated twice below": (
        "programme: {new_schools: 1, new_schools: 2}\n",
        "s.yaml:4:29: programme.new_schools: is stated twice, first at s.yaml:4:13",
    ),
    "key that is a number": (
        "services: {1: {class_size: 3}}\n",
        "s.yaml:4:12: services: the key 1 must be text: put it in quotes",
    ),
    "alias to itself": (
        "layers: &a\n  sites: *a\n",
        "s.yaml:4:9: layers.sites: an alias must not lead back to itself",
    ),
    "name on two lines": (
        'services: {primary: {name: {zh: "a\\nb"}}}\n',
        "s.yaml:4:33: services.primary.name.zh: must be on one line",
    ),
    "tag": (
        "seed: !random 3\n",
        "s.yaml:4:7: seed: the tag !random has no meaning in a scenario",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_each_problem_is_named_at_its_place(case, tmp_path):
    body, *expected = BROKEN[case]
    assert complaints(tmp_path, HEAD + body) == expected


def test_all_problems_are_told_at_once_in_reading_order(tmp_path):
    text = (
        "title: {zh: 甲}\nseed: x\nservices:\n  primary: {grades: 0}\nschool_types:\n"
        "  primary:\n    parallels: {primry: {max: 2}}\nprogramme: {land_m2: {min: 2, max: 1}}\n"
    )
    assert complaints(tmp_path, text, sets=["solving.threds=1"]) == [
        "--set solving.threds=1: solving.threds: unknown key — nearest known key 'threads'",
        "s.yaml:1:1: design_year: is missing",
        "s.yaml:1:1: name: is missing",
        "s.yaml:1:1: title.en: is missing",
        "s.yaml:2:7: seed: must be a whole number, not the text 'x'",
        "s.yaml:4:21: services.primary.grades: must be at least 1, not the number 0",
        (
            "s.yaml:7:17: school_types.primary.parallels.primry: there is no service 'primry'"
            " — nearest service 'primary'"
        ),
        "s.yaml:8:13: programme.land_m2: min 2 is larger than max 1",
    ]


def test_a_name_fit_for_a_folder(tmp_path):
    assert complaints(tmp_path, HEAD.replace("name: x", "name: a/b"))[0].startswith(
        "s.yaml:1:7: name: "
    )


@pytest.mark.parametrize("year", [20, 20200])
def test_a_design_year_is_a_year(year, tmp_path):
    (complaint,) = complaints(tmp_path, HEAD.replace("2020", str(year)))
    assert complaint.startswith("s.yaml:3:14: design_year: must be at ")


def test_service_taken_away_but_still_offered(tmp_path):
    found = complaints(tmp_path, HEAD + "services:\n  junior: null\n")
    assert [text.split(" — ")[0] for text in found] == [
        "s.yaml:5:3: school_types.junior.parallels.junior: there is no service 'junior'",
        "s.yaml:5:3: school_types.nine_year.parallels.junior: there is no service 'junior'",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "s.yaml:1:1: the file is empty"),
        ("# only a comment\n", "s.yaml:1:1: the file is empty"),
        ("- a\n- b\n", "s.yaml:1:1: a scenario is a mapping of keys and values, not a list"),
        ("hello\n", "s.yaml:1:1: a scenario is a mapping of keys and values, not the text"),
        ("name: x\nlist: [1, 2\n", "s.yaml:3:1: not readable as YAML: "),
        ("name: x\n\tseed: 1\n", "s.yaml:2:1: not readable as YAML: "),
        ("name: x: y\n", "s.yaml:1:8: not readable as YAML: mapping values are not allowed here"),
        ("name: *who\n", "s.yaml:1:7: not readable as YAML: found undefined alias 'who'"),
        ("name: x\n---\nname: y\n", "s.yaml:2:1: not readable as YAML: "),
        ("name: x\nseed: \x01\n", "s.yaml:2:7: not readable as YAML: a control character"),
        (b"name: x\ntitle: \xd6\xd0\n", "s.yaml:2:8: is not UTF-8 text"),
    ],
)
def test_files_that_hold_no_scenario(text, expected, tmp_path):
    (complaint,) = complaints(tmp_path, text)
    assert complaint.startswith(expected)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(ScenarioError, match=r"^nowhere\.yaml: no such file$"):
        load_scenario("nowhere.yaml")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ScenarioError, match=r"^folder: cannot be read: is a directory$"):
        load_scenario("folder")


def test_missing_extended_file_names_the_nearest(tmp_path):
    (tmp_path / "base.yaml").write_text(HEAD)
    assert complaints(tmp_path, "seed: 1\nextends: bsae.yaml\n") == [
        "s.yaml:2:10: extends: no such file: bsae.yaml — nearest file 'base.yaml'"
    ]


def test_extends_in_a_circle(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.yaml").write_text("\nextends: ../s.yaml\n")
    assert complaints(tmp_path, "extends: sub/a.yaml\n") == [
        "sub/a.yaml:2:10: extends: goes round in a circle: ../s.yaml extends this file"
    ]
    assert "extends: goes round" in complaints(tmp_path, "extends: s.yaml\n")[0]


def test_extends_is_one_path(tmp_path):
    assert complaints(tmp_path, "extends: [a.yaml]\n") == [
        "s.yaml:1:1: extends: must be the path of one scenario, not a list"
    ]


def test_problem_in_an_extended_file_is_placed_there(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "b.yaml").write_text(HEAD + "sed: 1\n")
    assert complaints(tmp_path, "extends: base/b.yaml\nseed: '2'\n") == [
        "base/b.yaml:4:1: sed: unknown key — nearest known key 'seed'",
        "s.yaml:2:7: seed: must be a whole number, not the text '2'",
    ]


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("ranking.wey=3", "ranking.wey: unknown key — nearest known key 'way'"),
        ("programe.new_schools=3", "programe: unknown key — nearest known key 'programme'"),
        ("seed='4'", "seed: must be a whole number, not the text '4'"),
        ("seed.deep=4", "seed: must be a whole number, not a mapping"),
        ("seed=", "seed: must be a whole number, not null"),
        ("seed=[3", ("not readable as YAML: while parsing a flow sequence, expected ',' or ']',"
         " but got '<stream end>'")),
        ("solving={threads: 0}", "solving.threads: must be at least 1, not the number 0"),
        ("expansion.max=0", "expansion: min 1 is larger than max 0"),
        ("services.junor.grades=4", "services.junor.name: is missing"),
        ("extends=other.yaml", "extends: can only be stated in a scenario file"),
    ],
)  # fmt: skip
def test_settings_are_checked_by_the_same_rules(setting, complaint, tmp_path):
    assert complaints(tmp_path, HEAD, sets=[setting]) == [f"--set {setting}: {complaint}"]


@pytest.mark.parametrize("setting", ["seed", "=4", "a..b=3", ""])
def test_setting_that_is_no_assignment_is_a_usage_error(setting, tmp_path):
    (tmp_path / "s.yaml").write_text(HEAD)
    with pytest.raises(UsageError, match="must be key=value"):
        load_scenario("s.yaml", sets=[setting])


def test_data_given_twice_is_a_usage_error(tmp_path):
    (tmp_path / "s.yaml").write_text(HEAD)
    with pytest.raises(UsageError, match="both name the data folder"):
        load_scenario("s.yaml", sets=["data=a"], data=tmp_path)
