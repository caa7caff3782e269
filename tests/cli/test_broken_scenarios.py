"""Scenarios and settings that are wrong: exit code, place, key, and the nearest known one."""

from __future__ import annotations

import pytest

from tests.cli.calling import call, write_request


def stated(**entries):
    def write(folder):
        return write_request(folder, **entries)

    return write


def text(content):
    def write(folder):
        path = write_request(folder)
        path.write_text(content, encoding="utf-8")
        return path

    return write


CASES = {
    "an unknown key": (stated(boundaries={"bnd": 0.2}), ["tiny.yaml:", "boundaries.bnd", "'band'"]),
    "a wrong type": (stated(design_year="soon"), ["tiny.yaml:", "design_year", "soon"]),
    "a range upside down": (
        stated(programme={"new_schools": {"min": 3, "max": 1}}), ["programme.new_schools"]),
    "a number out of its bounds": (stated(boundaries={"band": 1.5}), ["boundaries.band", "1.5"]),
    "a geographic CRS to measure in": (stated(crs="EPSG:4326"), ["crs", "projected"]),
    "a layer nobody knows": (stated(layers={"roads": {}}), ["layers", "roads"]),
    "a school type for no service": (
        stated(services={"junior": None}), ["school_types", "there is no service 'junior'"]),
    "a base that is not there": (stated(extends="base.yaml"), ["base.yaml"]),
    "no YAML": (text("name: [tiny"), ["tiny.yaml:"]),
    "required keys missing": (text("name: tiny\n"), ["title", "design_year"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("verb", ["run", "check"])
def test_a_wrong_scenario_is_told_at_its_place(case, verb, tmp_path):
    write, words = CASES[case]
    answer = call(verb, write(tmp_path), "--json")
    assert answer.code == 3, answer.err
    assert answer.data["status"] == "INVALID_SCENARIO"
    for word in words:
        assert word in answer.err, answer.err


@pytest.mark.parametrize(
    ("setting", "code", "word"),
    [
        ("boundaries.bnd=0.2", 3, "'band'"),
        ("boundaries.band=wide", 3, "must be a number"),
        ("solving.threads=0", 3, "solving.threads"),
        ("programme.new_schools={min: 3, max: 1}", 3, "programme.new_schools"),
        ("boundaries.band", 2, "key=value"),
    ],
)
def test_settings_are_held_to_the_same_rules(setting, code, word, tmp_path):
    answer = call("run", write_request(tmp_path), "--set", setting, "--json")
    assert answer.code == code
    assert answer.data["exit_code"] == code
    assert word in answer.err


def test_a_scenario_that_is_not_there(tmp_path):
    answer = call("run", tmp_path / "none.yaml", "--json")
    assert answer.code == 3
    assert "none.yaml" in answer.err


@pytest.mark.parametrize("words", [["--nonsense"], ["run"], ["rum", "x"], ["check", "a", "b"], []])
def test_a_wrong_command_line_is_a_usage_error(words):
    answer = call(*words)
    assert answer.code == 2
    assert answer.out == "" or not words  # without words the help is given
    assert words == [] or "Usage" in answer.err
