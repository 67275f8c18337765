"""MVTec LOCO AD: as MVTec AD, but an image has several masks, in `ground_truth/<label>/<stem>/<mask>.png`.

AutoVI is laid out so as well. All masks of an image together are its mask. What `defects_config.json` says (for each
defect the grey of its mask, and from which area on it counts as found) is for a metric of its own, and is not read.

Source: https://www.mvtec.com/company/research/datasets/mvtec-loco
"""

from __future__ import annotations

from darkroom.extract.readers.folder import PARTS_DEPTH, read_label_folders
from darkroom.extract.readers.layout import Layout, ReadFile
from darkroom.extract.readers.places import Category, CategoryFindings, CategoryFolder
from darkroom.sample import NORMAL


def recognise(folder: CategoryFolder) -> str | None:
    """Returns why a category folder is taken for this layout; None if it is not."""
    for image in folder.images:
        place = image.place
        if place.split is None and len(place.labels) == PARTS_DEPTH:
            return f"{'/'.join((folder.name, place.section, *place.folders))}/ holds the masks of one image"
    return None


def read_category(category: Category, _: ReadFile) -> CategoryFindings:
    """Pairs masks by label folder, and the folder that they are in with the stem of the image."""
    return read_label_folders(category, unlabelled_train=NORMAL)


LAYOUT = Layout(
    name="mvtec_loco",
    title="MVTec LOCO AD",
    expected="<category>/{train,validation,test}/<label>/<image>, ground_truth/<label>/<image>/<mask>",
    signs=frozenset({"train", "validation", "test", "ground_truth", "good"}),
    recognise=recognise,
    read_category=read_category,
)
