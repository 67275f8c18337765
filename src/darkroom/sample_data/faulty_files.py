"""The bytes of the files in `faulty/`: a rubber gasket, and a plate, in every state of neglect."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image

from darkroom.sample_data.canvas import Dice, Picture, Pixels, cover, finish, pixel_grid
from darkroom.sample_data.encode import encode_png, encode_with_pillow, wrap_png
from darkroom.sample_data.faults import FAULTS, UMLAUT_NAME
from darkroom.sample_data.layouts import SampleFile, format_labels

_STEP = 8
_TEXT = b"This is no picture. Somebody saved the delivery note under the wrong name.\n"
_DS_STORE = b"\0\0\0\x01Bud1\0\0\x10\0\0\0\x08\0" + bytes(48)
_THUMBS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(56)
_EXIF_ORIENTATION = 0x0112


def iter_faulty_files(seed: int) -> Iterator[SampleFile]:
    """Yields the files of `faulty/`, with what a reader should make of them."""
    contents = {
        **_make_train_images(seed),
        **_make_train_leftovers(seed),
        **_make_test(seed),
        **_make_ground_truth(seed),
        **_make_second_copy(seed),
        **_make_plates(seed),
    }
    for fault in FAULTS:
        yield SampleFile(fault.path, contents[fault.path.removeprefix("faulty/")], fault.outcome)


def _make_train_images(seed: int) -> dict[str, bytes]:
    grey = _draw_gasket(seed, "modes").pixels
    part = np.where(grey < 120, 255, 0).astype(np.uint8)
    image = Image.fromarray(grey)
    files = {
        UMLAUT_NAME: encode_png(_draw_gasket(seed, "umlaut").pixels),
        "bit_1.png": encode_with_pillow(Image.fromarray(grey > 120), "PNG"),
        "bit_16.png": encode_with_pillow(Image.fromarray(grey.astype(np.uint16) * 257), "PNG"),
        "bitmap.bmp": encode_with_pillow(image, "BMP"),
        "grey_alpha.png": encode_with_pillow(_with_alpha("LA", grey, part), "PNG"),
        "palette.png": encode_with_pillow(_with_palette(grey // 16), "PNG"),
        "rgba.png": encode_with_pillow(_with_alpha("RGBA", grey, part), "PNG"),
        "rotated.jpg": _make_rotated(seed),
        "tagged.tif": encode_with_pillow(image, "TIFF"),
    }
    return {f"gasket/train/good/{name}": content for name, content in files.items()}


def _make_train_leftovers(seed: int) -> dict[str, bytes]:
    pixels = _draw_gasket(seed, "truncated").pixels
    rgb = np.repeat(pixels[..., None], 3, axis=2)
    files = {
        "000.png": _make_plain(seed, "gasket/train/good/000.png"),
        "001.png": _make_plain(seed, "gasket/train/good/001.png"),
        "bomb.png": wrap_png(60_000, 60_000, 0, zlib.compress(bytes(60_001), 9)),
        "empty.png": b"",
        "text.png": _TEXT,
        "truncated.jpg": _first_half(encode_with_pillow(Image.fromarray(rgb), "JPEG", quality=85)),
        "truncated.png": _first_half(encode_png(rgb)),
        ".DS_Store": _DS_STORE,
        "Thumbs.db": _THUMBS,
    }
    train = {f"gasket/train/good/{name}": content for name, content in files.items()}
    return train | {"gasket/overview.png": _make_plain(seed, "overview")}


def _make_test(seed: int) -> dict[str, bytes]:
    files = {f"good/{number:03}.png": _make_plain(seed, f"test/good/{number}") for number in (0, 1)}
    for number in (0, 1, 2, 3, 6, 7, 8):
        files[f"cut/{number:03}.png"] = encode_png(_draw_cut(seed, number).pixels)
    files["cut/004.png"] = encode_png(_draw_pinhole(seed).pixels)
    jpeg = Image.fromarray(_draw_cut(seed, 5).pixels)
    files["cut/005.jpg"] = encode_with_pillow(jpeg, "JPEG", quality=85)
    return {f"gasket/test/{name}": content for name, content in files.items()}


def _make_ground_truth(seed: int) -> dict[str, bytes]:
    masks = {number: _draw_cut(seed, number).mask for number in range(9)}
    white = masks[2] * 255
    soft = Image.fromarray(masks[3] * 255).resize((32, 32), Image.Resampling.BOX)
    palette = Image.fromarray(masks[1])
    palette.putpalette([0, 0, 0, 128, 0, 0])
    files = {
        "cut/000_mask.png": encode_png(masks[0][::2, ::2] * 255),
        "cut/001_mask.png": encode_with_pillow(palette, "PNG"),
        "cut/002_mask.png": encode_with_pillow(_with_alpha("RGBA", white, white), "PNG"),
        "cut/003_mask.png": encode_with_pillow(soft.resize((96, 96), Image.Resampling.BILINEAR), "PNG"),
        "cut/004_mask.png": encode_png(_draw_pinhole(seed).mask * 255),
        "cut/005_mask.png": encode_png(masks[5] * 255),
        "cut/007_mask.png": _first_half(encode_png(masks[7] * 255)),
        "cut/8_mask.png": encode_png(masks[8] * 255),
        "scuff/000_mask.png": encode_png(masks[4] * 255),
    }
    return {f"gasket/ground_truth/{name}": content for name, content in files.items()}


def _make_second_copy(seed: int) -> dict[str, bytes]:
    folder = "second_copy/faulty/gasket/train/good"
    return {
        f"{folder}/000.png": _make_plain(seed, "gasket/train/good/000.png"),
        f"{folder}/001.png": _make_plain(seed, "a later photograph"),
    }


def _make_plates(seed: int) -> dict[str, bytes]:
    plates = {number: _draw_plate(seed, number, number in (2, 5, 9)) for number in (1, 2, 4, 5, 9)}
    files = {
        "Train/Label/Labels.txt": format_labels({"0001": False, "0002": True, "0003": False}),
        "Test/Label/Thumbs.db": _THUMBS,
    }
    for number, split in ((1, "Train"), (2, "Train"), (4, "Test"), (5, "Test")):
        files[f"{split}/{number:04}.PNG"] = encode_png(plates[number].pixels)
    for number, split in ((2, "Train"), (5, "Test"), (9, "Test")):
        files[f"{split}/Label/{number:04}_label.PNG"] = encode_png(plates[number].mask * 255)
    return {f"Class19/{name}": content for name, content in files.items()}


def _make_plain(seed: int, name: str) -> bytes:
    return encode_png(_draw_gasket(seed, name).pixels)


def _make_rotated(seed: int) -> bytes:
    """Returns a JPEG of 128 x 96 stored pixels, to be shown turned clockwise by a quarter: 96 x 128."""
    upright = _draw_gasket(seed, "rotated", height_px=128).pixels
    exif = Image.Exif()
    exif[_EXIF_ORIENTATION] = 6
    return encode_with_pillow(Image.fromarray(np.rot90(upright)), "JPEG", quality=85, exif=exif)


def _first_half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _with_alpha(mode: str, grey: Pixels, alpha: Pixels) -> Image.Image:
    bands = [grey] * (len(mode) - 1) + [alpha]
    return Image.merge(mode, [Image.fromarray(band) for band in bands])


def _with_palette(index: Pixels) -> Image.Image:
    image = Image.fromarray(index)
    image.putpalette([level for step in range(16) for level in (step * 17, step * 15, step * 12)])
    return image


def _draw_cut(seed: int, number: int) -> Picture:
    return _draw_gasket(seed, f"cut/{number}", is_cut=True)


def _draw_gasket(seed: int, name: str, *, is_cut: bool = False, height_px: int = 96, width_px: int = 96) -> Picture:
    """Draws a black ring on a light table, with a white dot of paint above its hole to tell what is up."""
    dice = Dice(seed, f"faulty/{name}")
    y, x = pixel_grid(height_px, width_px)
    dy, dx = y - height_px / 2 - dice.uniform(-1, 1), x - width_px / 2 - dice.uniform(-1, 1)
    radius, turn = np.hypot(dy, dx), np.arctan2(dy, dx)
    outer_px = 0.42 * min(height_px, width_px)
    ring = cover(radius - outer_px) * cover(0.6 * outer_px - radius)
    table = 205 - 12 * y / height_px + 2 * dice.grain(height_px, width_px)
    dot = cover(np.hypot(dy + 0.8 * outer_px, dx) - 3)
    clean = table * (1 - ring) + (54 + 10 * np.cos(turn + 0.9)) * ring
    clean = clean * (1 - dot) + 235 * dot
    where = dice.uniform(-0.4, 2.8)
    gap = (np.abs(turn - where) < 0.05 + dice.uniform(0, 0.12)) & (ring > 0)
    return finish(clean, table, gap & is_cut, _STEP)


def _draw_pinhole(seed: int) -> Picture:
    whole = _draw_gasket(seed, "pinhole", height_px=400, width_px=400)
    mask = np.zeros_like(whole.mask)
    mask[201, 333] = 1
    return finish(whole.clean.astype(np.float64), np.full(mask.shape, 240.0), mask > 0, _STEP)


def _draw_plate(seed: int, number: int, is_defective: bool) -> Picture:
    """Draws a grey plate of 64 x 64 pixels, with a dark spot and a round weak label if it is defective."""
    dice = Dice(seed, f"faulty/plate/{number}")
    y, x = pixel_grid(64, 64)
    clean = 120 + 9 * dice.grain(64, 64)
    distance = np.hypot(y - dice.uniform(18, 46), x - dice.uniform(18, 46))
    spot = cover(distance - 6, 2)
    return finish(clean, clean * (1 - 0.6 * spot), (distance < 9) & is_defective, _STEP)
