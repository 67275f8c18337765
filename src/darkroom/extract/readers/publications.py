"""The published image datasets that are known by name, and which one some category folders are from."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from darkroom.extract.readers.publication import Proof, Publication
from darkroom.sample import NORMAL


def _with_labels(labels: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {category: frozenset({NORMAL, *defects.split()}) for category, defects in labels.items()}


def _with_words(categories: str, labels: str) -> dict[str, frozenset[str]]:
    """Returns categories that all have the same labels."""
    return _with_labels(dict.fromkeys(categories.split(), labels))


_MVTEC_AD = Publication(
    name="mvtec_ad",
    title="MVTec AD",
    licence="CC BY-NC-SA 4.0",
    citation=(
        "P. Bergmann, M. Fauser, D. Sattlegger, C. Steger: MVTec AD – A Comprehensive Real-World Dataset for "
        "Unsupervised Anomaly Detection. CVPR 2019."
    ),
    homepage="https://www.mvtec.com/company/research/datasets/mvtec-ad",
    layouts=("mvtec_ad", "folder"),
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
    proof=Proof(re.compile(r"(train|test)/(label/)?\d+(_label)?\.\w+")),
)

_VISA = Publication(
    name="visa",
    title="VisA",
    licence="CC BY 4.0",
    citation=(
        "Y. Zou, J. Jeong, L. Pemula, D. Zhang, O. Dabeer: SPot-the-Difference Self-Supervised Pre-training for "
        "Anomaly Detection and Segmentation. ECCV 2022."
    ),
    homepage="https://github.com/amazon-science/spot-diff",
    layouts=("visa", "mvtec_ad"),
    categories=_with_words(
        "candle capsules cashew chewinggum fryum macaroni1 macaroni2 pcb1 pcb2 pcb3 pcb4 pipe_fryum",
        "normal anomaly bad",
    ),
)

_REAL_IAD = Publication(
    name="real_iad",
    title="Real-IAD",
    licence="CC BY-NC-SA 4.0",
    citation=(
        "C. Wang, W. Zhu, B.-B. Gao, Z. Gan, J. Zhang, Z. Gu, S. Qian, M. Chen, L. Ma: Real-IAD: A Real-World "
        "Multi-View Dataset for Benchmarking Versatile Industrial Anomaly Detection. CVPR 2024."
    ),
    homepage="https://realiad4ad.github.io/Real-IAD/",
    layouts=("real_iad",),
    categories=_with_words(
        "audiojack bottle_cap button_battery end_cap eraser fire_hood mint mounts pcb phone_battery plastic_nut "
        "plastic_plug porcelain_doll regulator rolled_strip_base sim_card_set switch tape terminalblock toothbrush toy "
        "toy_brick transistor1 u_block usb usb_adaptor vcpill wooden_beads woodstick zipper",
        "ak bx ch hs ps qs yw zw",
    ),
)

_MAGNETIC_TILE = Publication(
    name="magnetic_tile",
    title="Magnetic Tile",
    licence=None,
    citation="Y. Huang, C. Qiu, K. Yuan: Surface defect saliency of magnetic tile. The Visual Computer 36, 2020.",
    homepage="https://github.com/abin24/Magnetic-tile-defect-datasets.",
    layouts=("magnetic_tile",),
    categories={
        "magnetic_tile": frozenset({"mt_blowhole", "mt_break", "mt_crack", "mt_fray", "mt_free", "mt_uneven"}),
    },
    proof=Proof(re.compile(r"mt_\w+/imgs/exp\d+_num_\d+\.\w+")),
)

_KOLEKTOR_SDD = Publication(
    name="kolektor_sdd",
    title="Kolektor SDD",
    licence="CC BY-NC-SA 4.0",
    citation=(
        "D. Tabernik, S. Šela, J. Skvarč, D. Skočaj: Segmentation-Based Deep-Learning Approach for Surface-Defect "
        "Detection. Journal of Intelligent Manufacturing, 2020."
    ),
    homepage="https://www.vicos.si/resources/kolektorsdd/",
    layouts=("kolektor_sdd",),
    categories={"commutator": frozenset()},
    proof=Proof(re.compile(r"kos([0-4]\d|50)/part[0-7](_label)?\.\w+")),
)

_KOLEKTOR_SDD2 = Publication(
    name="kolektor_sdd2",
    title="Kolektor SDD2",
    licence="CC BY-NC-SA 4.0",
    citation=(
        "J. Božič, D. Tabernik, D. Skočaj: Mixed supervision for surface-defect detection: from weakly to fully "
        "supervised learning. Computers in Industry, 2021."
    ),
    homepage="https://www.vicos.si/resources/kolektorsdd2/",
    layouts=("kolektor_sdd2",),
    categories={"surface": None},
    # 2,331 images to train with, one of them twice, and 1,004 to test with
    proof=Proof(
        re.compile(
            r"(train/1([01]\d{3}|2[0-2]\d\d|23[0-2]\d|233[01])|test/2(0\d{3}|100[0-3]))(_gt)?( \(copy\))?\.\w+",
        ),
        ("kolektorsdd2", "ksdd2", "kolektor2"),
        2 * (2_332 + 1_004),
    ),
)

_MVTEC_LOCO = Publication(
    name="mvtec_loco",
    title="MVTec LOCO AD",
    licence="CC BY-NC-SA 4.0",
    citation=(
        "P. Bergmann, K. Batzner, M. Fauser, D. Sattlegger, C. Steger: Beyond Dents and Scratches: Logical Constraints "
        "in Unsupervised Anomaly Detection and Localization. IJCV 130, 2022."
    ),
    homepage="https://www.mvtec.com/company/research/datasets/mvtec-loco",
    layouts=("mvtec_loco", "mvtec_ad", "folder"),
    categories=_with_labels(
        dict.fromkeys(
            ("breakfast_box", "juice_bottle", "pushpins", "screw_bag", "splicing_connectors"),
            "logical_anomalies structural_anomalies",
        )
    ),
)

_MVTEC_AD_2 = Publication(
    name="mvtec_ad_2",
    title="MVTec AD 2",
    licence="CC BY-NC-SA 4.0",
    citation=(
        "L. Heckler-Kram, J.-H. Neudeck, U. Scheler, R. König, C. Steger: The MVTec AD 2 Dataset: Advanced Scenarios "
        "for Unsupervised Anomaly Detection. 2025."
    ),
    homepage="https://www.mvtec.com/company/research/datasets/mvtec-ad-2",
    layouts=("mvtec_ad_2",),
    categories=_with_labels(
        dict.fromkeys(("can", "fabric", "fruit_jelly", "rice", "sheet_metal", "vial", "wallplugs", "walnuts"), "bad")
    ),
)

_BTAD = Publication(
    name="btad",
    title="BTAD",
    licence="CC BY-NC-SA 4.0",
    citation=(
        "P. Mishra, R. Verk, D. Fornasier, C. Piciarelli, G. L. Foresti: VT-ADL: A Vision Transformer Network for "
        "Image Anomaly Detection and Localization. ISIE 2021."
    ),
    homepage="https://github.com/pankajmishra000/VT-ADL",
    layouts=("mvtec_ad", "folder"),
    categories=dict.fromkeys(("01", "02", "03"), frozenset({"ok", "ko"})),
    is_whole=True,
    proof=Proof(
        re.compile(r"(train/ok|(test|ground_truth)/(ok|ko))/\d{3,4}\.\w+"), ("btad", "btech", "beantech"), 2_540
    ),
)

_VAD = Publication(
    name="vad",
    title="VAD",
    licence="CC BY-NC-SA 4.0",
    citation=(
        "A. Baitieva, D. Hurych, V. Besnier, O. Bernard: Supervised Anomaly Detection for Complex Industrial Images. "
        "CVPR 2024."
    ),
    homepage="https://github.com/abc-125/segad",
    layouts=("folder", "mvtec_ad"),
    categories=_with_labels({"vad": "bad"}),
)

_MPDD = Publication(
    name="mpdd",
    title="MPDD",
    licence="CC BY-NC-SA 4.0",
    citation=(
        "S. Jezek, M. Jonak, R. Burget, P. Dvorak, M. Skotak: Deep learning-based defect detection of metal parts: "
        "evaluating current methods in complex conditions. ICUMT 2021."
    ),
    homepage="https://github.com/stepanje/MPDD",
    layouts=("mvtec_ad", "folder"),
    categories=_with_labels(
        {
            "bracket_black": "hole scratches",
            "bracket_brown": "bend_and_parts_mismatch parts_mismatch",
            "bracket_white": "defective_painting scratches",
            "connector": "parts_mismatch",
            "metal_plate": "major_rust scratches total_rust",
            "tubes": "anomalous",
        }
    ),
)

_AUTOVI = Publication(
    name="autovi",
    title="AutoVI",
    licence="CC BY-NC-SA 4.0",
    citation=(
        "P. Carvalho, M. Lafou, A. Durupt, A. Leblanc, Y. Grandvalet: The Automotive Visual Inspection "
        "Dataset (AutoVI). 2024."
    ),
    homepage="https://zenodo.org/records/10459003",
    layouts=("mvtec_loco", "mvtec_ad", "folder"),
    categories=dict.fromkeys(
        ("engine_wiring", "pipe_clip", "pipe_staple", "tank_screw", "underbody_pipes", "underbody_screw")
    ),
)

PUBLICATIONS = (
    *(_MVTEC_AD, _DAGM_2007, _MVTEC_LOCO, _MVTEC_AD_2, _BTAD, _VAD, _MPDD, _AUTOVI),
    *(_VISA, _REAL_IAD, _MAGNETIC_TILE, _KOLEKTOR_SDD, _KOLEKTOR_SDD2),
)
"""All that are known; the first one that fits is taken."""

PUBLICATIONS_BY_NAME = MappingProxyType({publication.name: publication for publication in PUBLICATIONS})
"""The same, by name."""


def find_publication(
    layouts: Collection[str],
    categories: Mapping[str, Collection[str]],
    is_proven: Callable[[Proof], bool],
) -> Publication | None:
    """Returns the publication that category folders which stand side by side are from; None if they are nobody's.

    Args:
        layouts: The layouts that the folders were taken for.
        categories: The names of the categories, each with those of its label folders, all lower case. Where label
            folders are gone, the categories tell.
        is_proven: Tells whether the folders show what a publication asks for beside.
    """
    for publication in PUBLICATIONS:
        known = publication.categories
        if (
            set(layouts) <= set(publication.layouts)
            and all(name in known and _fits(labels, known[name]) for name, labels in categories.items())
            and (not publication.is_whole or len(categories) == len(known))
            and (publication.proof is None or is_proven(publication.proof))
        ):
            return publication
    return None


def _fits(labels: Collection[str], known: frozenset[str] | None) -> bool:
    return known is None or set(labels) <= known
