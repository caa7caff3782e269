"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ScenarioPath = Annotated[
    Path, typer.Argument(metavar="SCENARIO", help="Scenario file (YAML).", show_default=False)
]
RunPath = Annotated[
    Path, typer.Argument(metavar="RUN_DIR", help="Folder of a run.", show_default=False)
]
Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Folder of the layers, in place of `data`.",
                 show_default=False),
]  # fmt: skip
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", show_default=False,
                 help="Set a value, e.g. boundaries.band=0.1; lists also key+=v, key-=v."),
]  # fmt: skip
Alternatives = Annotated[
    list[str] | None,
    typer.Option("--scenario", metavar="NAME[,NAME]", show_default=False,
                 help="Named alternatives of the file, laid over it in the order given."),
]  # fmt: skip
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Tell people nothing but errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Tell every step; trace bugs.")]
