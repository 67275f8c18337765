from __future__ import annotations

import csv
import hashlib
import io
import itertools
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from real_runs import darkroom

from darkroom.errors import OptionError
from darkroom.sample import Reason
from darkroom.sample_data import (
    EXPECTED_FAULTS,
    FAULTS,
    SampleFile,
    iter_dagm_pictures,
    iter_mvtec_pictures,
    layouts,
    make_sample_files,
    write_sample_data,
    writing,
)
from darkroom.sample_data.canvas import Dice, Picture

COMMITTED = Path(__file__).parents[3] / "sample_data"
CATEGORIES = ("mvtec_like/washer", "mvtec_like/weave", "dagm_like/Class11", "dagm_like/Class12")
LARGEST_STEP = 10


pytestmark = pytest.mark.thorough  # to draw all of it takes longer than most files of tests


@pytest.fixture(scope="module")
def pictures() -> dict[str, Picture]:
    return dict(itertools.chain(iter_mvtec_pictures(0), iter_dagm_pictures(0)))


@pytest.fixture(scope="module")
def files(pictures: dict[str, Picture]) -> dict[str, SampleFile]:
    """The files of these very pictures: to draw is most of the work."""
    with pytest.MonkeyPatch.context() as patch:
        for layout in ("mvtec", "dagm"):
            drawn = [(path, picture) for path, picture in pictures.items() if path.startswith(layout)]
            patch.setattr(layouts, f"iter_{layout}_pictures", lambda _seed, drawn=drawn: iter(drawn))
        return {file.path: file for file in make_sample_files(0)}


@pytest.fixture
def cached(monkeypatch: pytest.MonkeyPatch, files: dict[str, SampleFile]) -> None:
    monkeypatch.setattr(writing, "make_sample_files", lambda _seed: list(files.values()))


def decode(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image)


def usable(files: dict[str, SampleFile], outcome: str) -> dict[str, SampleFile]:
    return {path: file for path, file in files.items() if file.outcome == outcome}


