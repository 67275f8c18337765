"""Published image datasets: what they are called, what may be done with them, and how their categories are known.

An image dataset bears the name of a publication only where its categories and labels are those of the publication.
Somebody's own images in the same layout are somebody's own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from darkroom.sample import NORMAL


@dataclass(frozen=True, slots=True, eq=False)
class Publication:
    """One published image dataset.

    Attributes:
        name: What `sample_id`s begin with.
        title: Its name, as people write it.
        licence: Licence of the images, as the publisher states it; None where none is stated.
        citation: The paper or the authors to name.
        homepage: Address of the page that publishes the images.
        layouts: The layouts in which it is passed on.
        categories: Its categories, lower case, each with the names of the label folders it can have, lower case.
        is_whole: Whether only all categories together are taken for it, as their names alone say little.
    """

    name: str
    title: str
    licence: str | None
    citation: str
    homepage: str
    layouts: tuple[str, ...]
    categories: Mapping[str, frozenset[str]]
    is_whole: bool = False


def find_publication(layouts: Collection[str], categories: Mapping[str, Collection[str]]) -> Publication | None:
    """Returns the publication that category folders which stand side by side are from; None if they are nobody's.

    Args:
        layouts: The layouts that the folders were taken for.
        categories: The names of the categories, each with those of its label folders, all lower case. Where label
            folders are gone, the categories tell.
    """
    for publication in PUBLICATIONS:
        known = publication.categories
        if (
            set(layouts) <= set(publication.layouts)
            and all(name in known and set(labels) <= known[name] for name, labels in categories.items())
            and (not publication.is_whole or len(categories) == len(known))
        ):
            return publication
    return None


def _with_labels(labels: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {category: frozenset({NORMAL, *defects.split()}) for category, defects in labels.items()}


_MVTEC_AD = Publication(
    name="mvtec_ad",
    title="MVTec AD",
    licence="CC BY-NC-SA 4.0",
    citation=(
        "P. Bergmann, M. Fauser, D. Sattlegger, C. Steger: MVTec AD – A Comprehensive Real-World Dataset for "
        "Unsupervised Anomaly Detection. CVPR 2019."
    ),
    homepage="https://www.mvtec.com/company/research/datasets/mvtec-ad",
    layouts=("mvtec_ad",),
    categories=_with_labels(
        {
            "bottle": "broken_large broken_small contamination",
            "cable": "bent_wire cable_swap combined cut_inner_insulation cut_outer_insulation missing_cable "
            "missing_wire poke_insulation",
            "capsule": "crack faulty_imprint poke scratch squeeze",
            "carpet": "color cut hole metal_contamination thread",
            "grid": "bent broken glue metal_contamination thread",
            "hazelnut": "crack cut hole print",
            "leather": "color cut fold glue poke",
            "metal_nut": "bent color flip scratch",
            "pill": "color combined contamination crack faulty_imprint pill_type scratch",
            "screw": "manipulated_front scratch_head scratch_neck thread_side thread_top",
            "tile": "crack glue_strip gray_stroke oil rough",
            "toothbrush": "defective",
            "transistor": "bent_lead cut_lead damaged_case misplaced",
            "wood": "color combined hole liquid scratch",
            "zipper": "broken_teeth combined fabric_border fabric_interior rough split_teeth squeezed_teeth",
        }
    ),
)

_DAGM_2007 = Publication(
    name="dagm_2007",
    title="DAGM 2007",
    licence="CC BY 4.0",
    citation=(
        "M. Wieler, T. Hahn: Weakly Supervised Learning for Industrial Optical Inspection. DAGM 2007 competition."
    ),
    homepage="https://zenodo.org/records/12750201",
    layouts=("dagm_2007",),
    categories={f"class{number}": frozenset({"label"}) for number in range(1, 11)},
)

PUBLICATIONS = (_MVTEC_AD, _DAGM_2007)
"""All that are known; the first one that fits is taken."""

PUBLICATIONS_BY_NAME = MappingProxyType({publication.name: publication for publication in PUBLICATIONS})
"""The same, by name."""
