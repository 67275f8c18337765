"""Pictures in lessons: what is drawn is what lies on disk."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
from PIL import Image

from classroom.pages.pictures import (
    Specimen,
    draw_photograph,
    folder_tree,
    render_photographs,
    render_specimens,
)
from darkroom.query.paint import OUTLINE

SAMPLES = Path(__file__).parents[3] / "sample_data"
WASHER = SAMPLES / "mvtec_like" / "washer"
HOLE = Specimen(
    SAMPLES / "mvtec_like" / "weave" / "test" / "hole" / "003.png",
    'A "hole" & more',
    SAMPLES / "mvtec_like" / "weave" / "ground_truth" / "hole" / "003_mask.png",
)


def embedded(html: str) -> list[Image.Image]:
    codes = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    return [Image.open(io.BytesIO(base64.b64decode(code))) for code in codes]


def test_a_photograph_keeps_its_size_and_its_defect_is_outlined_not_covered() -> None:
    plain = np.asarray(draw_photograph(Specimen(HOLE.image, "")))
    outlined = np.asarray(draw_photograph(HOLE))
    defect = np.asarray(Image.open(HOLE.mask or "")) > 127
    assert outlined.shape == plain.shape == (240, 288, 3)
    assert (outlined == OUTLINE).all(axis=2).any()
    assert (outlined[defect] == plain[defect]).all()


def test_the_longest_side_can_be_chosen() -> None:
    assert draw_photograph(HOLE, size_px=144).size == (144, 120)


def test_photographs_are_in_the_page_itself_with_their_captions_read_aloud() -> None:
    html = render_photographs([HOLE, Specimen(WASHER / "train" / "good" / "000.png", "A washer")])
    assert [picture.size for picture in embedded(html)] == [(288, 240), (320, 320)]
    assert 'alt="A &#34;hole&#34; &amp; more"' in html


def test_specimens_are_in_true_proportion_and_say_their_size() -> None:
    html = render_specimens([Specimen(WASHER / "train" / "good" / "000.png", "A washer"), HOLE])
    assert [picture.size for picture in embedded(html)] == [(320, 320), (288, 240), (288, 240)]
    assert html.count("width:100.0%") == 1
    assert html.count("width:90.0%") == 2
    assert "320 × 320 px, colour" in html
    assert "288 × 240 px, grey" in html


def test_a_tree_counts_pictures_and_names_what_is_none(tmp_path: Path) -> None:
    (tmp_path / "Test" / "Label").mkdir(parents=True)
    for name in ("Test/1.PNG", "Test/2.jpg", "Test/Label/1.png", "Test/Label/Labels.txt"):
        (tmp_path / name).touch()
    assert folder_tree(tmp_path / "Test") == "Test/     2 pictures\n  Label/  1 pictures, Labels.txt"