def read_folder(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read_labels(content: bytes) -> dict[str, bool]:
    return {line.split("\t")[0]: line.split("\t")[1] == "1" for line in content.decode("ascii").split("\r\n")[1:-1]}


def test_committed_folder_is_what_its_hashes_say() -> None:
    sums = (COMMITTED / "SHA256SUMS").read_bytes()
    listed = dict(reversed(line.split("  ", 1)) for line in sums.decode().splitlines())
    found = read_folder(COMMITTED)
    assert list(listed) == sorted(listed)
    assert set(found) == {*listed, "README.md", "SHA256SUMS"}
    assert {path: hashlib.sha256(found[path]).hexdigest() for path in listed} == listed
    assert hashlib.sha256(sums).hexdigest() in found["README.md"].decode()


def test_regenerating_gives_the_committed_pictures(files: dict[str, SampleFile]) -> None:
    # Pixels and not bytes: another zlib or Pillow may pack them differently. Up to one step, in a few
    # pixels, because the last bit of a sine or a Fourier transform is the platform's.
    assert set(read_folder(COMMITTED)) == set(files)
    for path, file in usable(files, "image").items():
        change = np.abs(
            decode(file.content).astype(np.int32) - decode((COMMITTED / path).read_bytes()).astype(np.int32)
        )
        scale = 257 if path.endswith("bit_16.png") else 1
        assert change.max() <= LARGEST_STEP * scale, path
        assert np.count_nonzero(change) <= 0.001 * change.size, path
    for path, file in usable(files, "mask").items():
        assert np.array_equal(decode(file.content), decode((COMMITTED / path).read_bytes())), path


@pytest.mark.thorough
def test_same_seed_gives_the_same_bytes_in_another_process(files: dict[str, SampleFile], tmp_path: Path) -> None:
    run = darkroom("sample-data", "generated", cwd=tmp_path)
    assert "299 files" in run.stdout
    assert read_folder(tmp_path / "generated") == {path: file.content for path, file in files.items()}


def first_pictures(seed: int) -> dict[str, Picture]:
    return dict([*itertools.islice(iter_mvtec_pictures(seed), 3), *itertools.islice(iter_dagm_pictures(seed), 3)])


def test_same_seed_gives_the_same_pictures_again(pictures: dict[str, Picture]) -> None:
    for path, again in first_pictures(0).items():
        assert np.array_equal(again.pixels, pictures[path].pixels)
        assert np.array_equal(again.mask, pictures[path].mask)


def test_another_seed_gives_other_pictures(pictures: dict[str, Picture]) -> None:
    for path, other in first_pictures(1).items():
        assert not np.array_equal(other.pixels, pictures[path].pixels)


def test_no_two_pictures_are_the_same(pictures: dict[str, Picture]) -> None:
    assert len({picture.pixels.tobytes() for picture in pictures.values()}) == len(pictures)


def test_dice_are_the_same_everywhere() -> None:
    dice = Dice(0, "a/b.png")
    drawn = [dice.uniform(0, 1), dice.sign(), *dice.grain(2)]
    assert drawn == pytest.approx([0.4464893369748766, -1, 0.4870629278219732, 1.328672992044824], rel=1e-12)


def test_grain_is_nearly_normal() -> None:
    grain = Dice(3, "grain").grain(300, 300)
    assert abs(grain.mean()) < 0.02
    assert grain.std() == pytest.approx(1, abs=0.02)


def test_enough_images_in_little_space(files: dict[str, SampleFile]) -> None:
    assert sum(len(file.content) for file in files.values()) <= 6_000_000
    assert sum(not path.startswith("faulty/") for path in usable(files, "image")) >= 120


@pytest.mark.parametrize("category", CATEGORIES)
def test_enough_images_to_train_and_test(category: str, pictures: dict[str, Picture]) -> None:
    counts = Counter[tuple[str, bool]]()
    for path, picture in pictures.items():
        if path.startswith(f"{category}/"):
            counts[path.split("/")[2].lower(), bool(picture.mask.any())] += 1
    assert counts["train", False] >= 12
    assert counts["test", False] >= 8
    assert counts["test", True] >= 8
    assert (counts["train", True] > 0) == category.startswith("dagm")


@pytest.mark.parametrize("category", CATEGORIES)
def test_images_of_a_category_have_one_size_and_mode(category: str, files: dict[str, SampleFile]) -> None:
    kinds = set()
    for path, file in usable(files, "image").items():
        if path.startswith(f"{category}/"):
            with Image.open(io.BytesIO(file.content)) as image:
                kinds.add((image.mode, image.size))
    expected = {"washer": ("RGB", (320, 320)), "weave": ("L", (288, 240))}
    assert kinds == {expected.get(category.split("/")[1], ("L", (256, 256)))}


def test_a_defect_lies_in_its_mask(pictures: dict[str, Picture]) -> None:
    for path, picture in pictures.items():
        changed = picture.pixels != picture.clean
        changed = changed.any(axis=-1) if changed.ndim == 3 else changed
        inside = picture.mask == 1
        assert not (changed & ~inside).any(), path
        if inside.any():
            assert changed.sum() >= (0.35 if path.startswith("mvtec_like") else 0.04) * inside.sum(), path
            assert inside.mean() < 0.08, path


def test_masks_match_the_pictures(files: dict[str, SampleFile], pictures: dict[str, Picture]) -> None:
    masks = {
        path: file for path, file in usable(files, "mask").items() if path.startswith(("mvtec_like/", "dagm_like/"))
    }
    for path, picture in pictures.items():
        assert np.array_equal(decode(files[path].content), picture.pixels)
        mask_path = path.replace("/test/", "/ground_truth/").replace(".png", "_mask.png")
        mask_path = re.sub(r"/(\d+)\.PNG$", r"/Label/\1_label.PNG", mask_path)
        assert (mask_path in masks) == bool(picture.mask.any())
        if mask_path in masks:
            on_disk = decode(masks.pop(mask_path).content)
            assert set(np.unique(on_disk)) == {0, 255}
            assert np.array_equal(on_disk, picture.mask * 255)
    assert not masks


@pytest.mark.parametrize("folder", ["Class11/Train", "Class11/Test", "Class12/Train", "Class12/Test"])
def test_labels_txt_is_written_as_published(folder: str, files: dict[str, SampleFile]) -> None:
    content = files[f"dagm_like/{folder}/Label/Labels.txt"].content
    first, *lines, last = content.decode("ascii").split("\r\n")
    assert (first, last) == ("1", "")
    good, defective = r"(\d{4})\t0\t\1\.PNG\t0\t0\t", r"(\d{4})\t1\t\1\.PNG\t0\t\1_label\.PNG"
    assert all(re.fullmatch(good, line) or re.fullmatch(defective, line) for line in lines)
    labels = read_labels(content)
    images = [path for path in files if re.fullmatch(rf"dagm_like/{folder}/\d+\.PNG", path)]
    assert sorted(labels) == sorted(Path(path).stem for path in images)
    for stem, is_defect in labels.items():
        assert (f"dagm_like/{folder}/Label/{stem}_label.PNG" in files) == is_defect


def test_every_faulty_file_has_an_expectation(files: dict[str, SampleFile]) -> None:
    written = {path: str(file.outcome) for path, file in files.items() if path.startswith("faulty/")}
    assert written == EXPECTED_FAULTS
    assert len(FAULTS) == len(EXPECTED_FAULTS)
    assert set(EXPECTED_FAULTS.values()) <= {"image", "mask", "ignored", *Reason}


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.outcome in ("image", "mask")], ids=str)
def test_what_should_load_is_an_image(fault: object, files: dict[str, SampleFile]) -> None:
    assert decode(files[fault.path].content).size > 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name",
    [
        "bomb.png",
        "empty.png",
        "text.png",
        "truncated.jpg",
        "truncated.png",
        "../../ground_truth/cut/007_mask.png",
    ],
)
def test_what_should_be_rejected_does_not_decode(name: str, files: dict[str, SampleFile]) -> None:
    path = name.removeprefix("../../")
    path = f"faulty/gasket/{path}" if "/" in path else f"faulty/gasket/train/good/{path}"
    with pytest.raises((OSError, SyntaxError, Image.DecompressionBombError)):
        decode(files[path].content)


