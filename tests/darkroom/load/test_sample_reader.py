"""One sample's files become rows, and rows become what the run says it changes."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from real_runs import rows

from darkroom.harmonise import decode, resize
from darkroom.harmonise.pixel_modes import flatten
from darkroom.harmonise.resize import Fit, harmonise_image
from darkroom.load.changes import Changes
from darkroom.load.harmonisation import Harmonisation
from darkroom.load.loaded import Loaded, LoadedFile, LoadedImage
from darkroom.load.plan import Candidate
from darkroom.load.run import ingest
from darkroom.load.sample_reader import SampleRows, read_sample
from darkroom.sample import FileEntry, Sample, Split

MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")


def make_png(mode: str) -> bytes:
    levels = np.random.default_rng(0).integers(0, 256, (40, 60, 4), np.uint8)
    picture = Image.fromarray(levels, "RGBA")
    picture = picture.convert("L").convert(mode) if mode == "I;16" else picture.convert(mode)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def make_candidate(content: bytes, image: LoadedImage | None = None, mask: LoadedFile | None = None) -> Candidate:
    file = FileEntry("/root", "part/test/good/1.png", len(content), 0)
    sample = Sample("parts/part/test/good/1.png", "parts", "part", Split.TEST, "good", file)
    return Candidate(sample, image, mask, keeps_mask=False)


def read(content: bytes, **loaded: LoadedImage | LoadedFile | None) -> SampleRows:
    return read_sample(make_candidate(content, **loaded), lambda _: content, Harmonisation(32, Fit.PAD))  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", MODES)
def test_a_picture_is_flattened_once_and_its_pixels_are_those_of_the_file(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    flattened: list[Image.Image] = []

    def note(flatten_picture: Callable[[Image.Image], Image.Image]) -> Callable[[Image.Image], Image.Image]:
        return lambda picture: flattened.append(picture) or flatten_picture(picture)  # type: ignore[func-returns-value]

    monkeypatch.setattr(decode, "flatten", note(flatten))
    monkeypatch.setattr(resize, "flatten", note(flatten))
    content = make_png(mode)
    row = read(content).image
    assert len(flattened) == (0 if mode == "I;16" else 1), "a deep picture is scaled in place of it"
    with Image.open(io.BytesIO(content)) as picture:
        expected = harmonise_image(picture, 32, Fit.PAD)
    assert row is not None
    assert row["image_tensor"] == expected.tobytes()


def test_what_a_run_changes_leaves_alone_what_was_loaded() -> None:
    content = make_png("RGB")
    file = LoadedFile("/root", "part/test/good/1.png", 1, 1, "an older file")
    other = LoadedImage(LoadedFile("/root", "part/test/good/2.png", 1, 1), "parts", "test", "good", has_mask=False)
    rows = read(content, image=LoadedImage(file, "parts", "test", "good", has_mask=True), mask=file)
    assert rows.image is not None
    sample_id = rows.candidate.sample.sample_id
    loaded = Loaded(
        {sample_id: LoadedImage(file, "parts", "test", "good", has_mask=True), "gone": other}, {sample_id: file}
    )
    changes = Changes(["gone"])
    changes.add(rows)
    contents = changes.apply_to(loaded)
    assert contents.images.keys() == {sample_id}
    assert contents.images[sample_id].file.content_sha256 == rows.image["content_sha256"]
    assert contents.masks == {}, "its mask is no longer there, and nobody keeps it"
    assert (changes.obsolete_images, changes.obsolete_masks) == (["gone"], [sample_id])
    assert loaded.images.keys() == {sample_id, "gone"}
    assert loaded.masks == {sample_id: file}
    assert changes.apply_to(loaded) == contents, "a second call says the same"


def test_a_row_whose_file_became_unusable_has_to_go_and_a_new_one_does_not() -> None:
    known = LoadedImage(LoadedFile("/root", "part/test/good/1.png", 1, 1), "parts", "test", "good", has_mask=False)
    changes = Changes([])
    changes.add(read(b"no image"))
    assert changes.obsolete_images == []
    changes.add(read(b"no image", image=known))
    assert changes.obsolete_images == ["parts/part/test/good/1.png"]


@pytest.mark.parametrize("further_frames", [0, 3])
def test_a_gif_is_an_image_and_its_first_frame_is_what_counts(tmp_path: Path, further_frames: int) -> None:
    red, blue = (Image.new("RGB", (24, 16), colour) for colour in ("red", "blue"))
    folder = tmp_path / "root/part/test/good"
    folder.mkdir(parents=True)
    red.save(folder / "1.GIF", save_all=True, append_images=[blue] * further_frames)
    report = ingest([tmp_path / "root"], database=tmp_path / "a.duckdb", size_px=8)
    assert (report.images.new, len(report.rejects), sum(report.ignored.values())) == (1, 0, 0)
    query = "SELECT filename, original_format, original_width, original_height, image_tensor FROM images"
    [(*facts, tensor)] = rows(tmp_path / "a.duckdb", query)
    assert facts == ["1.GIF", "GIF", 24, 16]
    assert tensor == bytes([255, 0, 0]) * 64
