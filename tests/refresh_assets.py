"""Refreshes the vendored files of the map pages: fetched by npm, checked, and written in place.

python -m tests.refresh_assets                          # the recorded versions, checksums proven
python -m tests.refresh_assets --package leaflet=1.9.5  # another version: records its checksums
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).resolve().parents[1] / "planner" / "maps" / "assets"
RECORD = "VERSIONS.json"
TIMEOUT_S = 300
Fetch = Callable[[str, str, Path], Path]
"""Package, version and folder to the path of the package's archive."""


class AssetsError(Exception):
    """An archive or file that is not the recorded one."""


def refresh(assets: Path, versions: Mapping[str, str], fetch: Fetch) -> dict[str, Any]:
    """Write the vendored files again; returns the record as it is then written.

    A package of `versions` is taken in that version, and its checksums are recorded anew; any
    other one must be what the record says. Nothing is written unless everything is right.
    Raises AssetsError.
    """
    record = json.loads((assets / RECORD).read_text(encoding="utf-8"))
    unknown = sorted(set(versions) - set(record))
    if unknown:
        raise AssetsError(
            f"no vendored package {', '.join(unknown)}; there are {', '.join(record)}"
        )
    contents: dict[str, bytes] = {}
    for name, entry in record.items():
        version = versions.get(name, entry["version"])
        with tempfile.TemporaryDirectory() as folder:
            archive = fetch(name, version, Path(folder))
            found = _unpacked(archive, entry["files"])
            integrity = _integrity(archive)
        if version == entry["version"]:
            _require_same(name, entry, found, integrity)
        entry |= {"version": version, "integrity": integrity}
        entry["sha256"] = {file: hashlib.sha256(data).hexdigest() for file, data in found.items()}
        contents |= found
    for file, data in contents.items():
        (assets / file).write_bytes(data)
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    (assets / RECORD).write_text(text, encoding="utf-8")
    return dict(record)


def fetch_by_npm(name: str, version: str, folder: Path) -> Path:
    """The archive of a package from the registry that npm is set up for."""
    command = ["npm", "pack", f"{name}@{version}", "--json", "--pack-destination", str(folder)]
    try:
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=TIMEOUT_S
        )
    except FileNotFoundError as error:
        raise AssetsError("npm is needed to fetch packages") from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise AssetsError(f"npm could not fetch {name} {version}: {error.stderr}") from error
    return folder / json.loads(done.stdout)[0]["filename"]


def _unpacked(archive: Path, files: Mapping[str, str]) -> dict[str, bytes]:
    """The wanted files of an archive: ours by name, theirs by path in the package."""
    found = {}
    with tarfile.open(archive) as tar:
        for ours, theirs in files.items():
            try:
                member = tar.extractfile(f"package/{theirs}")
            except KeyError:
                member = None
            if member is None:
                raise AssetsError(f"{archive.name} has no {theirs}")
            found[ours] = member.read()
    return found


def _integrity(archive: Path) -> str:
    digest = hashlib.sha512(archive.read_bytes()).digest()
    return f"sha512-{base64.b64encode(digest).decode('ascii')}"


def _require_same(
    name: str, entry: Mapping[str, Any], found: Mapping[str, bytes], integrity: str
) -> None:
    wrong = [
        file for file, data in found.items()
        if hashlib.sha256(data).hexdigest() != entry["sha256"].get(file)
    ]  # fmt: skip
    if wrong:
        raise AssetsError(f"{name}: not as recorded: {', '.join(wrong)}")
    if integrity != entry["integrity"]:
        raise AssetsError(f"{name}: the archive is not the recorded one")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.refresh_assets", description=__doc__)
    parser.add_argument("--package", action="append", default=[], metavar="NAME=VERSION")
    asked = parser.parse_args(arguments)
    versions = dict(text.partition("=")[::2] for text in asked.package)
    try:
        record = refresh(ASSETS, versions, fetch_by_npm)
    except AssetsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for name, entry in record.items():
        sys.stdout.write(f"{name} {entry['version']}: {len(entry['files'])} files as recorded\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
