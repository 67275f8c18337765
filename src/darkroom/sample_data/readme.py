"""The `README.md` of the sample data, and its list of hashes."""

from __future__ import annotations

import hashlib
import io
import re
from collections import Counter
from collections.abc import Sequence

from PIL import Image

from darkroom.sample import Reason
from darkroom.sample_data.faults import FAULTS
from darkroom.sample_data.layouts import IGNORED, IMAGE, MASK, SampleFile

TITLE = "# Sample data of darkroom"
README, SUMS = "README.md", "SHA256SUMS"

_TEMPLATE = """{title}

Generated inspection photographs in two published folder layouts, and a folder of everything that can go
wrong. No camera was involved: `darkroom sample-data OUT --seed {seed}` draws every picture anew.

- **Origin**: drawn by the package `darkroom.sample_data` of this project, seed {seed}. Nothing in it was
  taken from MVTec AD, DAGM 2007, VisA or MVTec LOCO AD; only their folder layouts are followed.
- **Licence**: [CC0 1.0](https://creativecommons.org/publicdomain/zero/1.0/), no rights reserved.
- **Size**: {file_count} files, {size_mb:.1f} MB.
- **Hashes**: [`SHA256SUMS`](SHA256SUMS) has one for each file but itself and this page
  (`sha256sum -c SHA256SUMS`). Its own SHA-256 is `{sums_hash}`.

The same seed gives the same bytes on every run. On another machine it gives the same pixels; the bytes of a
file can differ there where another zlib, libjpeg or Pillow packs them, and a pixel can differ by one rounding
step where the last bit of a sine does.

## What is in it

| folder | pixels | split, label | images | masks |
|---|---|---|---|---|
{counts}

`mvtec_like`
: `washer`, turned brass on slate, with `corrosion` and `scratch`; `weave`, a plain cloth, with `hole` and
  `missing_thread`. Masks are exact: outside them, not one pixel differs from the same part without defect.

`dagm_like`
: `Class11`, a rippled surface with patches rubbed smooth; `Class12`, a grainy cast with cracks. As in DAGM
  2007, `Train` holds defective images too, and the masks are rough ellipses around the defects.
  `Labels.txt` names them.

`visa_like`
: `tablet`, a tablet on a dark band, chipped or stained, in VisA's layout: JPEG images, masks of class numbers (1 is
  defect), labels in `image_anno.csv`, splits in `split_csv/1cls.csv`.

`loco_like`
: `tray`, four screws in four pits, in the layout of MVTec LOCO AD: screws can be missing, or the tray scratched,
  and each defect has a mask of its own. There is a validation split.

Some defects are large and plain, some small and faint.

A reader of this whole folder should find {images} images, {masks} masks, {rejects} files to reject and
{ignored} to ignore ({readme} and `SHA256SUMS` among them).

## `faulty/`: one of each

Layouts as above, in the categories `gasket` and `Class19`. The last column says what a reader should make of
the file; a code in `this type` is the reason for rejecting it. The same table, as data, is
`darkroom.sample_data.EXPECTED_FAULTS`.

| file in `faulty/` | what it is | expected |
|---|---|---|
{faults}
"""


def format_sums(files: Sequence[SampleFile]) -> bytes:
    """Returns the SHA-256 of each file, sorted by path, as `sha256sum` writes it."""
    ordered = sorted(files, key=lambda file: file.path)
    return "".join(f"{hashlib.sha256(file.content).hexdigest()}  {file.path}\n" for file in ordered).encode()


def format_readme(files: Sequence[SampleFile], sums: bytes, seed: int) -> bytes:
    """Returns the page that tells what the files are."""
    outcomes = Counter(file.outcome for file in files)
    page = _TEMPLATE.format(
        title=TITLE,
        seed=seed,
        readme=f"`{README}`",
        file_count=len(files) + 2,
        size_mb=sum(len(file.content) for file in files) / 1e6,
        sums_hash=hashlib.sha256(sums).hexdigest(),
        counts="\n".join(_count_rows(files)),
        faults="\n".join(_fault_rows()),
        images=outcomes[IMAGE],
        masks=outcomes[MASK],
        rejects=sum(outcomes[reason] for reason in Reason),
        ignored=outcomes[IGNORED] + 2,
    )
    return page.encode()


def _count_rows(files: Sequence[SampleFile]) -> list[str]:
    """Returns one table row for each split and label of the image datasets."""
    masks_of = Counter(_image_path(file.path) for file in files if file.outcome == MASK)
    images, masks, sizes = Counter[tuple[str, str]](), Counter[tuple[str, str]](), {}
    for file in files:
        if file.outcome != IMAGE or file.path.startswith("faulty/"):
            continue
        source, category, *between, _ = file.path.replace("/Data/Images/", "/").split("/")
        if between[0] in ("Train", "Test"):  # where the folders tell no label
            between.append("defective" if masks_of[file.path] else "good")
        key = (f"{source}/{category}", ", ".join(between))
        images[key] += 1
        masks[key] += masks_of[file.path]
        sizes[key] = _size(file.content)
    return [
        f"| `{folder}` | {sizes[folder, place]} | {place} | {count} | {masks[folder, place]} |"
        for (folder, place), count in images.items()
    ]


def _image_path(mask_path: str) -> str:
    path = re.sub(r"/ground_truth/([^/]+/\d+)/\d+\.png", r"/test/\1.png", mask_path)
    path = path.replace("/ground_truth/", "/test/").replace("_mask.png", ".png")
    path = re.sub(r"/Masks/(.*)\.png", r"/Images/\1.JPG", path)
    return path.replace("/Label/", "/").replace("_label.PNG", ".PNG")


def _size(content: bytes) -> str:
    """Returns width, height and colour of an image of ours."""
    with Image.open(io.BytesIO(content)) as image:
        return f"{image.width} x {image.height} {'grey' if image.mode == 'L' else image.mode}"


def _fault_rows() -> list[str]:
    rows = []
    for fault in FAULTS:
        expected = f"`{fault.outcome}`" if isinstance(fault.outcome, Reason) else fault.outcome
        rows.append(f"| `{fault.path.removeprefix('faulty/')}` | {fault.what} | {expected} |")
    return rows