@pytest.mark.parametrize(
    ("name", "mode", "kind"),
    [
        ("bit_1.png", "1", "PNG"),
        ("bit_16.png", "I;16", "PNG"),
        ("bitmap.bmp", "L", "BMP"),
        ("grey_alpha.png", "LA", "PNG"),
        ("palette.png", "P", "PNG"),
        ("rgba.png", "RGBA", "PNG"),
        ("rotated.jpg", "L", "JPEG"),
        ("tagged.tif", "L", "TIFF"),
    ],
)
def test_faulty_images_are_of_the_kind_they_stand_for(
    name: str, mode: str, kind: str, files: dict[str, SampleFile]
) -> None:
    with Image.open(io.BytesIO(files[f"faulty/gasket/train/good/{name}"].content)) as image:
        assert (image.mode, image.format) == (mode, kind)
        if name == "rotated.jpg":
            assert image.size == (128, 96)
            upright = np.asarray(ImageOps.exif_transpose(image))
            assert upright.shape == (128, 96)
            assert upright[20:40].max() > upright[90:110].max()


def test_faulty_masks_are_of_the_kind_they_stand_for(files: dict[str, SampleFile]) -> None:
    folder = "faulty/gasket/ground_truth/cut"
    modes = {}
    for number in (1, 2, 3, 4):
        with Image.open(io.BytesIO(files[f"{folder}/{number:03}_mask.png"].content)) as mask:
            modes[number] = mask.mode
    assert modes == {1: "P", 2: "RGBA", 3: "L", 4: "L"}
    assert len(np.unique(decode(files[f"{folder}/003_mask.png"].content))) > 4
    assert np.count_nonzero(decode(files[f"{folder}/004_mask.png"].content)) == 1
    size, other = (
        decode(files[path].content).shape for path in (f"{folder}/000_mask.png", "faulty/gasket/test/cut/000.png")
    )
    assert size != other


def test_second_copies(files: dict[str, SampleFile]) -> None:
    same, other = (f"faulty/second_copy/faulty/gasket/train/good/00{number}.png" for number in (0, 1))
    assert files[same].content == files[same.replace("second_copy/faulty/", "")].content
    assert files[other].content != files[other.replace("second_copy/faulty/", "")].content


def test_the_further_layouts_are_small(files: dict[str, SampleFile]) -> None:
    further = [file for path, file in files.items() if path.startswith(("visa_like/", "loco_like/"))]
    assert len(further) == 51
    assert sum(len(file.content) for file in further) <= 300_000


