"""The words that titles, makers and places are made of. All of them are invented."""

from __future__ import annotations

from dataclasses import dataclass

FORENAMES = (
    "Ailo",
    "Bretta",
    "Corin",
    "Davit",
    "Elske",
    "Farid",
    "Greta",
    "Hanno",
    "Imre",
    "Jorun",
    "Kaede",
    "Lisbet",
    "Marek",
    "Oona",
    "Petra",
    "Quill",
    "Runa",
    "Sefa",
    "Ulla",
    "Zeno",
)
SURNAMES = (
    "Aldervane",
    "Brisko",
    "Dunmarrow",
    "Eskelund",
    "Farrowby",
    "Grindelsen",
    "Hathermoor",
    "Ilvarsen",
    "Jessamond",
    "Karovets",
    "Morrowmere",
    "Ostrander-Loy",
    "Pellworm",
    "Quarrendon",
    "Rimsdale",
    "Tarnhelm",
    "Umberlow",
    "Vantreel",
    "Wexcombe",
    "Zandmeer",
)
PLACES = (
    "Vessmar",
    "Port Aldry",
    "Kethra Valley",
    "Upper Sarn",
    "Ostermoor",
    "Lake Ingrave",
    "Tamarou",
    "Ivelsund",
    "Nor Quay",
    "Sant Ordal",
    "Mirrabay",
    "Halden Reach",
)
HOURS = ("Evening", "Morning", "Late Light", "First Snow", "Haze", "After Rain", "Low Sun", "Autumn")
LANDS = ("the Hills", "the Lake", "the Seven Ridges", "the Old Road", "the Valley", "the Far Shore")
PLANTS = (
    "Marsh Starflower",
    "Glass Fern",
    "Winter Aster",
    "Lantern Weed",
    "Bell Sorrel",
    "Paper Daisy",
    "Tall Quillwort",
    "Meadow Crown",
    "Salt Berry",
    "Hollow Lily",
)
FIGURES = ("Stepped Diamonds", "Broken Stripes", "Small Squares", "Running Water", "Ladders", "Seed Rows")
CLOTHS = ("Panel", "Shawl", "Hanging", "Fragment", "Cover", "Sash")
VESSELS = ("Jar", "Vase", "Storage Jar", "Vessel", "Pot", "Offering Vessel")
GLAZES = ("Banded Decoration", "Wave Pattern", "Two Bands", "Polished Body", "Painted Shoulder")
DONORS = ("Gift of the Friends of Weaving", "Bequest of Runa Pellworm", "Harbour Fund", "Lantern Society Purchase")
SUBJECTS = ("light", "water", "mountains", "weather", "garden", "daily life", "geometry", "ritual", "trade", "rest")


@dataclass(frozen=True, slots=True)
class Trade:
    """What the works of one kind of picture have in common.

    Attributes:
        departments: The departments that collect works of this kind.
        type_title: What the museum calls such a work.
        mediums: What works of this kind are made of.
        styles: The styles that works of this kind may have.
        years: First and last year of their making.
    """

    departments: tuple[str, ...]
    type_title: str
    mediums: tuple[str, ...]
    styles: tuple[str, ...]
    years: tuple[int, int]


TRADES: dict[str, Trade] = {
    "landscape": Trade(
        ("Painting and Sculpture", "Prints and Drawings"),
        "Painting",
        ("Oil on canvas", "Oil on panel", "Watercolor on wove paper", "Gouache on board"),
        ("Ridge School", "Late Haze", "Nocturne"),
        (1790, 1935),
    ),
    "colour_field": Trade(
        ("Modern and Contemporary Art",),
        "Painting",
        ("Acrylic on canvas", "Oil on unprimed canvas", "Pigment and wax on linen"),
        ("Soft Edge", "Ivelsund Group"),
        (1948, 2015),
    ),
    "tiles": Trade(
        ("Architecture and Design", "Modern and Contemporary Art"),
        "Design",
        ("Screenprint on paper", "Gouache over graphite", "Enamel on steel"),
        ("Quarter Circle", "Ostermoor Workshop"),
        (1915, 1990),
    ),
    "weaving": Trade(
        ("Textiles",),
        "Textile",
        ("Wool, plain weave", "Cotton and silk, supplementary weft", "Linen, brocaded"),
        ("Kethra", "Court Workshop"),
        (1400, 1920),
    ),
    "vessel": Trade(
        ("Ceramics and Glass", "Ancient Collections"),
        "Vessel",
        ("Earthenware, slip-painted", "Stoneware with ash glaze", "Porcelain, overglaze enamel"),
        ("Lakeshore Ware", "Banded Ware"),
        (-900, 1960),
    ),
    "plant": Trade(
        ("Prints and Drawings",),
        "Drawing and Watercolor",
        ("Hand-colored engraving", "Watercolor over graphite", "Lithograph on ivory paper"),
        ("Herbal", "Garden Survey"),
        (1650, 1900),
    ),
}
