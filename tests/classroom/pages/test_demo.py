from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import darkroom
from classroom.course.workspace import temporary_workspace
from classroom.pages import demo, demo_pictures
from darkroom.extract.readers import read_layout
from darkroom.extract.storage import open_storage
from darkroom.sample import Sample

SAMPLE_DATA = Path(__file__).parents[3] / "sample_data"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return demo.copy_photos(SAMPLE_DATA, tmp_path)


def find_samples(photos: Path) -> tuple[Sample, ...]:
    with open_storage(photos) as storage:
        return read_layout(storage, storage.files()).samples


def test_folders_are_listed_with_what_they_hold() -> None:
    folders = {folder.path: folder for folder in demo.list_folders(SAMPLE_DATA / "mvtec_like")}
    assert folders["washer/train/good"].picture_count == 16
    assert folders["washer/train/good"].kinds == ("320 × 320 RGB",)
    assert folders["weave/test/hole"].kinds == ("288 × 240 grey",)
    labels = {folder.path: folder.others for folder in demo.list_folders(SAMPLE_DATA / "dagm_like")}
    assert labels["Class11/Test/Label"] == ("Labels.txt",)
    assert set(labels) == {f"Class{number}/{part}" for number in (11, 12) for part in ("Test", "Train")} | {
        f"Class{number}/{part}/Label" for number in (11, 12) for part in ("Test", "Train")
    }


def test_one_sample_of_each_kind_is_picked(photos: Path) -> None:
    picked = demo.pick_samples(find_samples(photos))
    kinds = {(sample.category, sample.split, sample.label) for sample in picked}
    assert len(picked) == len(kinds) == 16


def test_a_defect_of_each_category_is_picked_and_samples_are_described_with_their_mask(photos: Path) -> None:
    defects = demo.pick_defects(photos)
    assert set(defects) == {"washer", "weave", "Class11", "Class12"}
    assert "good" not in {sample.label for sample in defects.values()}
    rows = {row["sample_id"]: row for row in demo.describe_samples(find_samples(photos), ("washer",))}
    assert {row["mask"] for row in rows.values()} == {"", "000_mask.png"}
    assert rows["mvtec_like/washer/test/scratch/000.png"]["mask"] == "000_mask.png"
    assert not [sample_id for sample_id in rows if "/washer/" not in sample_id]


def test_each_added_photo_is_another_defective_sample_with_an_old_clock(photos: Path) -> None:
    before = {sample.sample_id for sample in find_samples(photos)}
    added = [demo.add_photo(photos) for _ in range(2)]
    new = {sample.sample_id: sample for sample in find_samples(photos) if sample.sample_id not in before}
    assert set(new) == {f"mvtec_like/washer/test/scratch/{path.name}" for path in added}
    assert {sample.label for sample in new.values()} == {"scratch"}
    assert added[0].read_bytes() != added[1].read_bytes()
    assert all(path.stat().st_mtime == demo.OLD_CLOCK.timestamp() for path in added)


def test_a_run_is_measured_by_rows_packages_and_bytes() -> None:
    with temporary_workspace() as workspace:
        pipeline = workspace.pipeline("lists")
        rows = [{"key": 1, "pixels": [[[7, 8, 9]] * 4] * 5}]
        first = demo.measure_run(pipeline, pipeline.run(rows, table_name="images"))
        nothing = demo.measure_run(pipeline, pipeline.run([], table_name="images"))
    assert first.row_count == demo.count_list_rows(5, 4) == 1 + 5 + 20 + 60
    assert list(first.rows.values()) == [1, 5, 20, 60]
    assert (first.package_count, first.table_count) == (1, 1)
    assert first.written_bytes > 60
    assert list(first.steps_s) == ["extract", "normalize", "load"]
    assert (nothing.row_count, nothing.table_count, nothing.written_bytes) == (0, 1, 0)


def test_a_pipeline_that_never_ran_has_nothing_to_measure() -> None:
    with temporary_workspace() as workspace:
        ran, other = workspace.pipeline("ran"), workspace.pipeline("other")
        info = ran.run([{"key": 1}], table_name="images")
        with pytest.raises(ValueError, match="'other' has not run yet"):
            demo.measure_run(other, info)


def test_pictures_need_nothing_from_elsewhere(photos: Path) -> None:
    html = demo_pictures.render_originals(photos, demo.pick_samples(find_samples(photos))[:3])
    assert html.count('src="data:image/png;base64,') == 3
    assert "http" not in html


def test_names_from_disk_cannot_become_markup() -> None:
    folder = demo.Folder("<b>washer</b>/test", 1, ("1 × 1 grey",), 3, ("<script>",))
    html = demo_pictures.render_folders("<i>mvtec</i>", [folder])
    assert not [name for name in ("<b>washer", "<script>", "<i>mvtec") if name in html]
    assert "&lt;script&gt;" in html


EVIL = "<script>\"'&"


def test_titles_and_captions_cannot_become_markup() -> None:
    facts = demo.RunFacts(1, {EVIL: 1}, 1, 2, 0.5, {EVIL: 0.1}, 1)
    file = SAMPLE_DATA / "mvtec_like" / "washer" / "train" / "good" / "000.png"
    parts = (
        demo_pictures.render_steps([EVIL]),
        demo_pictures.render_run(EVIL, facts),
        demo_pictures.render_trap(facts, facts),
        demo_pictures.render_picture(file, EVIL),
        demo_pictures.render_waiting(EVIL),
    )
    for html in (*parts, demo_pictures.render_grid(parts), demo_pictures.render_row(parts)):
        assert "<script" not in html
        assert "&lt;script&gt;&#34;&#39;&amp;" in html


def test_figures_are_told_in_the_number_that_fits() -> None:
    facts = demo.RunFacts(1, {"picture": 1}, 1, 2345, 0.5, {"load": 0.1}, 1)
    assert "row loaded" in demo_pictures.render_run("First", facts)
    assert "load package<" in demo_pictures.render_run("First", facts)
    many = replace(facts, row_count=1234, rows={"a": 1000, "b": 234}, package_count=2)
    assert "1,234" in demo_pictures.render_run("First", many)
    assert "load packages<" in demo_pictures.render_run("First", many)
    trap = " ".join(demo_pictures.render_trap(many, facts).split())
    assert "in 2 tables, 2,345 bytes written" in trap
    assert "in 1 table, 2,345 bytes written" in trap
    assert trap.index("1,234 rows") < trap.index("1 row<")


def test_each_category_is_shown_as_in_the_report_without_its_curves(tmp_path: Path) -> None:
    darkroom.ingest([SAMPLE_DATA / "mvtec_like"], database=tmp_path / "x.duckdb")
    trained = darkroom.train(tmp_path / "x.duckdb", weights=tmp_path, save=False, size_px=32)
    html = demo_pictures.render_defects(demo.find_defects(trained))
    assert html.count('<section class="category"') == 2
    assert html.count("<article") == 6
    assert html.count('src="data:image/') + html.count('class="absent"') == 18
    assert "mvtec_like / washer" in html
    assert "<svg" not in html
