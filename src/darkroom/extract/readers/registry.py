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
    real_iad,
    visa,
)

_OWN_PLACES = (visa.LAYOUT, real_iad.LAYOUT, magnetic_tile.LAYOUT, kolektor_sdd.LAYOUT)
_WITH_SPLITS = (kolektor_sdd2.LAYOUT, dagm_2007.LAYOUT, mvtec_ad.LAYOUT, folder.LAYOUT)

LAYOUTS = MappingProxyType({layout.name: layout for layout in (*_OWN_PLACES, *_WITH_SPLITS)})
"""All of them, by the name that `layout=` takes. The last one takes whatever has a split."""
