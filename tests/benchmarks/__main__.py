"""``python -m tests.benchmarks KIND …``: published instances on the project's own engines."""

from __future__ import annotations

import sys
from importlib import import_module

KINDS = {
    "location": "tests.benchmarks.location_runner",
    "joint": "tests.benchmarks.joint_runner",
    "programme": "tests.benchmarks.programme_runner",
    "districting": "tests.benchmarks.districting_runner",
    "districting-city": "tests.benchmarks.districting_city",
    "districting-grids": "tests.benchmarks.districting_grids",
    "growth": "tests.benchmarks.growth",
    "hard": "tests.benchmarks.hard",
    "towns": "tests.benchmarks.towns",
    "pages": "tests.benchmarks.pages",
}


def main(arguments: list[str]) -> int:
    """Run one kind of benchmark; its own ``--help`` says what it takes."""
    if not arguments or arguments[0] not in KINDS:
        print(f"usage: python -m tests.benchmarks {{{','.join(KINDS)}}} …", file=sys.stderr)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    module = import_module(KINDS[arguments[0]])
    return int(module.main(arguments[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
