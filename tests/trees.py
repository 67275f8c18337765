"""Makes small trees and archives of files for the tests of storage and readers."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from darkroom.extract.readers import read_layouts
from darkroom.extract.storage import open_storage
from darkroom.sample import Findings

Files = Mapping[str, bytes] | Iterable[str]


def contents_of(files: Files) -> dict[str, bytes]:
    return dict(files) if isinstance(files, Mapping) else {path: path.encode() for path in files}


def make_tree(folder: Path, files: Files) -> Path:
    for path, content in contents_of(files).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def make_zip(archive: Path, files: Files) -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path, content in contents_of(files).items():
            target.writestr(zipfile.ZipInfo(path, (2024, 5, 6, 7, 8, 10)), content, zipfile.ZIP_DEFLATED)
    return archive


def make_tar(archive: Path, files: Files, mode: str = "w:gz") -> Path:
    with tarfile.open(archive, mode) as target:  # type: ignore[call-overload]
        for path, content in contents_of(files).items():
            member = tarfile.TarInfo(path)
            member.size, member.mtime = len(content), 1_700_000_000
            target.addfile(member, io.BytesIO(content))
    return archive


def read_roots(
    *roots: Path | str,
    layout: str = "auto",
    name: str | None = None,
    normal_label: str | Iterable[str] = (),
    splits: str | None = None,
) -> Findings:
    storages = [open_storage(root) for root in roots]
    try:
        return read_layouts(storages, layout=layout, name=name, normal_label=normal_label, splits=splits)
    finally:
        for storage in storages:
            storage.close()


def places_of(findings: Findings) -> list[str]:
    """Returns the path of every file found, once for each place it is in."""
    files = [file for sample in findings.samples for file in sample.files]
    files += [reject.file for reject in findings.rejects] + [ignored.file for ignored in findings.ignored]
    return sorted(f"{file.root}/{file.path}" for file in files)


def layouts_of(findings: Findings) -> dict[str, str]:
    """Returns the layout of each image dataset found, by its name."""
    return {name: image_dataset.layout for name, image_dataset in findings.image_datasets.items()}
