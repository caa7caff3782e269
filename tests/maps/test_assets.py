"""Vendored files: recorded with version, licence and checksum, and refreshed by one command."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest

from tests.refresh_assets import ASSETS, RECORD, AssetsError, _integrity, refresh

OURS = {".js", ".css", ".html"}


def archive(folder: Path, assets: Path, **changed: bytes) -> Path:
    """A package of the vendored files, as npm would give it; `changed` by package name."""
    files = json.loads((assets / RECORD).read_text())["leaflet"]["files"]
    path = folder / "leaflet.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for ours, theirs in files.items():
            data = changed.get(theirs.rpartition("/")[2].partition(".")[0], b"")
            data = data or (assets / ours).read_bytes()
            entry = tarfile.TarInfo(f"package/{theirs}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return path


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """A copy of the vendored files whose record knows the archive of this test."""
    copy = Path(shutil.copytree(ASSETS, tmp_path / "assets"))
    record = json.loads((copy / RECORD).read_text())
    record["leaflet"]["integrity"] = _integrity(archive(tmp_path, copy))
    (copy / RECORD).write_text(json.dumps(record))
    return copy


def test_vendored_files_are_those_recorded() -> None:
    record = json.loads((ASSETS / RECORD).read_text())
    assert set(record) == {"leaflet"}
    for package in record.values():
        assert package["version"]
        assert package["licence"] == "BSD-2-Clause"
        assert package["licence_file"] in package["files"]
        assert package["integrity"].startswith("sha512-")
        assert set(package["sha256"]) == set(package["files"])
        for name, digest in package["sha256"].items():
            assert hashlib.sha256((ASSETS / name).read_bytes()).hexdigest() == digest
    foreign = {name for package in record.values() for name in package["files"]}
    others = {path.name for path in ASSETS.iterdir()} - foreign - {RECORD}
    assert {Path(name).suffix for name in others} <= OURS, "pictures and licences are recorded"


def test_what_is_damaged_is_mended(assets: Path, tmp_path: Path) -> None:
    path = archive(tmp_path, assets)
    (assets / "leaflet.js").write_text("damaged")
    refresh(assets, {}, lambda *_: path)
    assert (assets / "leaflet.js").read_bytes() == (ASSETS / "leaflet.js").read_bytes()


def test_another_archive_of_the_same_version_is_refused(assets: Path, tmp_path: Path) -> None:
    path = archive(tmp_path, assets, leaflet=b"alert(1)")
    with pytest.raises(AssetsError, match=r"not as recorded: leaflet\.js, leaflet\.css"):
        refresh(assets, {}, lambda *_: path)
    assert (assets / "leaflet.js").read_bytes() == (ASSETS / "leaflet.js").read_bytes()


def test_a_new_version_is_recorded_with_its_checksums(assets: Path, tmp_path: Path) -> None:
    path = archive(tmp_path, assets, leaflet=b"new")
    asked = []

    def fetch(name: str, version: str, folder: Path) -> Path:
        asked.append((name, version))
        return path

    record = refresh(assets, {"leaflet": "1.9.5"}, fetch)["leaflet"]
    assert asked == [("leaflet", "1.9.5")]
    assert record == json.loads((assets / RECORD).read_text())["leaflet"]
    assert record["version"] == "1.9.5"
    assert record["sha256"]["leaflet.js"] == hashlib.sha256(b"new").hexdigest()
    assert (assets / "leaflet.js").read_bytes() == b"new"


def test_what_is_not_vendored_is_refused(assets: Path) -> None:
    with pytest.raises(AssetsError, match="no vendored package jquery"):
        refresh(assets, {"jquery": "3"}, lambda *_: assets)