def test_visa_like_tables_name_every_image_and_its_mask_of_class_numbers(files: dict[str, SampleFile]) -> None:
    own = {path.removeprefix("visa_like/"): file for path, file in files.items() if path.startswith("visa_like/")}
    splits = list(csv.DictReader(own["split_csv/1cls.csv"].content.decode().splitlines()))
    labels = list(csv.DictReader(own["tablet/image_anno.csv"].content.decode().splitlines()))
    images = {path for path in own if "/Data/Images/" in path}
    assert {row["image"] for row in splits} == {row["image"] for row in labels} == images
    assert Counter((row["split"], row["label"]) for row in splits) == {
        ("train", "normal"): 9,
        ("test", "normal"): 3,
        ("test", "anomaly"): 4,
    }
    assert {row["label"] for row in labels} == {"normal", "chip", "stain"}
    for row in splits:
        pixels = decode(own[row["image"]].content)
        assert pixels.shape == (96, 96, 3)
        assert bool(row["mask"]) == (row["label"] == "anomaly")
        if row["mask"]:
            assert set(np.unique(decode(own[row["mask"]].content))) == {0, 1}


def test_loco_like_has_a_mask_for_each_missing_screw(files: dict[str, SampleFile]) -> None:
    prefix = "loco_like/tray/ground_truth/"
    masks = {path.removeprefix(prefix): decode(file.content) for path, file in files.items() if path.startswith(prefix)}
    assert Counter(path.rpartition("/")[0] for path in masks) == {
        "logical_anomalies/000": 1,
        "logical_anomalies/001": 2,
        "logical_anomalies/002": 3,
        "structural_anomalies/000": 1,
        "structural_anomalies/001": 1,
    }
    for path, mask in masks.items():
        assert set(np.unique(mask)) == {0, 255 if path.startswith("logical") else 254}
    trays = [decode(files[f"loco_like/tray/test/{label}/000.png"].content) for label in ("good", "logical_anomalies")]
    pit = masks["logical_anomalies/000/000.png"] > 0
    good, defective = (float(tray[pit].mean()) for tray in trays)
    assert good > 1.5 * defective  # a screw shines, an empty pit does not


def test_readme_tells_origin_licence_and_every_fault(files: dict[str, SampleFile]) -> None:
    page = files["README.md"].content.decode()
    assert "CC0 1.0" in page
    assert "seed 0" in page
    for path in EXPECTED_FAULTS:
        assert f"`{path.removeprefix('faulty/')}`" in page


@pytest.mark.usefixtures("cached")
def test_report_counts_what_was_written(tmp_path: Path, files: dict[str, SampleFile]) -> None:
    report = write_sample_data(tmp_path / "new" / "folder")
    written = read_folder(tmp_path / "new" / "folder")
    assert written == {path: file.content for path, file in files.items()}
    assert report.files == len(written)
    assert report.size_bytes == sum(map(len, written.values()))
    assert report.files == report.images + report.masks + report.rejects + report.ignored
    assert (report.images, report.masks) == (len(usable(files, "image")), len(usable(files, "mask")))


@pytest.mark.usefixtures("cached")
def test_a_second_call_mends_its_own_output(tmp_path: Path) -> None:
    write_sample_data(tmp_path)
    before = read_folder(tmp_path)
    (tmp_path / "mvtec_like/washer/train/good/000.png").write_bytes(b"scribbled over")
    (tmp_path / "mvtec_like/washer/train/good/001.png").unlink()
    write_sample_data(tmp_path)
    assert read_folder(tmp_path) == before


@pytest.mark.usefixtures("cached")
@pytest.mark.parametrize("name", ["mine.txt", "README.md", "mvtec_like/washer/train/good/000.png"])
def test_a_folder_with_other_files_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(OptionError, match=re.escape(name)):
        write_sample_data(tmp_path)
    assert read_folder(tmp_path) == {name: b"mine"}


@pytest.mark.usefixtures("cached")
def test_a_foreign_file_among_earlier_output_is_refused(tmp_path: Path) -> None:
    write_sample_data(tmp_path)
    (tmp_path / "mvtec_like/washer/train/good/my.png").write_bytes(b"mine")
    before = read_folder(tmp_path)
    with pytest.raises(OptionError, match=r"my\.png"):
        write_sample_data(tmp_path)
    assert read_folder(tmp_path) == before


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OptionError, match="is a file"):
        write_sample_data(tmp_path / "file")


def test_a_negative_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="-1"):
        write_sample_data(tmp_path / "out", seed=-1)
    assert not (tmp_path / "out").exists()
