from __future__ import annotations

import io
import pickle
import random
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from deep_images import make_chunk, make_png_16, make_tiff
from PIL import AvifImagePlugin, ExifTags, Image, ImageOps, PngImagePlugin

from darkroom.harmonise.decode import DecodedImage, UnusableImageError, read_image, read_mask
from darkroom.harmonise.resize import harmonise_image, harmonise_mask
from darkroom.sample import Reason

FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "GIF", "PPM", "TGA", *(["AVIF"] if AvifImagePlugin.SUPPORTED else []))
STORED_BY_ORIENTATION = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def make_picture(mode: str = "RGB", width: int = 24, height: int = 16) -> Image.Image:
    levels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    levels[: height // 2, : width // 2] = (250, 20, 20)
    return Image.fromarray(levels).convert(mode)


def encode(image: Image.Image, format_: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


def make_png_bomb(width: int, height: int) -> bytes:
    header = make_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + make_chunk(b"IDAT", zlib.compress(bytes(10_000)))


def reason_of(data: bytes, **options: int) -> Reason:
    with pytest.raises(UnusableImageError) as caught:
        read_image(data, **options)
    assert str(caught.value) == caught.value.message
    return caught.value.reason


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_is_read_by_its_content(format_: str) -> None:
    decoded = read_image(encode(make_picture(), format_))
    assert (decoded.original_width, decoded.original_height) == (24, 16)
    assert decoded.original_format == format_
    assert decoded.pixels.mode == "RGB"


@pytest.mark.parametrize("format_", ["PNG", "BMP", "TIFF", "PPM", "TGA"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_grey_and_rgb_come_out_bit_for_bit(format_: str, mode: str) -> None:
    picture = make_picture(mode)
    decoded = read_image(encode(picture, format_))
    assert (decoded.original_mode, decoded.pixels.mode) == (mode, mode)
    assert decoded.pixels.tobytes() == picture.tobytes()


@pytest.mark.parametrize(
    ("mode", "format_"),
    [
        *((mode, "PNG") for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
        *((mode, "TIFF") for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "LAB")),
        *((mode, "TIFF") for mode in ("I;16", "I;16B", "I", "F")),
        ("CMYK", "JPEG"),
        ("RGBA", "WEBP"),
    ],
)
def test_every_mode_a_file_can_have_is_read(mode: str, format_: str) -> None:
    picture = Image.new(mode, (24, 16)) if mode in {"LAB", "I;16B", "RGBX"} else make_picture("L").convert(mode)
    data = encode(picture, format_)
    image, mask = read_image(data), read_mask(data)
    assert image.pixels.mode in {"L", "RGB"}
    assert mask.pixels.mode == "1"
    assert image.pixels.size == mask.pixels.size == (24, 16)


@pytest.mark.parametrize(
    "text", [b"P2 3 1 255 0 128 255", b"P2\n# by a microscope\n3 1\n255\n0 128 255", b"P3 1 1 9 0 5 9"]
)
def test_a_pgm_in_words_is_read(text: bytes) -> None:
    assert np.asarray(read_image(text).pixels).ravel().tolist() in ([0, 128, 255], [0, 142, 255])


def test_an_avif_that_this_pillow_cannot_read_is_no_damaged_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AvifImagePlugin, "SUPPORTED", False)
    assert reason_of(b"\0\0\0\x20ftypavif" + bytes(40)) is Reason.UNSUPPORTED


def test_no_bytes_are_empty() -> None:
    assert reason_of(b"") is Reason.EMPTY


@pytest.mark.parametrize(
    "data",
    [
        b"hello, I am a text called .png",
        b"BMW supplied these parts, says the delivery note",
        b"P1 is the press, P2 the oven",
        b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0" + bytes(40),
        b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40),
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40),
        b"\0" * 200,
        b"\xff\xd8",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
def test_other_content_is_not_an_image(data: bytes) -> None:
    assert reason_of(data) is Reason.NOT_AN_IMAGE


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_truncated_file_is_corrupt(format_: str, share: float) -> None:
    data = encode(make_picture(width=200, height=100), format_)
    assert reason_of(data[: int(len(data) * share)]) is Reason.CORRUPT


def test_a_damaged_pixel_stream_is_corrupt() -> None:
    data = bytearray(encode(make_picture(), "PNG"))
    data[len(data) // 2] ^= 0xFF
    assert reason_of(bytes(data)) is Reason.CORRUPT


@pytest.mark.parametrize(
    "error",
    [
        OSError("x"),
        ValueError("x"),
        SyntaxError("x"),
        TypeError(),
        struct.error("x"),
        EOFError(),
        IndexError(),
        KeyError("x"),
        NotImplementedError(),
        OverflowError(),
        zlib.error("x"),
        AssertionError(),
        RecursionError(),
        ZeroDivisionError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_a_decoder_raises_is_corrupt(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", fail)
    with pytest.raises(UnusableImageError, match=type(error).__name__) as caught:
        read_image(encode(make_picture("RGBA"), "PNG"))
    assert caught.value.reason is Reason.CORRUPT
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", [MemoryError(), Image.DecompressionBombError(), Image.DecompressionBombWarning()])
def test_what_does_not_fit_is_too_large(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", fail)
    assert reason_of(encode(make_picture("RGBA"), "PNG")) is Reason.TOO_LARGE


def test_an_interrupt_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", interrupt)
    with pytest.raises(KeyboardInterrupt):
        read_image(encode(make_picture("RGBA"), "PNG"))


@pytest.mark.parametrize("edge", [10_000, 50_000, 2**31 - 1])
def test_a_bomb_is_refused_by_its_header_without_a_warning(edge: int, recwarn: pytest.WarningsRecorder) -> None:
    assert reason_of(make_png_bomb(edge, edge)) is Reason.TOO_LARGE
    assert not recwarn.list


@pytest.mark.parametrize("format_", FORMATS)
def test_the_limit_is_exact(format_: str) -> None:
    data = encode(make_picture(), format_)
    assert read_image(data, max_pixels=24 * 16).original_width == 24
    assert reason_of(data, max_pixels=24 * 16 - 1) is Reason.TOO_LARGE


def test_each_call_has_its_own_limit_whatever_the_thread_and_the_global(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    data = encode(make_picture(), "PNG")

    def is_read(max_pixels: int) -> bool:
        try:
            return isinstance(read_image(data, max_pixels=max_pixels), DecodedImage)
        except UnusableImageError:
            return False

    limits = [100, 10_000] * 50
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(is_read, limits)) == [limit == 10_000 for limit in limits]
    assert Image.MAX_IMAGE_PIXELS == 10


@pytest.mark.parametrize("format_", ["TIFF", "WEBP", "GIF", "PNG"])
def test_of_several_frames_the_first_is_taken(format_: str) -> None:
    red, blue = (Image.new("RGB", (24, 16), colour) for colour in ("red", "blue"))
    options = {"lossless": True} if format_ == "WEBP" else {}
    data = encode(red, format_, save_all=True, append_images=[blue], **options)
    decoded = read_image(data)
    assert decoded.pixels.getcolors() == [(24 * 16, (255, 0, 0))]


@pytest.mark.parametrize("orientation", STORED_BY_ORIENTATION)
@pytest.mark.parametrize("format_", ["PNG", "TIFF", "WEBP", "JPEG"])
def test_exif_orientation_is_applied_to_image_and_mask(format_: str, orientation: int) -> None:
    upright = Image.new("RGB", (48, 32))
    upright.paste("white", (0, 0, 24, 8))
    transpose = STORED_BY_ORIENTATION[orientation]
    stored = upright if transpose is None else upright.transpose(transpose)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    options = {"lossless": True} if format_ == "WEBP" else {}
    data = encode(stored, format_, exif=exif, **options)

    decoded, mask = read_image(data), read_mask(data)
    assert (decoded.original_width, decoded.original_height) == (48, 32)
    assert np.abs(np.asarray(decoded.pixels).astype(int) - np.asarray(upright)).max() <= 8
    assert np.array_equal(np.asarray(mask.pixels.convert("L")), np.asarray(upright.convert("L")))
    with Image.open(io.BytesIO(data)) as as_pillow_sees_it:
        assert ImageOps.exif_transpose(as_pillow_sees_it).tobytes() == decoded.pixels.tobytes()


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0garbage that is no TIFF", b"Exif\0\0II*\0\xff\xff\xff\xff"])
def test_unreadable_exif_costs_no_image(exif: bytes) -> None:
    assert read_image(encode(make_picture(), "JPEG", exif=exif)).original_width == 24


def test_an_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(UnusableImageError(Reason.CORRUPT, "why")))  # noqa: S301 -- our own bytes
    assert (error.reason, str(error)) == (Reason.CORRUPT, "why")


def make_fuzz_seeds() -> dict[str, bytes]:
    rgb, exif = make_picture(), Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    return {
        "png": encode(rgb, "PNG"),
        "png_palette_exif": encode(rgb.quantize(16), "PNG", exif=exif, transparency=3),
        "png_alpha": encode(make_picture("RGBA"), "PNG"),
        "png_16_bit": encode(make_picture("L").convert("I;16"), "PNG"),
        "apng": encode(rgb, "PNG", save_all=True, append_images=[rgb.transpose(0)]),
        "jpeg": encode(rgb, "JPEG", exif=exif),
        "jpeg_progressive_cmyk": encode(make_picture("CMYK"), "JPEG", progressive=True),
        "bmp": encode(rgb, "BMP"),
        "bmp_palette": encode(make_picture("P"), "BMP"),
        "tiff": encode(rgb, "TIFF", exif=exif),
        "tiff_deflate": encode(make_picture("RGBA"), "TIFF", compression="tiff_adobe_deflate"),
        "tiff_lzw_float": encode(make_picture("F"), "TIFF", compression="tiff_lzw"),
        "webp": encode(rgb, "WEBP", exif=exif),
        "webp_lossless_alpha": encode(make_picture("RGBA"), "WEBP", lossless=True),
        "ppm": encode(rgb, "PPM"),
        "pgm_16_bit": encode(make_picture("L").convert("I"), "PPM"),
        "pfm": encode(make_picture("F"), "PPM"),
        "tga": encode(rgb, "TGA"),
        "tga_rle": encode(make_picture("RGBA"), "TGA", compression="tga_rle"),
        "png_16_bit_rgb": make_png_16(np.random.default_rng(0).integers(0, 65536, (16, 24, 3), np.uint16)),
        "tiff_16_bit_rgb": make_tiff(
            np.random.default_rng(0).integers(0, 65536, (16, 24, 3), np.uint16), are_apart=True
        ),
        "gif": encode(rgb, "GIF", save_all=True, append_images=[rgb.transpose(1)]),
    }


def damage(data: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(data)
    # The headers, where a flip misleads most, are the first bytes (in TIFF also the last).
    reach = rng.choice([min(64, len(damaged)), len(damaged)])
    for _ in range(rng.choice([1, 1, 2, 8])):
        position = rng.randrange(reach)
        damaged[rng.choice([position, -1 - position])] = rng.randrange(256)
    return bytes(damaged[: rng.randrange(len(damaged) + 1)] if rng.random() < 0.3 else damaged)


@pytest.mark.parametrize("name", make_fuzz_seeds())
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_damaged_bytes_give_a_picture_or_a_reason_and_nothing_else(name: str) -> None:
    seed, rng = make_fuzz_seeds()[name], random.Random(name)  # noqa: S311 -- repeatable, not secret
    usable = 0
    for _ in range(150):
        data = damage(seed, rng)
        try:
            image, mask = read_image(data, max_pixels=100_000), read_mask(data, max_pixels=100_000)
        except UnusableImageError as error:
            # An address in the message would make the row of the reject change with every run.
            assert error.message and " at 0x" not in error.message
            continue
        assert harmonise_image(image.pixels, 8).shape == (8, 8, 3)
        assert harmonise_mask(mask.pixels, 8).shape == (8, 8)
        usable += 1
    assert 0 < usable < 150


def test_real_images_and_masks_are_read(real_excerpts: Path) -> None:
    files = sorted(file for file in real_excerpts.rglob("*") if file.suffix.lower() == ".png")
    modes = {(decoded := read_image(file.read_bytes())).original_mode + decoded.original_format for file in files}
    assert modes == {"LPNG", "RGBPNG"}
