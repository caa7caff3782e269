"""The README says what is so: commands, options, codes, layers, files, and its examples."""

from __future__ import annotations

import re
import subprocess

import typer.main

from planner.cli.commands import app
from planner.errors import ExitCode
from planner.scenario.loading import load_scenario
from planner.store.run_folder import FILES, LAYERS, RECORD
from planner.territory.contract import CONTRACT
from tests.cli.calling import ROOT, call

README = (ROOT / "README.md").read_text(encoding="utf-8")
VERBS = typer.main.get_command(app).commands
SETUP = "python3 -m venv .venv && .venv/bin/pip install -e "


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def table(first_column):
    """Rows of the table that starts with this heading."""
    text = README.split(f"\n| {first_column} |", 1)[1].split("\n\n", 1)[0]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in text.splitlines()[2:]]  # fmt: skip
    assert rows
    return rows


def test_the_two_commands_set_everything_up():
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    assert f"{SETUP}. && .venv/bin/planner run configs/etdz-2017.yaml" in commands
    assert f"{SETUP}'.[test]' && .venv/bin/pytest" in commands


def test_the_tests_of_ci_are_the_readmes():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    line = next(line for line in script.splitlines() if line.startswith("command="))
    done = subprocess.run(["bash", "-c", f'{line}; echo "$command"'], cwd=ROOT, check=True,
                          capture_output=True, text=True)  # fmt: skip
    assert done.stdout.strip() == f"{SETUP}'.[test]' && .venv/bin/pytest"
    assert "export CI=1" in script


def test_every_command_and_option_exists_and_is_told():
    told = {}
    for line in (line for block in blocks("sh") for line in block.splitlines()):
        found = re.match(r"(?:.*\.venv/bin/)?planner (\w+)(.*)", line)
        if found:
            options = re.findall(r"--[a-z-]+", found[2].split("#")[0])
            told.setdefault(found[1], set()).update(options)
    assert set(told) == set(VERBS)
    for verb, options in told.items():
        known = {name for option in VERBS[verb].params for name in option.opts}
        assert options <= known
        assert known & {"--data", "--out", "--set", "--json"} <= options


def test_the_exit_codes_are_these():
    assert [int(row[0]) for row in table("code")] == [int(code) for code in ExitCode]


def test_the_layers_are_those_of_the_contract():
    rows = {row[0].strip("*"): row for row in table("layer")}
    assert list(rows) == list(CONTRACT)
    for name, layer in CONTRACT.items():
        title, _, columns = rows[name]
        assert title.startswith("**") == layer.required
        for column in layer.columns:
            if column.name in {"status", "source"}:
                continue
            assert column.name in columns
            assert (f"**{column.name}**" in columns) == column.required


def test_the_files_of_a_run_are_these():
    told = {name.rstrip("/") for row in table("file") for name in re.findall(r"`(.+?)`", row[0])}
    assert told == {*FILES, LAYERS, RECORD}


def test_the_examples_are_valid(tmp_path):
    what_if, locked, own_data = blocks("yaml")
    base = (ROOT / "configs" / "etdz-2017.yaml").read_text(encoding="utf-8")
    texts = {"etdz-2017": base, "what_if": what_if, "locked": locked,
             "own_data": f"extends: etdz-2017.yaml\n{own_data}"}  # fmt: skip
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    asked = load_scenario(tmp_path / "what_if.yaml").scenario
    assert asked.boundaries.subdistricts == 5
    assert asked.programme.land_m2.max == 150000
    alternatives = ("low-births", "no-p07")
    request = load_scenario(tmp_path / "locked.yaml", alternatives=alternatives).scenario
    assert request.services["primary"].demand_factor == 0.9
    assert request.locks.sites == {"P07": "closed"}
    words = ("--scenario", ",".join(alternatives), "--data", str(ROOT / "geodata"))
    assert call("check", str(tmp_path / "locked.yaml"), *words).code == 0, "its locks exist"
    own = load_scenario(tmp_path / "own_data.yaml").scenario
    assert own.layers["compounds"].columns["population"] == "RENKOU"
    assert own.layers["compounds"].file == str((tmp_path / "../survey/xiaoqu.shp").resolve())


def test_help_names_every_command():
    text = call("--help").out
    assert all(verb in text for verb in VERBS)
