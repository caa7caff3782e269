"""Every command of the walkthrough, in its order, on a small town with its files and columns."""

from __future__ import annotations

import re
import shlex
import shutil

import geopandas as gpd
import pandas as pd
import pytest

from tests.cli.calling import ROOT, call
from tests.towns import CRS, write_town

TEXT = (ROOT / "docs" / "walkthrough.md").read_text(encoding="utf-8")
FILES = {
    "compounds": "xiaoqu", "schools": "xuexiao", "sites": "dikuai", "communities": "shequ",
    "subdistricts": "jiedao", "seats": "banshichu", "streets": "daolu",
}  # fmt: skip
SITES = {"t1": "D1", "t2": "D2", "t3": "D3"}


def write_survey(folder):
    """The town as a bureau has it: shapefiles with the columns of the walkthrough."""
    (scenario,) = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)
    write_town(folder / "town", n=4, m=4)
    (folder / "survey").mkdir()
    for layer, name in FILES.items():
        mapping = re.search(rf"  {layer}:\n    file: survey/{name}.shp\n    columns: {{(.*?)}}",
                            scenario, flags=re.DOTALL)  # fmt: skip
        pairs = dict(re.findall(r"(\w+): (\w+)", mapping[1]))
        frame = gpd.read_file(folder / "town" / f"{layer}.geojson").to_crs(CRS)
        told = set(re.findall(r"`(\w+)`", TEXT.split(f"| `{name}.shp` |")[1].split("\n")[0]))
        assert told == set(pairs.values()), f"the table tells the columns of {name}"
        if layer == "sites":
            frame["id"] = frame["id"].map(SITES)
        columns = {their: frame[our] for our, their in pairs.items()}
        survey = gpd.GeoDataFrame(pd.DataFrame(columns), geometry=frame.geometry, crs=CRS)
        survey.to_file(folder / "survey" / f"{name}.shp", encoding="utf-8")
    (folder / "zone.yaml").write_text(scenario, encoding="utf-8")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_command_of_the_walkthrough_works(tmp_path, monkeypatch):
    write_survey(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANNER_CHROMIUM", "none")  # the pages' PDFs have tests of their own
    commands = [
        line
        for block in re.findall(r"```sh\n(.*?)```", TEXT, flags=re.DOTALL)
        for line in block.splitlines()
    ]
    assert len(commands) == 10
    for line in commands:
        program, *words = shlex.split(line)
        if program == "cp":
            shutil.copy(*words)
            continue
        assert program == "planner"
        answer = call(*words)
        assert answer.code == 0, f"{line}\n{answer.err}"
    assert (tmp_path / "comparison.html").is_file()
    files = {path.name for path in (tmp_path / "hearing").iterdir()}
    told = set(re.findall(r"`([\w.-]+\.(?:html|xlsx|gpkg))`", TEXT.split("## 7.")[1]))
    assert told == {name for name in files if not name.endswith(".pdf")}
    notice = (tmp_path / "hearing" / "notice-subdistricts.zh.html").read_text(encoding="utf-8")
    assert "东至" in notice
