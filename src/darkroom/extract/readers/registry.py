"""The layouts there are readers for, in the order in which they are asked: the most certain sign comes first."""

from __future__ import annotations

from types import MappingProxyType

from darkroom.extract.readers import (
    dagm_2007,
    folder,
    kolektor_sdd,
    kolektor_sdd2,
    magnetic_tile,
    mvtec_ad,
    mvtec_ad_2,
    mvtec_loco,
    real_iad,
    table,
    visa,
)

_PLACES_OF_THEIR_OWN = (table.LAYOUT, visa.LAYOUT, real_iad.LAYOUT, magnetic_tile.LAYOUT, kolektor_sdd.LAYOUT)
_WITH_SPLITS = (
    *(kolektor_sdd2.LAYOUT, dagm_2007.LAYOUT),
    *(mvtec_ad_2.LAYOUT, mvtec_loco.LAYOUT, mvtec_ad.LAYOUT, folder.LAYOUT),
)

LAYOUTS = MappingProxyType({layout.name: layout for layout in (*_PLACES_OF_THEIR_OWN, *_WITH_SPLITS)})
"""All of them, by the name that `layout=` takes. The last one takes whatever has a split."""
