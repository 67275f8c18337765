from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from png_files import cut, damage, read_chunks, write_chunks

from darkroom.harmonise.decode import UnusableImageError, read_image
from darkroom.harmonise.png import join_pixel_chunks


def make_picture(mode: str = "RGB", edge: int = 96) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (edge, edge, 3), np.uint8)).convert(mode)


def encode(picture: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", **options)
    return buffer.getvalue()


def open_as_pillow_does(data: bytes) -> Image.Image:
    opened = PngImagePlugin.PngImageFile(io.BytesIO(data))
    opened.load()
    return opened


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_pixels_and_notes_are_the_same(mode: str) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "a")
    data = cut(encode(make_picture(mode), pnginfo=notes, gamma=0.5, dpi=(72, 72)), 100)
    joined = join_pixel_chunks(data)
    assert joined
    before, after = open_as_pillow_does(data), open_as_pillow_does(joined)
    assert (after.mode, after.tobytes(), after.info) == (before.mode, before.tobytes(), before.info)
    kept = [chunk for chunk in read_chunks(data) if chunk[0] != b"IDAT"]
    assert [chunk for chunk in read_chunks(joined) if chunk[0] != b"IDAT"] == kept
    assert [kind for kind, _ in read_chunks(joined)].count(b"IDAT") == 1


def test_a_file_with_one_chunk_of_pixels_is_left_alone() -> None:
    data = encode(make_picture(edge=8))
    assert join_pixel_chunks(data) is data


def test_of_an_animation_the_frames_after_the_first_stay_in_their_chunks() -> None:
    frames = [make_picture(), make_picture().transpose(Image.Transpose.ROTATE_90)]
    data = cut(encode(frames[0], save_all=True, append_images=frames[1:]))
    joined = join_pixel_chunks(data)
    assert joined
    for number, frame in enumerate(frames):
        with Image.open(io.BytesIO(joined)) as opened:
            opened.seek(number)
            assert opened.tobytes() == frame.tobytes()


def test_a_file_of_other_than_whole_chunks_is_not_touched() -> None:
    data = cut(encode(make_picture()))
    assert all(join_pixel_chunks(data[:length]) is None for length in range(len(data)))
    header, *pixels, end = read_chunks(data)
    assert join_pixel_chunks(write_chunks([header, end])) is None
    assert join_pixel_chunks(write_chunks([header, pixels[0], (b"tEXt", b"a\0b"), *pixels[1:], end])) is None


def test_what_follows_the_end_is_kept() -> None:
    data = cut(encode(make_picture()))
    joined = join_pixel_chunks(data + b"more")
    assert joined == (join_pixel_chunks(data) or b"") + b"more"


def test_all_pixels_go_to_the_decoder_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    read = PngImagePlugin.PngImageFile.load_read

    def note(opened: PngImagePlugin.PngImageFile, read_bytes: int) -> bytes:
        sizes.append(len(piece := read(opened, read_bytes)))
        return piece

    data = cut(encode(make_picture("RGBA", edge=256)), 8192)
    pixels = [len(body) for kind, body in read_chunks(data) if kind == b"IDAT"]
    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load_read", note)
    read_image(data)
    assert len(pixels) > 20
    assert sizes == [sum(pixels)]


@pytest.mark.parametrize("piece_bytes", [700, 1 << 20])
def test_of_a_damaged_file_the_same_is_told_as_by_pillow(piece_bytes: int) -> None:
    seed, rng = cut(encode(make_picture()), piece_bytes), random.Random(piece_bytes)  # noqa: S311 -- repeatable, not secret
    usable = 0
    for _ in range(300):
        data = damage(seed, rng)
        try:
            expected = open_as_pillow_does(data)
        except Exception as error:
            with pytest.raises(UnusableImageError) as caught:
                read_image(data)
            assert str(error) in str(caught.value)
        else:
            decoded = read_image(data)
            assert (decoded.pixels.mode, decoded.pixels.tobytes()) == (expected.mode, expected.tobytes())
            usable += 1
    assert 30 < usable < 270


def test_real_files_are_joined(real_excerpts: Path) -> None:
    counts = []
    for file in real_excerpts.rglob("*.[pP][nN][gG]"):
        data = file.read_bytes()
        joined = join_pixel_chunks(data)
        assert joined
        assert open_as_pillow_does(joined).tobytes() == open_as_pillow_does(data).tobytes()
        counts.append([kind for kind, _ in read_chunks(data)].count(b"IDAT"))
    assert max(counts) > 50
