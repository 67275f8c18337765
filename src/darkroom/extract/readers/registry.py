"""The layouts there are readers for, in the order in which they are asked: the most certain sign comes first."""

from __future__ import annotations

from types import MappingProxyType

from darkroom.extract.readers import dagm_2007, folder, mvtec_ad, mvtec_ad_2, mvtec_loco, table

_IN_ORDER = (table.LAYOUT, dagm_2007.LAYOUT, mvtec_ad_2.LAYOUT, mvtec_loco.LAYOUT, mvtec_ad.LAYOUT, folder.LAYOUT)

LAYOUTS = MappingProxyType({layout.name: layout for layout in _IN_ORDER})
"""All of them, by the name that `layout=` takes. The last one takes whatever has a split."""
